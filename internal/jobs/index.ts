export type { Job, Turn } from './job.ts';
export * from './jobs.ts';
export { runUnderLease, type LeaseDeps, type LeasedTurn } from './leased-run.ts';
export * from './run-group.ts';
export type { JobLog, JobsDeps } from './runner.ts';
export * from './types.ts';
