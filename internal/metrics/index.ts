export { createMetrics, exposeMerged, type MetricsOptions } from './metrics.ts';
export type { Counter, Exposition, Gauge, GaugeOptions, Histogram, Labels, Metrics, MetricsSnapshot } from './types.ts';
