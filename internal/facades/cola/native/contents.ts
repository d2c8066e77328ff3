import { encodedOf, OciError, parseDigest, type Digest, type RepositoryName } from '../../../../pkg/oci/index.ts';
import type { OpenContent, UploadBody } from '../../../registry/index.ts';
import type { ColaContents, ContentPush, Received } from '../store.ts';
import { typeOfStart } from './media-type.ts';
import { inspectPackage } from './package/look-inside.ts';
import type { NativeDeps, NativeStore } from './store.ts';
import { reasonsAgainst } from './versions.ts';

const START_BYTES = 4;
const EMPTY = { description: '', people: [], customValues: new Map<string, string>() };

/** Passes a body on, and keeps how it begins. */
function watchStart(body: UploadBody): { readonly body: UploadBody; readonly start: () => Uint8Array } {
  let start = Buffer.alloc(0);
  async function* watched(): AsyncIterable<Uint8Array> {
    for await (const chunk of body.stream) {
      if (start.length < START_BYTES) start = Buffer.concat([start, chunk.subarray(0, START_BYTES)]);
      yield chunk;
    }
  }
  return { body: { ...body, stream: watched() }, start: () => start };
}

/** The bytes of packages, as blobs of their repositories. */
export function createNativeContents({ artifacts, names }: NativeDeps, store: NativeStore): ColaContents {
  function repositoryOf(registry: string, packageName: string): RepositoryName {
    const repository = names.package(registry, packageName);
    if (!repository) throw new OciError('NAME_INVALID', packageName);
    return repository;
  }

  const digestOf = (checksum: string): Digest => parseDigest(`sha256:${checksum}`);

  /** Why command-launcher would not install what was received; none where nothing is against it. */
  async function findReasons({ registry, packageName, version, content }: ContentPush): Promise<readonly string[]> {
    const opened = await artifacts.open(repositoryOf(registry, packageName), digestOf(content.checksum), {
      here: true,
    });
    try {
      const found = await inspectPackage((range) => readRange(opened, range), content.sizeBytes);
      return reasonsAgainst(found, packageName, version);
    } finally {
      if (opened.kind === 'stream') await opened.content.close();
    }
  }

  return {
    async receive(by, registry, packageName, sent, checksum): Promise<Received> {
      const { body, start } = watchStart(sent);
      const expected = checksum === undefined ? undefined : digestOf(checksum);
      const { digest, sizeBytes } = await artifacts.upload(by, repositoryOf(registry, packageName), body, expected);
      return { checksum: encodedOf(digest), sizeBytes, mediaType: typeOfStart(start()) };
    },

    async publish(by, push) {
      const { registry, packageName, version, content, createsPackage, isChecked, startPartition, endPartition } = push;
      if (isChecked) {
        const reasons = await findReasons(push);
        if (reasons.length > 0) return { kind: 'unfit', reasons };
      }
      if (createsPackage) {
        const made = await store.createPackage(by, registry, packageName, EMPTY);
        if (made.kind === 'absent') return made;
      }
      const { checksum, sizeBytes, mediaType } = content;
      const source = { kind: 'file', mediaType, content: { digest: digestOf(checksum), sizeBytes } } as const;
      return store.publish(by, { registry, name: packageName, version, source, startPartition, endPartition });
    },

    async find(registry, packageName, version) {
      const found = await store.getVersion(registry, packageName, version);
      if (found.kind === 'absent') return found;
      const { source, checksum } = found.value;
      if (source.kind === 'url') return { kind: 'found', value: { kind: 'elsewhere', url: source.url } };
      const repository = repositoryOf(registry, packageName);
      const open = (): Promise<OpenContent> => artifacts.open(repository, digestOf(checksum));
      return { kind: 'found', value: { kind: 'here', version: found.value, open } };
    },
  };
}

async function* readRange(
  opened: OpenContent,
  range: { readonly start: number; readonly end: number },
): AsyncIterable<Uint8Array> {
  if (opened.kind === 'bytes') yield opened.bytes.subarray(range.start, range.end + 1);
  else if (opened.kind === 'stream') yield* opened.content.read(range);
}
