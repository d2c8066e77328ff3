import type { Counter, Histogram, Labels } from './types.ts';

// Counted with every request, so that counting may cost nothing to speak of: numbers in memory, and everything else
// (labels, text, sums over processes) when somebody looks. prom-client's own cost more than to find a manifest's row.

/** A value as prom-client writes and merges it. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** What prom-client's registry asks of a metric. */
export interface Instrument {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  readonly aggregator: 'sum';
  get(): Promise<Instrument & { readonly values: readonly Sample[] }>;
}

/** One cell for each combination of values, in the order in which they were bound. */
class Cells<Cell> {
  readonly #names: readonly string[];
  readonly #make: () => Cell;
  readonly #cells = new Map<string, { readonly labels: Record<string, string>; readonly cell: Cell }>();

  constructor(names: readonly string[], make: () => Cell) {
    this.#names = names;
    this.#make = make;
  }

  of(values: Labels<string>): Cell {
    const labels = Object.fromEntries(this.#names.map((name) => [name, values[name] ?? '']));
    const key = JSON.stringify(Object.values(labels));
    let found = this.#cells.get(key);
    if (!found) this.#cells.set(key, (found = { labels, cell: this.#make() }));
    return found.cell;
  }

  samples(read: (cell: Cell, labels: Record<string, string>) => readonly Sample[]): readonly Sample[] {
    return [...this.#cells.values()].flatMap(({ labels, cell }) => read(cell, labels));
  }
}

function createInstrument(head: Pick<Instrument, 'name' | 'help' | 'type'>, read: () => readonly Sample[]): Instrument {
  const instrument: Instrument = {
    ...head,
    aggregator: 'sum',
    get: async () => ({ ...instrument, values: read() }),
  };
  return instrument;
}

export function createCounter(name: string, help: string, labels: readonly string[]): [Instrument, Counter<string>] {
  const cells = new Cells(labels, () => ({ value: 0 }));
  const read = (): readonly Sample[] => cells.samples(({ value }, own) => [{ labels: own, value }]);
  return [
    createInstrument({ name, help, type: 'counter' }, read),
    {
      with(values) {
        const cell = cells.of(values);
        return { add: (count) => void (cell.value += count) };
      },
    },
  ];
}

interface Buckets {
  /** Of each bound those beyond the one before, then those beyond all. */
  readonly counts: Float64Array;
  sum: number;
}

export function createHistogram(
  name: string,
  help: string,
  labels: readonly string[],
  bounds: readonly number[],
): [Instrument, Histogram<string>] {
  const cells = new Cells<Buckets>(labels, () => ({ counts: new Float64Array(bounds.length + 1), sum: 0 }));

  function samplesOf({ counts, sum }: Buckets, own: Record<string, string>): readonly Sample[] {
    let below = 0;
    const buckets = [...bounds, '+Inf'].map((le, index): Sample => {
      below += counts[index] ?? 0;
      return { labels: { le, ...own }, value: below, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels: own, value: sum, metricName: `${name}_sum` },
      { labels: own, value: below, metricName: `${name}_count` },
    ];
  }

  return [
    createInstrument({ name, help, type: 'histogram' }, () => cells.samples(samplesOf)),
    {
      with(values) {
        const cell = cells.of(values);
        const { counts } = cell;
        return {
          observe(value) {
            let index = 0;
            while (index < bounds.length && value > (bounds[index] as number)) index += 1;
            counts[index] = (counts[index] as number) + 1;
            cell.sum += value;
          },
        };
      },
    },
  ];
}
