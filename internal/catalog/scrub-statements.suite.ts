import { at, digest, freshRepository, manifestArgs, SIZE, tag } from './fixtures.suite.ts';
import { QUERIES } from './queries/table.ts';
import type { Work } from './step.ts';
import type { CommandArgs, CommandName } from './types.ts';

/** What runs a command or query, and notes its statements. */
interface Runs {
  readonly command: <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => Promise<void>;
  readonly query: (name: string, work: Work<unknown>) => Promise<void>;
}

/** Every statement of the scrub: each is run, with the rows there that it looks for. */
export async function everyScrubStatement({ command, query }: Runs): Promise<void> {
  const repository = freshRepository();
  const rotten = digest('rotten');
  await command('finishUpload', { ...at(), repository, digest: rotten, sizeBytes: SIZE });
  const blobs = [{ digest: rotten, sizeBytes: SIZE }];
  await command('putManifest', manifestArgs(repository, 'hurt', { blobs, tags: [tag('v1')] }));
  await command('putManifest', manifestArgs(repository, 'hurt index', { children: [digest('hurt')] }));
  for (let times = 0; times < 2; times += 1) {
    await command('quarantine', { ...at(5000), digest: rotten, problem: 'wrong content' });
  }
  await query('listQuarantine', QUERIES.listQuarantine({ limit: 9 }));
  await query('listHurt', QUERIES.listHurt(rotten, 9));
  await command('finishUpload', { ...at(), repository, digest: rotten, sizeBytes: SIZE, seen: 0, replaced: true });
  await command('quarantine', { ...at(6000), digest: rotten, problem: 'wrong content' });
  await command('liftQuarantine', { ...at(), digest: rotten, foundMs: 6000 });
  await command('recordScrubRun', {
    run: { id: 'run', startedMs: 1, finishedMs: undefined, report: '{}' },
    forgetMs: 0,
  });
  await query('listScrubRuns', QUERIES.listScrubRuns(9));
}
