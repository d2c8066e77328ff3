import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { Machine } from '../report/report.ts';

/** What figures were measured on: without it they mean nothing. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
  };
}
