import { everyArtifactStatement } from './artifact-statements.suite.ts';
import { everyAuthStatement } from './auth-statements.suite.ts';
import { COMMANDS } from './commands/table.ts';
import { at, digest, freshRepository, freshUploadId, manifestArgs, SIZE, tag } from './fixtures.suite.ts';
import { everyGcStatement } from './gc-statements.suite.ts';
import { QUERIES } from './queries/table.ts';
import { ROWS } from './restore.suite.ts';
import { everyScrubStatement } from './scrub-statements.suite.ts';
import { everySpaceStatement } from './space-statements.suite.ts';
import type { Text } from './statement.ts';
import { driveAsync, type Step, type Work } from './step.ts';
import type { CommandArgs, CommandName } from './types.ts';

/** Every statement of every command and query, by the name of that: all are run, once and on an empty catalog. */
export async function everyStatement(
  execute: (step: Step) => Promise<unknown>,
): Promise<ReadonlyMap<string, ReadonlySet<Text>>> {
  const seen = new Map<string, Set<Text>>();

  async function query(name: string, work: Work<unknown>): Promise<void> {
    const texts = seen.get(name) ?? new Set();
    seen.set(name, texts);
    await driveAsync(work, (step) => {
      if (step.want !== 'lock') texts.add(step.text);
      return execute(step);
    });
  }
  const command = <Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<void> =>
    query(name, COMMANDS[name].run(args));
  const limits = { limitEach: 5, limitAll: 5 };

  for (let times = 0; times < 2; times += 1) await command('beginRestore', { holder: 'me' });
  await command('restoreRows', { rows: ROWS });
  await command('endRestore', { holder: 'me', nowMs: 1 });
  const [repository, other] = [freshRepository(), freshRepository()];
  const [finished, cancelled] = [freshUploadId(), freshUploadId()];
  for (const id of [finished, cancelled]) {
    await command('createUpload', { ...at(), id, repository, algorithm: 'sha256', ...limits });
    await command('claimUpload', { ...at(), id, repository, untilMs: 2000 });
  }
  await command('renewUpload', { id: finished, epoch: 1, untilMs: 3000 });
  const session = { id: finished, epoch: 1 };
  await command('finishUpload', { ...at(), session, repository, digest: digest('blob'), sizeBytes: SIZE });
  await command('advanceUpload', {
    id: cancelled,
    epoch: 1,
    nowMs: 1,
    offsetBytes: 1,
    digest: undefined,
    state: undefined,
  });
  await command('cancelUpload', { ...at(), id: cancelled, repository });
  await command('createUpload', { ...at(), id: freshUploadId(), repository, algorithm: 'sha256', ...limits });
  await command('expireUploads', { beforeMs: 5000, nowMs: 5000, limit: 9 });
  await command('mountBlob', { ...at(), repository: other, from: repository, digest: digest('blob') });

  const blobs = [{ digest: digest('blob'), sizeBytes: SIZE }];
  const names = { blobs, foreign: [digest('blob')], children: [digest('child')], subject: digest('subject') };
  const manifest = manifestArgs(repository, 'manifest', { ...names, tags: [tag('v1'), tag('v2')] });
  await command('putManifest', manifest);
  await command('putManifest', { ...manifest, mediaType: 'text/other' });
  await command('putManifest', manifestArgs(repository, 'next', { tags: [tag('v1')] }));
  await command('recordEvents', { events: [{ ...at(), action: 'signin', name: 'alice' }] });
  await command('sealChanges', { nowMs: 1, limit: 10 });
  await command('shareCounts', { shares: [{ key: 'a', endsMs: 1, add: 1 }] });
  await command('expireCounts', { beforeMs: 2, limit: 10 });
  await command('moveCursor', { name: 'records', sequence: 1 });
  await command('takeLease', { name: 'job', holder: 'me', nowMs: 1, untilMs: 2 });
  await command('dropLease', { name: 'job', holder: 'me' });

  await query('hasRepository', QUERIES.hasRepository(repository));
  await query('findManifest', QUERIES.findManifest(repository, manifest.digest));
  await query('findTag', QUERIES.findTag(repository, tag('v1')));
  await query('findBlob', QUERIES.findBlob(repository, digest('blob')));
  await query('listHolders', QUERIES.listHolders(digest('blob'), { limit: 10 }));
  await query('listTags', QUERIES.listTags(repository, { limit: 10 }));
  await query('listRepositories', QUERIES.listRepositories({ limit: 10 }));
  await query('listReferrers', QUERIES.listReferrers(repository, digest('subject'), { limit: 10 }));
  await query('listReferrers', QUERIES.listReferrers(repository, digest('subject'), { limit: 10, artifactType: 'x' }));
  await query('findUpload', QUERIES.findUpload(freshUploadId()));
  await query('listTagMoves', QUERIES.listTagMoves(repository, tag('v1'), { limit: 10 }));
  await query('listChanges', QUERIES.listChanges({ limit: 10 }));
  await query('listSeals', QUERIES.listSeals({ limit: 10 }));
  await query('countUnsealed', QUERIES.countUnsealed());
  for (const filter of [{}, { principal: 'alice' }, { repository }, { result: 'denied' as const }]) {
    await query('listAudit', QUERIES.listAudit(filter, { limit: 10 }));
  }
  await query('findCursor', QUERIES.findCursor('records'));
  await query('findRestore', QUERIES.findRestore());
  await query('listBlobs', QUERIES.listBlobs({ limit: 10 }));
  await query('findContent', QUERIES.findContent(digest('blob')));
  await query('listManifests', QUERIES.listManifests(repository, { limit: 10 }));
  await query('totals', QUERIES.totals());

  await command('deleteTag', { ...at(), repository, tag: tag('v2') });
  await command('deleteBlob', { ...at(), repository: other, digest: digest('blob') });
  await command('deleteManifest', { ...at(), repository, digest: manifest.digest });

  await everyArtifactStatement({ command, query });
  await everyAuthStatement({ command, query });

  await everyGcStatement({ command, query });
  await everySpaceStatement({ command, query });
  await everyScrubStatement({ command, query });

  const all = [...Object.keys(COMMANDS), ...Object.keys(QUERIES)];
  const forgotten = all.filter((name) => !seen.has(name));
  if (forgotten.length > 0) throw new Error(`not run: ${forgotten.join(', ')}`);
  return seen;
}
