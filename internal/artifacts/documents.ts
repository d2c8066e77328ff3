import { OciError, parseManifest, type Digest, type RepositoryName, type Tag } from '../../pkg/oci/index.ts';
import type { Origin, Registry } from '../registry/index.ts';
import { prepareArtifact } from './put.ts';
import type { Artifacts, Document, NewDocument, WriteOptions, Written } from './types.ts';

/** Longer ones are files, and not read whole. */
const LONGEST_BYTES = 32 * 1024 * 1024;

type Documents = Pick<Artifacts, 'readDocument' | 'writeDocument'>;

export function createDocuments(registry: Registry): Documents {
  const { manifests, removals } = registry;

  async function find(repository: RepositoryName, tag: Tag) {
    try {
      return await manifests.get(repository, { kind: 'tag', tag });
    } catch (failure) {
      if (failure instanceof OciError && failure.code === 'MANIFEST_UNKNOWN') return undefined;
      throw failure;
    }
  }

  async function put(by: Origin, document: NewDocument, expected: WriteOptions['expected']): Promise<Written> {
    const { repository, tag, type, title, bytes, annotations = {} } = document;
    const files = [{ mediaType: type, title, content: bytes }];
    const push = await prepareArtifact(registry, by, { repository, tag, artifactType: type, files, annotations });
    if (expected === undefined) {
      return { kind: 'written', digest: (await manifests.put(by, repository, push)).digest };
    }
    const done = await manifests.putIf(by, repository, push, expected === 'absent' ? undefined : expected);
    return done.kind === 'put' ? { kind: 'written', digest: done.pushed.digest } : done;
  }

  return {
    async writeDocument(by, document, { expected, dropsPrevious = false } = {}) {
      const { repository, tag } = document;
      const previous = dropsPrevious ? await find(repository, tag) : undefined;
      const written = await put(by, document, expected);
      const isOld = written.kind === 'written' && previous !== undefined && previous.digest !== written.digest;
      if (isOld) await removals.forget(by, repository, previous.digest);
      return written;
    },

    async readDocument(repository, tag): Promise<Document | undefined> {
      const found = await find(repository, tag);
      if (!found) return undefined;
      const { layers } = parseManifest(found.bytes, found.mediaType);
      const [layer, ...others] = layers;
      if (!layer || others.length > 0 || layer.size > LONGEST_BYTES) return undefined;
      const bytes = await readWhole(registry, repository, layer.digest);
      return { digest: found.digest, pushedMs: found.pushedMs, bytes };
    },
  };
}

async function readWhole({ blobs }: Registry, repository: RepositoryName, digest: Digest): Promise<Uint8Array> {
  const opened = await blobs.open(repository, digest, { here: true });
  if (opened.kind === 'bytes') return opened.bytes;
  if (opened.kind === 'elsewhere') throw new Error('what is to be read here is elsewhere');
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of opened.content.read()) chunks.push(Buffer.from(chunk)); // a chunk is only lent
    return Buffer.concat(chunks);
  } finally {
    await opened.content.close();
  }
}
