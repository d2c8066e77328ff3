import type { Command } from '../../../internal/cli/index.ts';

export const tagRestore: Command = {
  name: 'tag restore',
  summary: 'Brings a deleted manifest back, which is possible until its content is collected.',
  example: 'octoserve tag restore team/app@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  arguments: ['<manifest>'],
  options: [{ flags: '--tags <tags>', doc: 'tags to point at it, as in v1,latest' }],
  takesSettings: true,
  async run(input, io) {
    const [{ withStores }, { openRegistry }, { parseManifestName, refusedAs }, { UsageError }, oci, { v4 }] =
      await Promise.all([
        import('../stores.ts'),
        import('../registry.ts'),
        import('../tag-name.ts'),
        import('../../../internal/cli/index.ts'),
        import('../../../pkg/oci/index.ts'),
        import('uuid'),
      ]);
    const text = input.arguments[0] ?? '';
    const { repository, digest } = parseManifestName(text);
    const names = typeof input.options['tags'] === 'string' ? input.options['tags'].split(',') : [];
    const tags = names.map((name) => {
      const tag = oci.findTag(name.trim());
      if (!tag) throw new UsageError(`--tags: ${name} is no tag`);
      return tag;
    });
    return withStores(input, io, async (stores) => {
      const by = { principal: 'octoserve tag restore', address: 'local', requestId: v4() };
      const { history } = await openRegistry(stores);
      await history.restore(by, repository, digest, tags).catch((failure: unknown) => {
        throw failure instanceof oci.OciError ? refusedAs(text, failure) : failure;
      });
      io.stdout.write(`${text} is there again\n`);
      return 0;
    });
  },
};
