import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';
import type { CommandArgs } from '../types.ts';

const putRun = statement<{ id: string; startedMs: number; finishedMs: number | null; report: string }>()((q, p) =>
  q
    .insertInto('scrub_runs')
    .values({ id: p.id, started_ms: p.startedMs, finished_ms: p.finishedMs, report: p.report })
    .onConflict((oc) =>
      oc.column('id').doUpdateSet((eb) => ({
        finished_ms: eb.ref('excluded.finished_ms'),
        report: eb.ref('excluded.report'),
      })),
    ),
);

const forgetRuns = statement<{ forgetMs: number }>()((q, p) =>
  q.deleteFrom('scrub_runs').where('started_ms', '<', p.forgetMs),
);

export function* recordScrubRun({ run: row, forgetMs }: CommandArgs<'recordScrubRun'>): Work<void> {
  const { id, startedMs, finishedMs, report } = row;
  yield* run(putRun, { id, startedMs, finishedMs: finishedMs ?? null, report });
  yield* run(forgetRuns, { forgetMs });
}
