import type { RecordRun } from '../run-types.ts';
import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';

const recordRunIn = (table: 'gc_runs' | 'scrub_runs') => {
  const putRun = statement<{ id: string; startedMs: number; finishedMs: number | null; report: string }>()((q, p) =>
    q
      .insertInto(table)
      .values({ id: p.id, started_ms: p.startedMs, finished_ms: p.finishedMs, report: p.report })
      .onConflict((oc) =>
        oc.column('id').doUpdateSet((eb) => ({
          finished_ms: eb.ref('excluded.finished_ms'),
          report: eb.ref('excluded.report'),
        })),
      ),
  );
  const forgetRuns = statement<{ forgetMs: number }>()((q, p) =>
    q.deleteFrom(table).where('started_ms', '<', p.forgetMs),
  );
  return function* recordRun({ run: row, forgetMs }: RecordRun['args']): Work<void> {
    const { id, startedMs, finishedMs, report } = row;
    yield* run(putRun, { id, startedMs, finishedMs: finishedMs ?? null, report });
    yield* run(forgetRuns, { forgetMs });
  };
};

export const recordGcRun = recordRunIn('gc_runs');
export const recordScrubRun = recordRunIn('scrub_runs');
