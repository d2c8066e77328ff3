import { randomUUID } from 'node:crypto';
import { createProgress, printable, UsageError, writeJson, type Command } from '../../../internal/cli/index.ts';
import type { Copied } from '../../../internal/facades/index.ts';
import { STORE_OPTIONS } from '../store-options.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Brings what a document holds into a registry of OCI artifacts; exit 1 if a version could not be brought.',
  example: 'cola-registry migrate --from file://./data/registry.json --fetch',
  options: [
    { flags: '--from <uri>', doc: 'the document: file://, oci://, s3://' },
    { flags: '--to <uri>', doc: 'store://, the registry of the configuration', choices: ['store://'] },
    { flags: '--fetch', doc: 'bring the file of each version too, from its URL' },
    ...STORE_OPTIONS,
  ],
  takesSettings: true,
  async run(input, io) {
    const [{ documentAt, needNative, telling, withRegistry }, { loadColaTransfer }] = await Promise.all([
      import('../stores.ts'),
      import('../../../internal/facades/index.ts'),
    ]);
    const from = input.options['from'];
    if (typeof from !== 'string') throw new UsageError('migrate needs --from');
    const { copyRegistries, FetchFailed, openArtifactRegistries, readRegistries } = await loadColaTransfer();
    const config = await needNative(input, io);
    const registries = await telling(() => readRegistries(documentAt(from, input, io)));
    const progress = createProgress(io, { verb: 'Brought', noun: 'versions', clock: Date.now });
    progress.total(registries.flatMap(({ packages }) => packages.flatMap(({ versions }) => versions)).length);
    const bring = async (url: string) => {
      const { fetchContent } = await import('../fetch-content.ts');
      return fetchContent(url).catch((error: unknown) => {
        throw new FetchFailed(`${url} cannot be fetched: ${reasonOf(error)}`, error);
      });
    };
    const copied = await withRegistry(config, (artifacts) => {
      const { store, contents } = openArtifactRegistries(artifacts, config, Date.now);
      return copyRegistries(registries, {
        to: store,
        contents,
        by: { principal: 'cola-registry migrate', address: 'local', requestId: randomUUID() },
        fetchContent: input.options['fetch'] === true ? bring : undefined,
        onFailure: (what, why) => {
          progress.clear();
          io.stderr.write(`${printable(what)}: ${printable(why)}\n`);
        },
        onVersion: () => progress.done(1),
      });
    });
    progress.clear();
    if (input.options['json'] === true) writeJson(io.stdout, copied);
    else io.stdout.write(`${sentenceOf(copied)}\n`);
    return copied.failed === 0 ? 0 : 1;
  },
};

function sentenceOf({ registries, packages, versions, fetched, kept, failed }: Copied): string {
  const made = `Made ${registries} registries, ${packages} packages and ${versions} versions (${fetched} with their bytes)`;
  return `${made}; ${kept} versions were there already; ${failed} could not be brought.`;
}

/** What the network says, which fetch hides in a cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: unknown; code?: unknown }; message?: unknown };
  return String(cause?.code ?? cause?.message ?? message);
}
