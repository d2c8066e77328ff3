import type { Command } from '../../../internal/cli/index.ts';

export const tagRollback: Command = {
  name: 'tag rollback',
  summary:
    'Points a tag at what it pointed at before, also where that or the tag was deleted; run again, it undoes that.',
  example: 'octoserve tag rollback team/app:latest',
  arguments: ['<tag>'],
  options: [{ flags: '--to <digest>', doc: 'this one of its manifests rather than the last before' }],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { openRegistry }, { parseTagName, refusedAs }, { UsageError }, oci, { v4 }] =
      await Promise.all([
        import('../stores.ts'),
        import('../registry.ts'),
        import('../tag-name.ts'),
        import('../../../internal/cli/index.ts'),
        import('../../../pkg/oci/index.ts'),
        import('uuid'),
      ]);
    const text = input.arguments[0] ?? '';
    const { repository, tag } = parseTagName(text);
    const to = typeof input.options['to'] === 'string' ? input.options['to'] : undefined;
    const digest = to === undefined ? undefined : oci.findDigest(to);
    if (to !== undefined && !digest) throw new UsageError(`--to ${to} is no digest`);
    return withStores(input, io, async (stores) => {
      const by = { principal: 'octoserve tag rollback', address: 'local', requestId: v4() };
      const { history } = await openRegistry(stores);
      const now = await history.rollback(by, repository, tag, digest).catch((failure: unknown) => {
        throw failure instanceof oci.OciError ? refusedAs(text, failure) : failure;
      });
      io.stdout.write(`${text} points at ${now}\n`);
      return 0;
    });
  },
};
