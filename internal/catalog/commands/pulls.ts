import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { each, eachAll, row, run, type Work } from '../step.ts';
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

type Pull = CommandArgs<'recordPulls'>['pulls'][number];

/** A blob that more manifests name tells little of each of them. */
const MOST_OF_BLOB = 1000;

const namingBlob = statement<{ repository: RepositoryName; digest: Digest; limit: number }>()((q, p) =>
  q
    .selectFrom('manifest_blobs')
    .innerJoin('repositories', 'repositories.id', 'manifest_blobs.repository_id')
    .select('manifest_blobs.manifest as digest')
    .where('repositories.name', '=', p.repository)
    .where('manifest_blobs.digest', '=', p.digest)
    .limit(p.limit),
);

export function* recordPulls({ pulls }: CommandArgs<'recordPulls'>): Work<void> {
  const pulled = new Map<string, Omit<Pull, 'of'>>();
  const note = ({ repository, pulledMs }: Pull, digest: Digest): void => {
    const key = `${repository}@${digest}`;
    if (pulledMs > (pulled.get(key)?.pulledMs ?? -1)) pulled.set(key, { repository, digest, pulledMs });
  };
  const ofBlobs = pulls.filter(({ of }) => of === 'blob');
  const naming = yield* eachAll(
    namingBlob,
    ofBlobs.map(({ repository, digest }) => ({ repository, digest, limit: MOST_OF_BLOB })),
  );
  for (const [index, pull] of ofBlobs.entries()) for (const { digest } of naming[index] ?? []) note(pull, digest);
  for (const pull of pulls) if (pull.of === 'manifest') note(pull, pull.digest);
  // In one order, so that two processes that note the same do not wait for each other.
  const inOrder = [...pulled].sort(([left], [right]) => (left < right ? -1 : Number(left > right)));
  yield* each(
    recordPull,
    inOrder.map(([, pull]) => pull),
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
