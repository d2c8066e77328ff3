import { v4 } from 'uuid';
import { parseRepositoryName } from '../../../../pkg/oci/index.ts';
import type { Artifacts } from '../../../artifacts/index.ts';
import { DocumentError, openDocument, parsePlace, type DocumentPlace } from '../../../documents/index.ts';
import { formatDocument, parseDocument } from '../document/format.ts';
import { createNames } from '../names.ts';
import { createNativeContents } from '../native/contents.ts';
import { createNativeStore } from '../native/store.ts';
import type { ColaConfig } from '../options.ts';
import type { ColaContents, ColaStore, Registry } from '../store.ts';

export { DocumentUnreadable } from '../document/format.ts';
export { copyRegistries, FetchFailed, type Copied } from './copy.ts';

export interface DocumentAt {
  readonly uri: string;
  readonly token: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: () => number;
  /** Told of what is odd, a sentence each. */
  readonly onOddity: (what: string) => void;
}

async function withDocument<T>(at: DocumentAt, isOurs: boolean, use: (place: DocumentPlace) => Promise<T>): Promise<T> {
  const { uri, onOddity, ...deps } = at;
  const place = await openDocument(parsePlace(uri), { ...deps, isOurs, uuid: v4, log: { warn: onOddity } });
  try {
    return await use(place);
  } finally {
    await place.close();
  }
}

/** The registries of a document, whoever else uses it. DocumentError where there is none. */
export function readRegistries(at: DocumentAt): Promise<readonly Registry[]> {
  return withDocument(at, false, async (place) => {
    const found = await place.load();
    if (!found) throw new DocumentError('storage', 'load the document', 'there is none');
    const { registries, oddities } = parseDocument(found.bytes);
    for (const oddity of oddities) at.onOddity(oddity);
    return [...registries.values()];
  });
}

/**
 * Writes registries as a document, in place of the one that is there. Something else that is there is not written over,
 * nor a file that a server has open.
 */
export function writeRegistries(at: DocumentAt, registries: readonly Registry[]): Promise<void> {
  return withDocument(at, true, async (place) => {
    const before = await place.load();
    if (before) parseDocument(before.bytes);
    const bytes = formatDocument(new Map(registries.map((registry) => [registry.name, registry])));
    const persisted = await place.persist(bytes, before?.state);
    if (persisted.kind === 'changed') {
      throw new DocumentError('storage', 'persist the document', 'somebody else has written it meanwhile');
    }
  });
}

/** The registries that are kept as OCI artifacts. */
export function openArtifactRegistries(
  artifacts: Artifacts,
  config: ColaConfig,
  clock: () => number,
): { readonly store: ColaStore; readonly contents: ColaContents } {
  const native = {
    artifacts,
    names: createNames(parseRepositoryName(config['facades.cola.prefix'])),
    isStrict: config['facades.cola.index_strict'],
    overlap: 'allow',
    check: async () => undefined,
    clock,
  } as const;
  const store = createNativeStore(native);
  return { store, contents: createNativeContents(native, store) };
}

/** The same with a URL for each version, as a document has them: for those whose bytes are here, of their blob. */
export function withUrls(registries: readonly Registry[], config: ColaConfig, publicUrl: string): readonly Registry[] {
  const names = createNames(parseRepositoryName(config['facades.cola.prefix']));
  return registries.map((registry) => ({
    ...registry,
    packages: registry.packages.map((one) => ({
      ...one,
      versions: one.versions.map((version) => {
        if (version.source.kind === 'url') return version;
        const url = `${publicUrl}/v2/${names.package(registry.name, one.name)}/blobs/sha256:${version.checksum}`;
        return { ...version, source: { kind: 'url', url } as const };
      }),
    })),
  }));
}
