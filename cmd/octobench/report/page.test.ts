import { describe, expect, it } from '@jest/globals';
import { drawBars } from './chart.ts';
import { renderPage } from './page.ts';
import type { Report, TargetReport } from './report.ts';
import { writeReport } from './table.ts';

const target = (name: string, rate: number): TargetReport => ({
  name,
  url: `http://${name}`,
  rate: { middle: rate, low: rate * 0.9, high: rate * 1.1 },
  rounds: [rate * 0.9, rate, rate * 1.1],
  mediansMs: [1, 1, 1],
  latency: { p50: 1, p90: 2, p99: 3 },
  operations: 1000,
  errors: {},
  receivedBytes: 1e6,
  sentBytes: 1e5,
  cpuMs: undefined,
  rssBytes: 1e8,
  busy: 0.5,
});

const REPORT: Report = {
  program: 'octobench',
  version: '1.2.3',
  startedAt: '2026-01-02T03:04:05.000Z',
  machine: { cpu: 'a processor', cores: 2, memoryBytes: 8e9, system: 'linux', node: '26.0.0' },
  settings: { rounds: 3 },
  ceiling: { requests: 90_000, answers64k: 20_000, downloadBytes: 4e9, uploadBytes: 3e9 },
  workloads: [
    {
      name: 'manifest-by-tag',
      doc: 'GET of <manifests> & more',
      counts: 'operations',
      connections: 32,
      targets: [
        target('ours', 20_000),
        { ...target('<script>alert(1)</script>', 5000), busy: 0.95, errors: { '"500"': 7 } },
      ],
      skipped: { third: 'GET "x" <y>: 404' },
      ratios: [{ of: 'ours', to: 'theirs', ratio: { middle: 4, low: 3.5, high: 4.5 } }],
    },
  ],
};

describe('renderPage', () => {
  const page = renderPage(REPORT);

  it('shows rates, ratios, what was left out, and the generator alone', () => {
    for (const text of [
      '20,000/s',
      '4.00 x (3.50 to 4.50)',
      'third was left out',
      '90,000/s',
      'a processor',
      '1.2.3',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('takes no text for markup', () => {
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('GET of &lt;manifests&gt; &amp; more');
  });

  it('needs nothing from anywhere', () => {
    expect(page).not.toMatch(/\b(?:src|href)=|url\(|@import/);
    expect(page.match(/<svg/g)).toHaveLength(2);
  });
});

describe('drawBars', () => {
  it('draws from zero, the longest over the whole width', () => {
    const drawing = drawBars('rates', [
      { label: 'a', value: 100, text: '100', series: 0 },
      { label: 'b', value: 25, text: '25', series: 1 },
    ]);
    const [long, short] = [...drawing.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
    expect(short! / long!).toBeCloseTo(0.25);
  });

  it('draws what is nothing without a width', () => {
    expect(drawBars('rates', [{ label: 'a', value: 0, text: '0', series: 0 }])).toContain('width="0.0"');
  });
});

describe('writeReport', () => {
  let text = '';
  writeReport({ write: (some) => (text += some) }, REPORT);

  it('has a row for each target, with its errors and what they were', () => {
    expect(text).toMatch(/^ {2}ours +20,000\/s +±10 % +1\.00 ms +2\.00 ms +3\.00 ms +0 +1\.00 MB +100 kB +- +100 MB$/m);
    expect(text).toContain('7 x "500"');
  });

  it('marks the rate that was the generator’s own', () => {
    expect(text).toMatch(/5,000\/s\*/);
    expect(text).toContain('* The generator had nothing to wait for');
  });
});
