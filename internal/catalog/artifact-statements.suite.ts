import { at, freshRepository, manifestArgs, tag } from './fixtures.suite.ts';
import { QUERIES } from './queries/table.ts';
import type { Work } from './step.ts';
import type { CommandArgs, CommandName } from './types.ts';

/** What runs a command or query, and notes its statements. */
interface Runs {
  readonly command: <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => Promise<void>;
  readonly query: (name: string, work: Work<unknown>) => Promise<void>;
}

/** Every statement of doors and artifacts: each is run, with the rows there that it looks for. */
export async function everyArtifactStatement({ command, query }: Runs): Promise<void> {
  const repository = freshRepository();
  const raises = { key: 'team', without: [] };
  const guards = { fixed: [], kept: [], raises };
  const manifest = manifestArgs(repository, 'artifact', { tags: [tag('1'), tag('2')], guards });
  await command('putManifest', { ...manifest, description: { by: 'door/1', facts: '{}' } });
  await command('putManifest', { ...manifest, description: { by: 'door/1', facts: '{"a":1}' } });
  const description = { by: 'door/2', facts: undefined };
  await command('describeManifest', { repository, digest: manifest.digest, description, nowMs: 1, raises });

  const team = freshRepository().split('/')[0] as typeof repository;
  await query('findArtifact', QUERIES.findArtifact(repository, tag('1')));
  await query('listArtifacts', QUERIES.listArtifacts(repository, { limit: 10 }));
  await query('listArtifactsBelow', QUERIES.listArtifactsBelow(team, { limit: 10 }));
  await query('listDescribed', QUERIES.listDescribed(team, 'door/2', { limit: 10 }));
  await query('findGeneration', QUERIES.findGeneration('team'));
  await query('listGenerations', QUERIES.listGenerations(team, { limit: 10 }));
  await command('deleteTags', { ...at(), repository: team, below: true, kept: [], raises });
}
