import prom from 'prom-client';
import { createCounter, createHistogram, type Instrument } from './instruments.ts';
import type { Counter, Exposition, Gauge, GaugeOptions, Histogram, Labels, Metrics, MetricsSnapshot } from './types.ts';

export interface MetricsOptions {
  /** Told of a gauge that could not be collected; the scrape goes on with its last values. */
  readonly onCollectError?: (name: string, error: unknown) => void;
}

/** Metrics in a registry of their own: nothing is in it that no room declared. */
export function createMetrics({ onCollectError }: MetricsOptions = {}): Metrics {
  const registry = new prom.Registry();
  const common = { registers: [registry] };
  // It asks no more of a metric than what an instrument is, whatever its types say.
  const register = (instrument: Instrument): void => registry.registerMetric(instrument as unknown as prom.Metric);
  return {
    counter<Name extends string>(name: string, help: string, labels: readonly Name[]): Counter<Name> {
      const [instrument, counter] = createCounter(name, help, labels);
      register(instrument);
      return counter;
    },

    histogram<Name extends string>(
      name: string,
      help: string,
      labels: readonly Name[],
      buckets: readonly number[],
    ): Histogram<Name> {
      const [instrument, histogram] = createHistogram(name, help, labels, buckets);
      register(instrument);
      return histogram;
    },

    gauge<Name extends string = never>(name: string, help: string, options: GaugeOptions<Name> = {}): Gauge<Name> {
      const { labels = [], collect, merge = 'sum' } = options;
      const handle: Gauge<Name> = { with: (values) => bindGauge(gauge, values) };
      const gauge = new prom.Gauge<string>({
        ...common,
        name,
        help,
        labelNames: [...labels],
        aggregator: merge,
        ...(collect && { collect: () => collectInto(handle, collect, (error) => onCollectError?.(name, error)) }),
      });
      return handle;
    },

    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),

    // Through JSON: the client's own objects share label objects that a message between processes would not.
    snapshot: async () => JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as MetricsSnapshot,
  };
}

/** One scrape for several processes: series of the same name and labels become one, summed unless a gauge says otherwise. */
export async function exposeMerged(snapshots: readonly MetricsSnapshot[]): Promise<Exposition> {
  const merged = prom.AggregatorRegistry.aggregate([...snapshots]);
  return { contentType: merged.contentType, text: await merged.metrics() };
}

function bindGauge(gauge: prom.Gauge, values: Labels<string>): ReturnType<Gauge<string>['with']> {
  gauge.inc({ ...values }, 0);
  const bound = gauge.labels({ ...values });
  return {
    set: (value) => bound.set(value),
    add: (difference) => bound.inc(difference),
  };
}

async function collectInto<Name extends string>(
  gauge: Gauge<Name>,
  collect: NonNullable<GaugeOptions<Name>['collect']>,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    await collect(gauge);
  } catch (error) {
    onError(error);
  }
}
