import type { Candidate } from '../../../internal/catalog/index.ts';
import type { Command } from '../../../internal/cli/index.ts';
import type { Tally } from '../../../internal/gc/index.ts';
import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { JSON_LINES } from '../shared-options.ts';

export const gc: Command = {
  name: 'gc',
  summary: 'Deletes content that nothing references, beside a running server too; exit 1 if it broke off.',
  example: 'octoserve gc --dry-run',
  options: [
    { flags: '--dry-run', doc: 'list what would go, and delete nothing' },
    { flags: '--grace <duration>', doc: 'in place of gc.review_delay; what a client was told is there stays anyway' },
    { flags: '--repositories <names>', doc: 'only what these uploaded or were the last to reference, as in a,team/b' },
    { flags: '--orphans', doc: 'look through storage first, for content that no row knows' },
    JSON_LINES,
  ],
  takesSettings: true,
  async run({ options, ...input }, io) {
    const [{ withStores }, { openGc }, { count }, { CliError, createProgress, printable }, { answerOf }, { v4 }] =
      await Promise.all([
        import('../stores.ts'),
        import('../gc.ts'),
        import('../findings.ts'),
        import('../../../internal/cli/index.ts'),
        import('../../../internal/gc/index.ts'),
        import('uuid'),
      ]);
    const [graceMs, repositories] = await Promise.all([
      parseGrace(options['grace']),
      parseRepositories(options['repositories']),
    ]);
    const dryRun = options['dryRun'] === true;
    const isJson = options['json'] === true;
    const progress = createProgress(io, { verb: dryRun ? 'Found' : 'Deleted', noun: 'blobs', clock: Date.now });

    function list(candidate: Candidate): void {
      const { digest, sizeBytes, repository = '', sinceMs } = candidate;
      const since = new Date(sinceMs).toISOString();
      progress.clear();
      const garbage = { kind: 'garbage', digest, sizeBytes, repository, since };
      const text = `${digest} ${count(sizeBytes, 'byte')}, ${repository && `of ${repository}, `}unreferenced since ${since}`;
      io.stdout.write(`${isJson ? JSON.stringify(garbage) : printable(text)}\n`);
    }
    let told = 0;
    function tell({ foundBlobs, deletedBlobs }: Tally): void {
      const blobs = dryRun ? foundBlobs : deletedBlobs;
      progress.done(blobs - told);
      told = blobs;
    }

    return withStores({ options, ...input }, io, async (stores) => {
      const collector = openGc(stores, io);
      // What is under way is brought to its end; a second one ends at once.
      const stop = (): void => void collector.close();
      process.once('SIGINT', stop);
      try {
        const begun = await collector.begin({
          trigger: 'command',
          by: { principal: 'octoserve gc', address: 'local', requestId: v4() },
          dryRun,
          graceMs,
          repositories,
          orphans: options['orphans'] === true,
          onProgress: tell,
          ...(dryRun && { onGarbage: list }),
        });
        if (begun.kind === 'busy') {
          throw new CliError('Garbage is being collected already', {
            hint: 'Wait until that is over: the server collects by itself, every gc.interval.',
          });
        }
        const answer = answerOf(await begun.done);
        progress.clear();
        io.stdout.write(`${isJson ? JSON.stringify(answer) : answer.message}\n`);
        return answer.success ? 0 : 1;
      } finally {
        process.off('SIGINT', stop);
      }
    });
  },
};

async function parseGrace(text: string | boolean | undefined): Promise<number | undefined> {
  if (typeof text !== 'string') return undefined;
  const [{ parseDuration }, { UsageError }] = await Promise.all([
    import('../../../internal/config/index.ts'),
    import('../../../internal/cli/index.ts'),
  ]);
  const graceMs = parseDuration(text);
  if (graceMs === undefined) throw new UsageError(`--grace: ${text} is no duration, as 90m or 0 are`);
  return graceMs;
}

async function parseRepositories(text: string | boolean | undefined): Promise<ReadonlySet<RepositoryName> | undefined> {
  if (typeof text !== 'string') return undefined;
  const [{ findRepositoryName }, { UsageError }] = await Promise.all([
    import('../../../pkg/oci/index.ts'),
    import('../../../internal/cli/index.ts'),
  ]);
  const names = text.split(',').map((name) => {
    const repository = findRepositoryName(name.trim());
    if (!repository) throw new UsageError(`--repositories: ${name} is no name of a repository`);
    return repository;
  });
  return new Set(names);
}
