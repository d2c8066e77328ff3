import { at, digest, freshRepository, manifestArgs, SIZE } from './fixtures.suite.ts';
import { QUERIES } from './queries/table.ts';
import type { Work } from './step.ts';
import type { CommandArgs, CommandName } from './types.ts';

/** What runs a command or query, and notes its statements. */
interface Runs {
  readonly command: <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => Promise<void>;
  readonly query: (name: string, work: Work<unknown>) => Promise<void>;
}

/** Every statement of garbage collection: each is run, with the rows there that it looks for. */
export async function everyGcStatement({ command, query }: Runs): Promise<void> {
  const repository = freshRepository();
  const [garbage, kept, given] = [digest('garbage'), digest('kept'), digest('given up')];
  for (const each of [garbage, kept, given]) {
    await command('finishUpload', { ...at(), repository, digest: each, sizeBytes: SIZE, seen: 0 });
  }
  // What was adopted with another size.
  await command('finishUpload', { ...at(), repository, digest: kept, sizeBytes: SIZE + 1 });
  await command('putManifest', manifestArgs(repository, 'keeps', { blobs: [{ digest: kept, sizeBytes: SIZE + 1 }] }));
  await command('extendLease', { repository, digest: garbage, nowMs: 1000, untilMs: 2000 });
  await query('findHeldBlob', QUERIES.findHeldBlob(repository, garbage));
  await query('listCandidates', QUERIES.listCandidates({ after: undefined, untilMs: 5000, limit: 9 }));
  await query('findBlobUse', QUERIES.findBlobUse(garbage, 9));

  const digests = [garbage, given];
  await command('beginDeletions', { ...at(5000), deletion: 'one', digests, beforeMs: 5000 });
  await query('findDeletion', QUERIES.findDeletion(garbage));
  await command('takeOverDeletions', { deletion: 'two', beforeMs: 5000, nowMs: 6000, limit: 9 });
  await command('endDeletions', { deletion: 'two', digests: [garbage] });
  await command('dropDeletion', { digest: given, beforeMs: 6000 });
  await command('dismissCandidates', { digests: [kept], nowMs: 5000 });
  await command('adoptOrphans', { orphans: [{ digest: garbage, sizeBytes: SIZE }], nowMs: 1 });
  await command('recordGcRun', { run: { id: 'run', startedMs: 1, finishedMs: undefined, report: '{}' }, forgetMs: 0 });
  await query('listGcRuns', QUERIES.listGcRuns(9));
}
