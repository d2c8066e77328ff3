import { describe, expect, it } from '@jest/globals';
import type { Measured } from './measure.ts';
import { renderGrowth } from './page.ts';
import { growthRows, hasGrown, linesOf } from './report.ts';

const measured = (name: string, small: number, large: number): Measured => ({
  name,
  doc: `GET <${name}>`,
  unit: 'ms',
  small: { rounds: [small, small, small], p99: small * 2 },
  large: { rounds: [large, large, large], p99: large * 4 },
});

const SIZES = [
  { size: 100_000, measured: [measured('flat', 1, 1.1), measured('steep', 2, 6)] },
  { size: 1_000_000, measured: [measured('flat', 1, 1.2), measured('steep', 2, 40)] },
];

describe('the table of growth', () => {
  const lines = linesOf(1000, SIZES);

  it('compares each size with the smallest, as that was beside it', () => {
    expect(growthRows(lines)).toEqual([
      [
        'operation',
        '1,000: p50 (p99)',
        ...['100,000: p50 (p99)', 'to the smallest', '1,000,000: p50 (p99)', 'to the smallest'],
        'at most 2.00 x',
      ],
      [
        'flat',
        '1.00 ms (2.00 ms)',
        ...['1.10 ms (4.40 ms)', '1.10 x (1.10 to 1.10)', '1.20 ms (4.80 ms)', '1.20 x (1.20 to 1.20)'],
        'ok',
      ],
      [
        'steep',
        '2.00 ms (4.00 ms)',
        ...['6.00 ms (24.0 ms)', '3.00 x (3.00 to 3.00)', '40.0 ms (160 ms)', '20.0 x (20.0 to 20.0)'],
        'GROWS FASTER',
      ],
    ]);
  });

  it('tells when something grows faster than a logarithm at the largest size', () => {
    expect(hasGrown(lines)).toBe(true);
    expect(hasGrown(lines.slice(0, 1))).toBe(false);
  });
});

describe('the page of growth', () => {
  const run = {
    program: 'octobench growth',
    version: '1.2.3',
    startedAt: '2026-01-02T03:04:05.000Z',
    machine: { cpu: 'a processor', cores: 2, memoryBytes: 8e9, system: 'linux', node: '26.0.0' },
    settings: { catalog: 'sqlite' },
  };
  const page = renderGrowth(run, linesOf(1000, SIZES));

  it('plots each line, over powers of the size', () => {
    expect(page.match(/<svg/g)).toHaveLength(2);
    // From 1,000 to 100,000 is twice as far as from there to 1,000,000.
    const [, points = ''] = /class="curve s0" points="([^"]+)"/.exec(page) ?? [];
    const [first, second, third] = points.split(' ').map((point) => Number(point.split(',')[0]));
    expect((second! - first!) / (third! - second!)).toBeCloseTo(2);
  });

  it('takes no text for markup, and needs nothing from anywhere', () => {
    expect(page).toContain('GET &lt;steep&gt;');
    expect(page).not.toMatch(/\b(?:src|href)=|url\(|@import|<script/);
  });
});
