import prom from 'prom-client';
import type { Counter, Exposition, Gauge, GaugeOptions, Histogram, Labels, Metrics, MetricsSnapshot } from './types.ts';

export interface MetricsOptions {
  /** Told of a gauge that could not be collected; the scrape goes on with its last values. */
  readonly onCollectError?: (name: string, error: unknown) => void;
}

/** Metrics in a registry of their own: nothing is in it that no room declared. */
export function createMetrics({ onCollectError }: MetricsOptions = {}): Metrics {
  const registry = new prom.Registry();
  const common = { registers: [registry] };
  return {
    counter<Name extends string>(name: string, help: string, labels: readonly Name[]): Counter<Name> {
      const counter = new prom.Counter<string>({ ...common, name, help, labelNames: [...labels] });
      return {
        with(values) {
          counter.inc({ ...values }, 0); // a series that is shown from zero has a rate from its first event
          const bound = counter.labels({ ...values });
          return { add: (count) => bound.inc(count) };
        },
      };
    },

    histogram<Name extends string>(
      name: string,
      help: string,
      labels: readonly Name[],
      buckets: readonly number[],
    ): Histogram<Name> {
      const labelNames = [...labels];
      const histogram = new prom.Histogram<string>({ ...common, name, help, labelNames, buckets: [...buckets] });
      return {
        with(values) {
          const bound = histogram.labels({ ...values });
          return { observe: (value) => bound.observe(value) };
        },
      };
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
