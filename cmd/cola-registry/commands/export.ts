import { CliError, UsageError, writeJson, type Command } from '../../../internal/cli/index.ts';
import { STORE_OPTIONS } from '../store-options.ts';

export const exportDocument: Command = {
  name: 'export',
  summary: 'Writes all registries as one document; files that are kept here are named by their URL.',
  example: 'cola-registry export --to file://./registry.json --server.public_url=https://cola.example.org',
  options: [{ flags: '--to <uri>', doc: 'the document: file://, oci://, s3://' }, ...STORE_OPTIONS],
  takesSettings: true,
  async run(input, io) {
    const [{ documentAt, needNative, telling, withRegistry }, { loadColaTransfer }] = await Promise.all([
      import('../stores.ts'),
      import('../../../internal/facades/index.ts'),
    ]);
    const to = input.options['to'];
    if (typeof to !== 'string') throw new UsageError('export needs --to');
    const { openArtifactRegistries, withUrls, writeRegistries } = await loadColaTransfer();
    const config = await needNative(input, io);
    const found = await withRegistry(config, (artifacts) =>
      openArtifactRegistries(artifacts, config, Date.now).store.listRegistries(),
    );
    const versions = found.flatMap(({ packages }) => packages.flatMap((one) => one.versions));
    const publicUrl = config['server.public_url']?.replace(/\/+$/, '');
    if (publicUrl === undefined && versions.some(({ source }) => source.kind === 'oci')) {
      throw new CliError('some files are kept here, and a document needs their URLs', {
        hint: 'Set COLA_REGISTRY_PUBLIC_URL, or give --server.public_url=https://cola.example.org.',
      });
    }
    await telling(() => writeRegistries(documentAt(to, input, io), withUrls(found, config, publicUrl ?? '')));
    const packages = found.flatMap((registry) => registry.packages).length;
    const sums = { registries: found.length, packages, versions: versions.length };
    if (input.options['json'] === true) writeJson(io.stdout, sums);
    else io.stdout.write(`Wrote ${sums.registries} registries, ${packages} packages and ${sums.versions} versions.\n`);
    return 0;
  },
};
