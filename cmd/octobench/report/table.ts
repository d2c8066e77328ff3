import { writeTable, type Writer } from '../../../internal/cli/index.ts';
import { TOO_BUSY } from '../measure/rounds.ts';
import { formatNumber, formatRate, formatRatio, formatSize, formatSpread, formatTime } from './format.ts';
import type { Report, TargetReport, WorkloadReport } from './report.ts';

const HEADINGS = ['', 'rate', 'spread', 'p50', 'p90', 'p99', 'errors', 'in', 'out', 'cpu/op', 'memory'];

function rowOf(target: TargetReport, { counts }: WorkloadReport): readonly string[] {
  const { name, rate, latency, errors, receivedBytes, sentBytes, cpuMs, rssBytes, busy } = target;
  const errorSum = Object.values(errors).reduce((sum, count) => sum + count, 0);
  return [
    `  ${name}`,
    `${formatRate(rate.middle, counts)}${busy > TOO_BUSY ? '*' : ''}`,
    formatSpread(rate),
    ...[latency.p50, latency.p90, latency.p99].map(formatTime),
    formatNumber(errorSum),
    formatSize(receivedBytes),
    formatSize(sentBytes),
    cpuMs ? formatTime(cpuMs.middle) : '-',
    rssBytes === undefined ? '-' : formatSize(rssBytes),
  ];
}

function writeWorkload(writer: Writer, workload: WorkloadReport): void {
  const { name, doc, connections, targets, ratios, skipped } = workload;
  writer.write(`\n${name}: ${doc}; ${connections} at once\n`);
  if (targets.length > 0) writeTable(writer, [HEADINGS, ...targets.map((target) => rowOf(target, workload))]);
  for (const [target, reason] of Object.entries(skipped)) writer.write(`  ${target} was left out: ${reason}\n`);
  for (const { of, to, ratio } of ratios) writer.write(`  ${of} is at ${formatRatio(ratio)} of ${to}\n`);
  for (const target of targets) {
    for (const [what, count] of Object.entries(target.errors)) writer.write(`  ${target.name}: ${count} x ${what}\n`);
  }
}

/** What was measured on, and the generator's own limits. */
export function writeMachine(writer: Writer, { machine, ceiling }: Report): void {
  const { cpu, cores, memoryBytes, system, node } = machine;
  writer.write(`${cpu}, ${cores} cores, ${formatSize(memoryBytes)}; ${system}; Node ${node}\n`);
  writer.write(
    `The generator alone, against a server that does nothing: ${formatRate(ceiling.requests, 'operations')}, ` +
      `${formatRate(ceiling.answers64k, 'operations')} of 64 KiB, ${formatRate(ceiling.downloadBytes, 'bytes')} in, ` +
      `${formatRate(ceiling.uploadBytes, 'bytes')} out\n`,
  );
}

/** The report for people. */
export function writeReport(writer: Writer, report: Report): void {
  const { workloads } = report;
  writeMachine(writer, report);
  for (const workload of workloads) writeWorkload(writer, workload);
  const isLimited = workloads.some(({ targets }) => targets.some(({ busy }) => busy > TOO_BUSY));
  if (isLimited) writer.write('\n* The generator had nothing to wait for: the target may be faster than this.\n');
}
