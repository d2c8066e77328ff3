import type { Digest } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { endLeases } from './gc-candidates.ts';
import { recordChange } from './record-change.ts';

const lockMembership = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('repository_blobs')
    .select('digest')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .forUpdate(),
);

/** A manifest's own bytes are no reference to a blob of the repository: only config and layers are. */
const referenceTo = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('manifest_blobs')
    .select('manifest')
    .where('digest', '=', p.digest)
    .where('repository_id', '=', p.repository)
    .whereRef('manifest', '!=', 'digest')
    .orderBy('manifest')
    .limit((eb) => eb.lit(1)),
);

const deleteMembership = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q.deleteFrom('repository_blobs').where('repository_id', '=', p.repository).where('digest', '=', p.digest),
);

/** Takes the blob out of the repository. Its content stays until nothing needs it. */
export function* deleteBlob(args: CommandArgs<'deleteBlob'>): Work<CommandResult<'deleteBlob'>> {
  const repository = yield* findRepository(args.repository);
  if (repository === undefined) return { kind: 'absent' };
  // Locked first and judged by the next statement, which sees what a push committed that this one waited for.
  if (!(yield* row(lockMembership, { repository, digest: args.digest }))) return { kind: 'absent' };
  const reference = yield* row(referenceTo, { repository, digest: args.digest });
  if (reference) return { kind: 'referenced', manifest: reference.manifest };
  yield* run(deleteMembership, { repository, digest: args.digest });
  yield* recordChange(args, { action: 'blob.delete', name: args.digest });
  yield* endLeases(repository, [args.digest]);
  return { kind: 'deleted' };
}
