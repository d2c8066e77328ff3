import type { CommandOption } from '../../internal/cli/index.ts';
import type { Call } from './command.ts';
import { parsePartition } from './values.ts';

export const PARTITION_OPTIONS: readonly CommandOption[] = [
  { flags: '--start-partition <n>', doc: 'the first partition that gets it (0)' },
  { flags: '--end-partition <n>', doc: 'the last one (9)' },
];

/** For whom a version is: everybody where nothing is said. */
export function partitionsOf(call: Call): { readonly startPartition: number; readonly endPartition: number } {
  return {
    startPartition: parsePartition(call.flag('startPartition') ?? '0', '--start-partition'),
    endPartition: parsePartition(call.flag('endPartition') ?? '9', '--end-partition'),
  };
}
