import type { Artifacts } from '../artifacts/index.ts';
import type { Decision } from '../auth/index.ts';
import type { ExitCode } from '../cli/index.ts';
import type { AskedAccess } from './explain-access.ts';
import type { RunOptions } from './lifecycle.ts';
import type { Config } from './options.ts';

export type { AskedAccess } from './explain-access.ts';
export type { RunOptions } from './lifecycle.ts';
export { standAloneSettings, type Said, type StandAlone, type Words } from './stand-alone.ts';
export { judgeConfig, OPTION_TABLES, type Config } from './options.ts';

/** Serves until told to stop. Loaded only here, so that what reads the configuration alone starts quickly. */
export async function runServer(options: RunOptions): Promise<ExitCode> {
  const lifecycle = await import('./lifecycle.ts');
  return lifecycle.runServer(options);
}

/** Whether somebody may do something, and what says so. */
export async function explainAccess(asked: AskedAccess): Promise<Decision | undefined> {
  const explaining = await import('./explain-access.ts');
  return explaining.explainAccess(asked);
}

/** Opens the stores beside whatever server uses them, for a command that works on artifacts. */
export async function withArtifacts<Result>(
  config: Config,
  use: (artifacts: Artifacts) => Promise<Result>,
): Promise<Result> {
  const opening = await import('./open-artifacts.ts');
  return opening.withArtifacts(config, use);
}
