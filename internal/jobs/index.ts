export type { Job, Turn } from './job.ts';
export * from './jobs.ts';
export { runUnderLease } from './leased-run.ts';
export type { JobLog, JobsDeps } from './runner.ts';
export * from './types.ts';
