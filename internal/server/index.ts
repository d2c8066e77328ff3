import type { ExitCode } from '../cli/index.ts';
import type { RunOptions } from './lifecycle.ts';

export type { RunOptions } from './lifecycle.ts';
export { judgeConfig, OPTION_TABLES, type Config } from './options.ts';

/** Serves until told to stop. Loaded only here, so that what reads the configuration alone starts quickly. */
export async function runServer(options: RunOptions): Promise<ExitCode> {
  const lifecycle = await import('./lifecycle.ts');
  return lifecycle.runServer(options);
}
