import type { DumpRow } from './dump-rows.ts';

export interface RestoreQueries {
  /** Who fills this catalog from elsewhere and has not come to an end: until then it is not to be served. */
  findRestore(): Promise<string | undefined>;
}

export interface RestoreCommands {
  /** Begins to fill a catalog that holds nothing, or goes on with what the same holder began. `holder` says from what. */
  beginRestore: {
    args: { readonly holder: string };
    result:
      | Readonly<{ kind: 'begun' | 'resumed' }>
      | Readonly<{ kind: 'notEmpty' }>
      /** What another restore began is there, in part. */
      | Readonly<{ kind: 'unfinished'; holder: string }>;
  };
  /** Adds rows, whatever their order; one that is there already is replaced, or left where it says the same. */
  restoreRows: { args: { readonly rows: readonly DumpRow[] }; result: void };
  /** Ends a restore: from now on the catalog may be served. All that was restored is on stable storage when it resolves. */
  endRestore: { args: { readonly holder: string; readonly nowMs: number }; result: void };
}
