import type { Command } from '../../../internal/cli/index.ts';

export const tagResolve: Command = {
  name: 'tag resolve',
  summary: 'Says what a tag pointed at at a time, to be pulled by that digest; exit 1 if it was not there.',
  example: 'octoserve tag resolve team/app:latest --at 2026-01-31T10:00Z',
  arguments: ['<tag>'],
  options: [
    { flags: '--at <time>', doc: 'the moment, or how long ago it was: 2026-01-31T10:00Z, 90m, 7d (default: now)' },
    { flags: '--json', doc: 'as JSON' },
  ],
  takesSettings: true,
  async run(input, io) {
    const [
      { withStores },
      { openRegistry },
      { findTime },
      { parseTagName, refusedAs },
      { UsageError, writeJson },
      oci,
    ] = await Promise.all([
      import('../stores.ts'),
      import('../registry.ts'),
      import('../times.ts'),
      import('../tag-name.ts'),
      import('../../../internal/cli/index.ts'),
      import('../../../pkg/oci/index.ts'),
    ]);
    const text = input.arguments[0] ?? '';
    const { repository, tag } = parseTagName(text);
    const at = input.options['at'];
    const atMs = typeof at === 'string' ? findTime(at, Date.now()) : Date.now();
    if (atMs === undefined) throw new UsageError(`--at ${String(at)} is no time`);
    return withStores(input, io, async (stores) => {
      const { history } = await openRegistry(stores);
      const { digest, sinceMs, isHere } = await history.resolve(repository, tag, atMs).catch((failure: unknown) => {
        throw failure instanceof oci.OciError ? refusedAs(text, failure) : failure;
      });
      const since = new Date(sinceMs).toISOString();
      if (input.options['json'] === true) writeJson(io.stdout, { digest, since, available: isHere });
      else io.stdout.write(`${repository}@${digest}\n`);
      if (!isHere) io.stderr.write(`warning: it was deleted; octoserve tag restore ${repository}@${digest} may help\n`);
      return 0;
    });
  },
};
