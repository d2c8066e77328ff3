import type { Method } from '../auth/index.ts';
import type { RequestRecord } from '../http/index.ts';
import type { Fields, LogStyle } from '../log/index.ts';
import type { Config } from './options.ts';

/**
 * A program that is one facade's alone: the same server, with every path but `/v2` and the probes the facade's, and with
 * the words of the system whose door it is where they differ from ours.
 */
export interface StandAlone {
  /** Which facade; it must be enabled. */
  readonly facade: string;
  /** Further ways to sign in, with what the program's own configuration says. */
  readonly methods?: readonly Method[];
  readonly logStyle?: LogStyle;
  /** How the line of a request looks in the log. */
  readonly requestRecord?: RequestRecord;
  readonly words?: Partial<Words>;
}

/** What the log is told as the process comes and goes. */
export interface Words {
  readonly starting: (config: Config, version: string, file: string) => Said;
  readonly stopping: string;
  /** Why it could not start. */
  readonly storageFailed: string;
  readonly catalogFailed: string;
  readonly serverFailed: string;
}

export interface Said {
  readonly message: string;
  readonly fields: Fields;
}

export const OWN_WORDS: Words = {
  starting: (_config, version, file) => ({ message: 'Starting octoserve', fields: { version, config_file: file } }),
  stopping: 'Shutting down server...',
  storageFailed: 'Failed to initialize storage',
  catalogFailed: 'Failed to initialize storage',
  serverFailed: 'HTTP server error',
};
