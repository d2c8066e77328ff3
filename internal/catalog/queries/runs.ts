import type { RunRow } from '../run-types.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import { rowsOf } from './page.ts';

const listRunsOf = (table: 'gc_runs' | 'scrub_runs') => {
  const lastRuns = statement<{ limit: number }>()((q, p) =>
    q
      .selectFrom(table)
      .select(['id', 'started_ms as startedMs', 'finished_ms as finishedMs', 'report'])
      .orderBy('started_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(p.limit),
  );
  return function* listRuns(limit: number): Work<readonly RunRow[]> {
    const found = yield* rows(lastRuns, { limit: rowsOf({ limit }) });
    return found.map((each) => ({ ...each, finishedMs: each.finishedMs ?? undefined }));
  };
};

export const listGcRuns = listRunsOf('gc_runs');
export const listScrubRuns = listRunsOf('scrub_runs');
