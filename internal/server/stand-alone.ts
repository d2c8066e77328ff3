import type { Binding, FileRoles, Method } from '../auth/index.ts';
import type { ExitCode } from '../cli/index.ts';
import type { Surroundings } from '../facades/index.ts';
import type { RequestRecord } from '../http/index.ts';
import type { Fields, LogStyle } from '../log/index.ts';
import { OPTION_TABLES, type Config } from './options.ts';

/**
 * A program that is one facade's alone: the same server, with every path but `/v2` and the probes the facade's, and with
 * the words of the system whose door it is where they differ from ours.
 */
export interface StandAlone {
  /** Which facade; it must be enabled. */
  readonly facade: string;
  /** Further ways to sign in, with what the program's own configuration says. */
  readonly methods?: readonly Method[];
  /** What roles mean in `auth.users_file`; the product's own where it is not given. */
  readonly fileRoles?: FileRoles;
  /** Who may what besides, where there is no `auth.users_file`. */
  readonly bindings?: readonly Binding[];
  /** Whether nothing is served at `/v2`, since nothing is kept there. */
  readonly hidesRegistry?: boolean;
  readonly exitCodes?: Partial<ExitCodes>;
  readonly surroundings?: Surroundings;
  readonly logStyle?: LogStyle;
  /** How the line of a request looks in the log. */
  readonly requestRecord?: RequestRecord;
  readonly words?: Partial<Words>;
}

/** What is so in the program of a facade, whatever its configuration says: no other facade is there, and it is one process. */
export function standAloneSettings(facade: string): Readonly<Record<string, string>> {
  const others = OPTION_TABLES.flat()
    .map(({ key }) => key)
    .filter((key) => /^facades\.[^.]+\.enabled$/.test(key) && key !== `facades.${facade}.enabled`);
  return { ...Object.fromEntries(others.map((key) => [key, 'false'])), 'server.workers': '1' };
}

/** What the log is told as the process comes and goes. */
export interface Words {
  readonly starting: (config: Config, version: string, file: string) => Said;
  /** It listens. */
  readonly ready: string;
  readonly stopping: (signal: string) => Said;
  readonly stopped: string;
  /** What could not be opened, so that it cannot start. */
  readonly storageFailed: string;
  readonly catalogFailed: string;
  readonly authFailed: string;
  readonly facadesFailed: string;
  /** It could not start for another reason. */
  readonly startFailed: string;
  /** It could not listen. */
  readonly serverFailed: string;
}

/** How the process ends where it does not end well. */
export interface ExitCodes {
  /** What it works with could not be opened. */
  readonly start: ExitCode;
  readonly listener: ExitCode;
  /** Requests were cut that did not end in time. */
  readonly cut: ExitCode;
}

export const OWN_EXIT_CODES: ExitCodes = { start: 1, listener: 1, cut: 1 };

export interface Said {
  readonly message: string;
  readonly fields: Fields;
}

export const OWN_WORDS: Words = {
  starting: (_config, version, file) => ({ message: 'Starting octoserve', fields: { version, config_file: file } }),
  ready: 'Starting HTTP server',
  stopping: () => ({ message: 'Shutting down server...', fields: {} }),
  stopped: 'Server exited',
  storageFailed: 'Failed to initialize storage',
  catalogFailed: 'Failed to initialize catalog',
  authFailed: 'Failed to initialize authentication',
  facadesFailed: 'Failed to initialize facades',
  startFailed: 'Failed to start',
  serverFailed: 'HTTP server error',
};
