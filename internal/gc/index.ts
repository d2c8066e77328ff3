export * from './answer.ts';
export type { Tally } from './collect.ts';
export * from './explain.ts';
export * from './gc.ts';
export { declareGcMetrics } from './metrics.ts';
export * from './options.ts';
export { adoptOrphans, type Orphans } from './orphans.ts';
export type { GcRun, Trigger } from './run.ts';
