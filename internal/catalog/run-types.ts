/** A run of something that is done to the whole store from time to time. `report` is its own text. */
export interface RunRow {
  readonly id: string;
  readonly startedMs: number;
  readonly finishedMs: number | undefined;
  readonly report: string;
}

/** What notes a run, or how it goes on; runs from before `forgetMs` are forgotten. */
export interface RecordRun {
  args: { readonly run: RunRow; readonly forgetMs: number };
  result: void;
}

/** The table of runs that each kind has (migrations/0004-gc.ts, migrations/0011-scrub.ts). */
export interface RunsTable {
  id: string;
  started_ms: number;
  finished_ms: number | null;
  report: string;
}
