/** The servers of the table: as they come, and `(auto)` with a worker for each processor, as distribution uses all by itself. */
export const SERVERS = ['ours', 'ours (auto)', 'bare node', 'bare node (auto)', 'distribution'] as const;
export type ServerName = (typeof SERVERS)[number];

/** How the servers are set up for a group of steps. */
export interface Setup {
  readonly name: string;
  readonly durability: 'full' | 'os';
  readonly logsRequests: boolean;
  /** Whether what was uploaded is removed after each round, so that all rounds find the disk alike. */
  readonly clearsUploads: boolean;
}

/** What a step has to show. */
export type Goal =
  /** So many times the rate of distribution; or nine tenths of the bare server's, where that is less. */
  | Readonly<{ kind: 'times'; factor: number }>
  /** The median time of an operation at most so long, beyond that of `beyond`. */
  | Readonly<{ kind: 'within'; limitMs: number; beyond?: string }>;

/** One line of the table: a workload under a setup. */
export interface Step {
  readonly name: string;
  readonly setup: Setup;
  readonly workload: string;
  readonly connections?: number;
  /** Who runs it besides `ours`. */
  readonly with: readonly ServerName[];
  /** Undefined: only there for another step. */
  readonly goal: Goal | undefined;
}

/** What a single figure has to show: the best of several tries, at most so much. */
export interface Limit {
  readonly name: string;
  readonly unit: 'ms' | 'MB';
  readonly limit: number;
}
