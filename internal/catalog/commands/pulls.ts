import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { each, row, run, type Work } from '../step.ts';
import type { CommandArgs } from '../types.ts';

const recordPull = statement<{ repository: RepositoryName; digest: Digest; pulledMs: number }>()((q, p) =>
  q
    .insertInto('pulls')
    .columns(['repository_id', 'digest', 'pulled_ms'])
    .expression((eb) =>
      eb
        .selectFrom('manifests')
        .innerJoin('repositories', 'repositories.id', 'manifests.repository_id')
        .select((inner) => [
          'manifests.repository_id',
          'manifests.digest',
          inner.cast<number>(inner.val(p.pulledMs), 'bigint').as('pulled_ms'),
        ])
        .where('repositories.name', '=', p.repository)
        .where('manifests.digest', '=', p.digest),
    )
    .onConflict((oc) =>
      oc
        .columns(['repository_id', 'digest'])
        .doUpdateSet((eb) => ({ pulled_ms: eb.ref('excluded.pulled_ms') }))
        .whereRef('excluded.pulled_ms', '>', 'pulls.pulled_ms'),
    ),
);

export function* recordPulls({ pulls }: CommandArgs<'recordPulls'>): Work<void> {
  // In one order, so that two processes that note the same do not wait for each other.
  const inOrder = pulls.toSorted((a, b) => {
    const [left, right] = [`${a.repository}@${a.digest}`, `${b.repository}@${b.digest}`];
    return left < right ? -1 : Number(left > right);
  });
  yield* each(
    recordPull,
    inOrder.map(({ repository, digest, pulledMs }) => ({ repository, digest, pulledMs })),
  );
}

const recordUse = statement<{ repository: number; digest: Digest; nowMs: number }>()((q, p) =>
  q
    .insertInto('pulls')
    .values({ repository_id: p.repository, digest: p.digest, pulled_ms: p.nowMs })
    .onConflict((oc) =>
      oc
        .columns(['repository_id', 'digest'])
        .doUpdateSet((eb) => ({ pulled_ms: eb.ref('excluded.pulled_ms') }))
        .whereRef('excluded.pulled_ms', '>', 'pulls.pulled_ms'),
    ),
);

const usedSince = statement<{ repository: number; digest: Digest; sinceMs: number }>()((q, p) =>
  q
    .selectFrom('pulls')
    .select('pulled_ms')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .where('pulled_ms', '>', p.sinceMs),
);

/** Somebody pushed what is there again, and relies on it: to the rules that go by pulls that is one. */
export function* noteUse(repository: number, digest: Digest, nowMs: number): Work<void> {
  yield* run(recordUse, { repository, digest, nowMs });
}

/** Whether somebody pulled the manifest or pushed it again since then. To be asked when its row is locked. */
export function* wasUsedSince(repository: number, digest: Digest, sinceMs: number): Work<boolean> {
  return (yield* row(usedSince, { repository, digest, sinceMs })) !== undefined;
}
