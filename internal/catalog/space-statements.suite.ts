import { at, digest, freshRepository, manifestArgs, tag } from './fixtures.suite.ts';
import { QUERIES } from './queries/table.ts';
import type { Work } from './step.ts';
import type { CommandArgs, CommandName } from './types.ts';

/** What runs a command or query, and notes its statements. */
interface Runs {
  readonly command: <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => Promise<void>;
  readonly query: (name: string, work: Work<unknown>) => Promise<void>;
}

/** Every statement of guards, history, retention and accounting: each is run, with the rows there that it looks for. */
export async function everySpaceStatement({ command, query }: Runs): Promise<void> {
  const repository = freshRepository();
  const guards = { fixed: ['v*'], kept: ['v*'] };
  await command('putManifest', manifestArgs(repository, 'child of a kept one'));
  const children = [digest('child of a kept one')];
  await command('putManifest', manifestArgs(repository, 'kept one', { children, tags: [tag('v1')] }));
  await command('deleteManifest', { ...at(), repository, digest: digest('child of a kept one'), guards });
  await command('deleteManifest', { ...at(), repository, digest: digest('kept one'), keepMs: 5000 });
  await query('findTagMove', QUERIES.findTagMove(repository, tag('v1'), 5000));
  await query('findDeletedManifest', QUERIES.findDeletedManifest(repository, digest('kept one')));
  await query('listDeletedManifests', QUERIES.listDeletedManifests(repository, { limit: 1 }));
  await command('putManifest', manifestArgs(repository, 'pulled', { tags: [tag('a')] }));
  for (const kind of ['manifest', 'blob'] as const)
    await command('recordPulls', { pulls: [{ of: kind, repository, digest: digest('pulled'), pulledMs: 1 }] });
  await query('listTagTimes', QUERIES.listTagTimes(repository, { limit: 1 }));
  await query('listManifestTimes', QUERIES.listManifestTimes(repository, { limit: 1 }));
  await query('quotaUse', QUERIES.quotaUse(['**'], 1));
  const quotas = [{ name: 'all', repositories: ['**'], limitBytes: 1_000_000 }];
  await command('putManifest', manifestArgs(repository, 'within', { quotas }));
  await query('listBlobShares', QUERIES.listBlobShares({ limit: 1 }));
  await query('listRepositoryBytes', QUERIES.listRepositoryBytes({ limit: 1 }));
  await query('listUploadBytes', QUERIES.listUploadBytes());
  await query('pullsSince', QUERIES.pullsSince());
  await command('deleteTag', { ...at(), repository, tag: tag('a'), at: digest('pulled') });
  await command('deleteManifest', { ...at(), repository, digest: digest('pulled'), onlyTags: [] });
  await command('forgetDeleted', { beforeMs: 5000, limit: 1 });
}
