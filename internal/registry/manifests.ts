import { algorithmOf, digestOf, matchesTagPattern, OciError, parseManifest, unreachable } from '../../pkg/oci/index.ts';
import type { Digest, Reference, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { Catalog, ManifestRow, Origin, TagGrant } from '../catalog/index.ts';
import type { Storage } from '../storage/index.ts';
import type { VerifiedContent } from './content.ts';
import type { DiskGuard } from './disk-guard.ts';
import { factsOf, type ManifestFacts } from './manifest-facts.ts';
import { descriptionOf, type DoorOf } from './doors.ts';
import type { GuardsFor } from './guards.ts';
import type { RegistryConfig } from './options.ts';
import type { RegistryPorts } from './ports.ts';
import type { PullNotes } from './pull-notes.ts';
import type { Publisher } from './publisher.ts';
import { quotaExceeded, type Quotas } from './quotas.ts';
import { blobReader } from './read-blob.ts';

/** A manifest's facts, and its bytes as they were pushed. */
export type StoredManifest = ManifestRow & { readonly bytes: Uint8Array };

/** Of whoever may do with tags whatever is wanted. */
export const ANY_TAG: TagGrant = { create: true, update: true };

export interface PushedManifest {
  readonly digest: Digest;
  readonly subject: Digest | undefined;
  /** The tags that now point at it. */
  readonly tags: readonly Tag[];
}

export interface ManifestPush {
  readonly reference: Reference;
  /** Tags besides the reference (distribution-spec: end-7b). */
  readonly tags: readonly Tag[];
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
  /** What the caller may do with tags: decided when they are put, by what is there then. */
  readonly grant: TagGrant;
}

export type PutIf =
  | Readonly<{ kind: 'put'; pushed: PushedManifest }>
  /** Where a tag points instead. */
  | Readonly<{ kind: 'unexpected'; at: Digest | undefined }>;

export interface Manifests {
  /** The manifest's facts; MANIFEST_UNKNOWN, as in `get`. */
  stat(repository: RepositoryName, reference: Reference): Promise<ManifestRow>;
  /** The manifest with its bytes; MANIFEST_UNKNOWN, also where storage has lost or damaged the content: a push mends it. */
  get(repository: RepositoryName, reference: Reference): Promise<StoredManifest>;
  /** Keeps the bytes as they are and points the tags at them, all or none. MANIFEST_INVALID, MANIFEST_BLOB_UNKNOWN, DIGEST_INVALID, DENIED, TAG_IMMUTABLE, QUOTA_EXCEEDED. */
  put(by: Origin, repository: RepositoryName, push: ManifestPush): Promise<PushedManifest>;
  /** As `put`, where each of the tags points at `at` now, nowhere where that is undefined; else nothing is put. */
  putIf(by: Origin, repository: RepositoryName, push: ManifestPush, at: Digest | undefined): Promise<PutIf>;
  /** By tag: that tag. By digest: the manifest and every tag that points at it here. MANIFEST_UNKNOWN, DELETE_DISABLED, TAG_PROTECTED. */
  delete(by: Origin, repository: RepositoryName, reference: Reference): Promise<void>;
}

interface Deps {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly content: VerifiedContent;
  readonly publisher: Publisher;
  readonly quotas: Pick<Quotas, 'of'>;
  readonly disk: Pick<DiskGuard, 'hold'>;
  readonly pulls: Pick<PullNotes, 'note'>;
  readonly config: RegistryConfig;
  readonly doorOf: DoorOf;
  readonly guardsFor: GuardsFor;
  readonly ports: RegistryPorts;
}

/** The existence check of a long manifest yields to other requests after so many look-ups. */
const LOOKUPS_AT_ONCE = 256;

const textOf = (reference: Reference): string => (reference.kind === 'tag' ? reference.tag : reference.digest);

const sizeDiffers = (digest: Digest, sizeBytes: number): OciError =>
  new OciError('MANIFEST_INVALID', `the size of ${digest} is ${sizeBytes} here`);

export function createManifests({
  storage,
  catalog,
  content,
  publisher,
  pulls,
  quotas,
  disk,
  config,
  doorOf,
  guardsFor,
  ports,
}: Deps): Manifests {
  async function load(repository: RepositoryName, reference: Reference): Promise<StoredManifest> {
    const row = await (reference.kind === 'tag'
      ? catalog.queries.findTag(repository, reference.tag)
      : catalog.queries.findManifest(repository, reference.digest));
    if (!row || row.damage) throw new OciError('MANIFEST_UNKNOWN', textOf(reference)); // damage was told when it was found
    const bytes = content.atHand(row.digest) ?? (await content.load(row.digest, row.sizeBytes));
    if (typeof bytes !== 'string') {
      // Field by field, which costs less than a spread: this is the hottest of all reads.
      const { digest, mediaType, sizeBytes, pushedMs } = row;
      return { digest, mediaType, sizeBytes, pushedMs, bytes };
    }
    ports.onDamage({ repository, digest: row.digest, problem: bytes });
    throw new OciError('MANIFEST_UNKNOWN', textOf(reference));
  }

  async function get(repository: RepositoryName, reference: Reference): Promise<StoredManifest> {
    const manifest = await load(repository, reference);
    pulls.note(repository, manifest.digest);
    return manifest;
  }

  /** Keeps the content of refused pushes out of storage; the transaction decides it again. */
  async function refuseUnfit(repository: RepositoryName, blobs: ManifestFacts['blobs']): Promise<void> {
    const missing: Digest[] = [];
    let differs: OciError | undefined;
    for (const [index, blob] of blobs.entries()) {
      if (index % LOOKUPS_AT_ONCE === LOOKUPS_AT_ONCE - 1) await new Promise(setImmediate);
      const stored = await catalog.queries.findBlob(repository, blob.digest);
      if (!stored || stored.damage) missing.push(blob.digest);
      else if (stored.sizeBytes !== blob.sizeBytes) differs ??= sizeDiffers(blob.digest, stored.sizeBytes);
    }
    if (missing.length > 0) throw new OciError('MANIFEST_BLOB_UNKNOWN', missing);
    if (differs) throw differs;
  }

  /** The same for tags that may not be moved, or not by this caller. */
  async function refuseTags(
    repository: RepositoryName,
    digest: Digest,
    { tags, grant, fixed }: { tags: readonly Tag[]; grant: TagGrant; fixed: readonly string[] },
  ): Promise<void> {
    for (const tag of tags) {
      const isFixed = matchesTagPattern(fixed, tag);
      if (grant.create && grant.update && !isFixed) continue;
      const from = (await catalog.queries.findTag(repository, tag))?.digest;
      if (from === digest) continue;
      const need = from === undefined ? 'create' : 'update';
      if (!grant[need]) throw new OciError('DENIED', `${need} of tag ${tag}`);
      if (from !== undefined && isFixed) throw new OciError('TAG_IMMUTABLE', tag);
    }
  }

  async function withRoom<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const onDisk = await disk.hold();
    try {
      await onDisk.take(bytes);
      return await work();
    } finally {
      onDisk.release();
    }
  }

  async function store(
    by: Origin,
    repository: RepositoryName,
    push: ManifestPush,
    expects?: { readonly at: Digest | undefined },
  ): Promise<PutIf> {
    if (push.bytes.length > config['registry.manifest_limit']) throw new OciError('MANIFEST_TOO_LARGE');
    const { reference, bytes, grant } = push;
    const digest = digestOf(bytes, reference.kind === 'digest' ? algorithmOf(reference.digest) : 'sha256');
    if (reference.kind === 'digest' && reference.digest !== digest) {
      throw new OciError('DIGEST_INVALID', `the content is ${digest}`);
    }
    const manifest = parseManifest(bytes, push.contentType);
    const facts = factsOf(manifest);
    const tags = [...new Set(reference.kind === 'tag' ? [reference.tag, ...push.tags] : push.tags)];
    if (tags.length > 0 && !grant.create && !grant.update) throw new OciError('DENIED', 'tags may not be set here');
    await refuseUnfit(repository, facts.blobs);
    const { mediaType } = manifest;
    const door = doorOf(repository);
    const readBlob = blobReader({ catalog, content }, repository);
    const description =
      door && descriptionOf(door, await door.prepare({ repository, digest, manifest, bytes, tags, readBlob }));
    const guards = guardsFor(repository, tags);
    if (!expects) await refuseTags(repository, digest, { tags, grant, fixed: guards.fixed });
    const row = {
      by,
      repository,
      digest,
      sizeBytes: bytes.length,
      mediaType,
      ...facts,
      tags,
      grant,
      guards,
      expects,
      description,
      quotas: quotas.of(repository),
    };
    const stored = await withRoom(bytes.length, () =>
      publisher.bring(
        digest,
        () => storage.blobs.put(digest, bytes),
        (bringing) => catalog.run('putManifest', { ...row, nowMs: ports.clock(), ...bringing }),
      ),
    );
    switch (stored.kind) {
      case 'stored':
        return { kind: 'put', pushed: { digest, subject: facts.subject, tags } };
      case 'unexpected':
        return { kind: 'unexpected', at: stored.at };
      case 'missing':
        throw new OciError('MANIFEST_BLOB_UNKNOWN', stored.digests);
      case 'sizeDiffers':
        throw sizeDiffers(stored.digest, stored.sizeBytes);
      case 'denied':
        throw new OciError('DENIED', `${stored.need} of tag ${stored.tag}`);
      case 'overQuota':
        throw quotaExceeded(stored.quota);
      case 'fixed':
        throw new OciError('TAG_IMMUTABLE', stored.tag);
      default:
        return unreachable(stored);
    }
  }

  async function put(by: Origin, repository: RepositoryName, push: ManifestPush): Promise<PushedManifest> {
    const stored = await store(by, repository, push);
    if (stored.kind === 'unexpected') throw new Error('nothing was expected of the tags');
    return stored.pushed;
  }

  async function remove(by: Origin, repository: RepositoryName, reference: Reference): Promise<void> {
    if (!config['registry.delete']) throw new OciError('DELETE_DISABLED');
    const nowMs = ports.clock();
    const change = { by, nowMs, repository, guards: guardsFor(repository) };
    const done =
      reference.kind === 'tag'
        ? await catalog.run('deleteTag', { ...change, tag: reference.tag })
        : await catalog.run('deleteManifest', {
            ...change,
            digest: reference.digest,
            keepMs: nowMs + config['history.keep'],
          });
    if (done.kind === 'absent' || done.kind === 'moved' || done.kind === 'inUse')
      throw new OciError('MANIFEST_UNKNOWN', textOf(reference));
    if (done.kind === 'kept') throw new OciError('TAG_PROTECTED', done.tag);
  }

  // Looks at the content too: a client that is told of a manifest does not push it again, which would mend it.
  const stat: Manifests['stat'] = load;

  return {
    stat,
    get,
    put,
    putIf: (by, repository, push, at) => store(by, repository, push, { at }),
    delete: remove,
  };
}
