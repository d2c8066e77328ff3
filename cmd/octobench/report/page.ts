import { drawBars } from './chart.ts';
import { escapeHtml } from './escape.ts';
import { formatNumber, formatRate, formatRatio, formatSize, formatSpread, formatTime } from './format.ts';
import type { Report, WorkloadReport } from './report.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --faint: #6b7280; --paper: #fff; --line: #e5e7eb }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --faint: #9ca3af; --paper: #16181c; --line: #2d3138 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.5rem } p, figcaption { color: var(--faint) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line) } th:first-child, td:first-child { text-align: left }
figure { margin: 1rem 0 } svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink) }
svg text { dominant-baseline: central } svg .label { text-anchor: end }
.whisker { stroke: var(--ink); stroke-width: 2 } .dot { fill: var(--paper); stroke: var(--ink) }
.s0 { fill: #2f6fde } .s1 { fill: #e08a1e } .s2 { fill: #2a9d63 } .s3 { fill: #b3479f } .s4 { fill: #7c8798 } .s5 { fill: #c2473a }
`;

const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;

export const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table>${row('th', headings)}${rows.map((cells) => row('td', cells)).join('')}</table>`;

export function figure(caption: string, drawing: string): string {
  return `<figure>${drawing}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function section(workload: WorkloadReport): string {
  const { name, doc, connections, counts, targets, skipped, ratios } = workload;
  const rates = targets.map((target, series) => ({
    label: target.name,
    value: target.rate.middle,
    text: `${formatRate(target.rate.middle, counts)} ${formatSpread(target.rate)}`,
    series,
    range: [target.rate.low, target.rate.high] as const,
    dots: target.rounds,
  }));
  const times = (['p50', 'p90', 'p99'] as const).flatMap((quantile) =>
    targets.map(({ name: label, latency }, series) => {
      const value = latency[quantile];
      return { label: `${label} ${quantile}`, value, text: formatTime(value), series };
    }),
  );
  const rows = targets.map(({ name: target, operations, errors, receivedBytes, sentBytes, cpuMs, rssBytes }) => [
    target,
    formatNumber(operations),
    formatNumber(Object.values(errors).reduce((sum, count) => sum + count, 0)),
    formatSize(receivedBytes),
    formatSize(sentBytes),
    cpuMs ? formatTime(cpuMs.middle) : '-',
    rssBytes === undefined ? '-' : formatSize(rssBytes),
  ]);
  const notes = [
    ...ratios.map(({ of, to, ratio }) => `${of} is at ${formatRatio(ratio)} of ${to}.`),
    ...Object.entries(skipped).map(([target, reason]) => `${target} was left out: ${reason}.`),
  ];
  return [
    `<section><h2>${escapeHtml(name)}</h2><p>${escapeHtml(`${doc}; ${connections} at once`)}</p>`,
    ...notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    figure('Rate: median; the line spans the quartiles, a dot is a round', drawBars(`rates of ${name}`, rates)),
    figure('Latency of all rounds', drawBars(`latencies of ${name}`, times)),
    table(['', 'operations', 'errors', 'in', 'out', 'cpu/op', 'memory'], rows),
    '</section>',
  ].join('\n');
}

/** One HTML file that needs nothing else: no script, no style and no image from anywhere. */
export function renderDocument(title: string, parts: readonly string[], style = ''): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>octobench</title><style>${STYLE}${style}</style></head>
<body>
<h1>${escapeHtml(title)}</h1>
${parts.join('\n')}
</body>
</html>
`;
}

/** What figures were measured on and with. */
export function describeRun({ machine, version, settings }: Omit<Report, 'ceiling' | 'workloads'>): string {
  const { cpu, cores, memoryBytes, system, node } = machine;
  const shown = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return `${cpu}, ${cores} cores, ${formatSize(memoryBytes)}; ${system}; Node ${node}; octobench ${version}; ${shown.join(', ')}`;
}

/** The report as a page. `lead` comes first. */
export function renderPage(report: Report, lead = ''): string {
  const { ceiling, workloads, startedAt } = report;
  const alone = `The generator alone, against a server that does nothing: ${formatRate(ceiling.requests, 'operations')}, ${formatRate(ceiling.answers64k, 'operations')} of 64 KiB, ${formatRate(ceiling.downloadBytes, 'bytes')} in, ${formatRate(ceiling.uploadBytes, 'bytes')} out.`;
  return renderDocument(`octobench, ${startedAt}`, [
    `<p>${escapeHtml(describeRun(report))}</p>`,
    `<p>${escapeHtml(alone)}</p>`,
    lead,
    ...workloads.map(section),
  ]);
}
