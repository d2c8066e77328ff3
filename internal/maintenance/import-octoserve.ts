import {
  algorithmOf,
  digestOf,
  findDigest,
  findTag,
  OciError,
  parseManifest,
  unreachable,
} from '../../pkg/oci/index.ts';
import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import { ANY_TAG, factsOf, type Registry } from '../registry/index.ts';
import type { OldFile, OldTree } from '../storage/index.ts';
import { forEach } from './for-each.ts';
import { createBlobImport, type BlobImport, type BlobImportDeps } from './import-blobs.ts';
import { findOldName } from './old-names.ts';
import type { OnProblem, OnProgress } from './problem.ts';

export interface ImportDeps extends BlobImportDeps {
  readonly tree: OldTree;
  readonly registry: Pick<Registry, 'manifests'>;
  /** What folders were called, where their name cannot tell. */
  readonly names: ReadonlyMap<string, RepositoryName>;
  readonly onProblem: OnProblem;
  /** What is worth knowing of something that was imported. */
  readonly onNote: (note: { readonly repository: string; readonly name?: string; readonly detail: string }) => void;
  /** Measured in files. */
  readonly onProgress: OnProgress;
}

export interface Imported {
  readonly manifests: number;
  readonly tags: number;
  readonly blobs: number;
  readonly bytes: number;
  /** Tags and manifests that could not be imported. */
  readonly skipped: number;
}

const AT_ONCE = 4;

/**
 * Brings what an older Octoserve kept in a folder into this registry, as pushes do: blobs whose digest is right,
 * manifests whose blobs are there, then tags. What is there already stays, so that it can be run again. With `dryRun`
 * it tells the same and writes nothing.
 */
export async function importOctoserve(deps: ImportDeps): Promise<Imported> {
  const folders = new Map<string, OldFile[]>();
  let total = 0;
  for await (const file of deps.tree.files()) {
    total += 1;
    const files = folders.get(file.folder);
    if (files) files.push(file);
    else folders.set(file.folder, [file]);
  }
  deps.onProgress.total(total);
  const blobs = createBlobImport(deps);
  const counts = { manifests: 0, tags: 0, skipped: 0 };
  for (const [folder, files] of folders) {
    const known = findOldName(folder, deps.names);
    if (known.kind === 'invalid') {
      counts.skipped += await refuseFolder(deps, files, known.reason);
      continue;
    }
    if (known.doubt !== undefined) deps.onNote({ repository: known.repository, detail: known.doubt });
    const repository = new RepositoryImport(deps, blobs, known.repository, counts);
    await forEach(files, AT_ONCE, (file) => repository.import(file));
  }
  return { ...counts, ...blobs.counts };
}

/** Tells of a folder that is none of a repository, unless what is in it are records of this Octoserve. How many files. */
async function refuseFolder(deps: ImportDeps, files: readonly OldFile[], detail: string): Promise<number> {
  let refused = 0;
  for (const file of files) {
    if ((await deps.tree.read(file)).kind !== 'record') refused += 1;
    deps.onProgress.done(1);
  }
  const [first] = files;
  if (refused > 0 && first) deps.onProblem({ kind: 'not imported', repository: first.folder, detail });
  return refused;
}

type Counts = { manifests: number; tags: number; skipped: number };

/** Why something cannot be imported: told, and the rest goes on. */
class Unfit extends Error {}

class RepositoryImport {
  readonly #deps: ImportDeps;
  readonly #blobs: BlobImport;
  readonly #repository: RepositoryName;
  readonly #counts: Counts;
  readonly #manifests = new Set<Digest>();

  constructor(deps: ImportDeps, blobs: BlobImport, repository: RepositoryName, counts: Counts) {
    this.#deps = deps;
    this.#blobs = blobs;
    this.#repository = repository;
    this.#counts = counts;
  }

  async import(file: OldFile): Promise<void> {
    try {
      await this.#importFile(file);
    } catch (failure) {
      if (!(failure instanceof Unfit || failure instanceof OciError)) throw failure;
      const detail = failure instanceof OciError ? [failure.message, ...failure.detail].join(': ') : failure.message;
      this.#counts.skipped += 1;
      this.#deps.onProblem({ kind: 'not imported', repository: this.#repository, name: file.name, detail });
    } finally {
      this.#deps.onProgress.done(1);
    }
  }

  async #importFile(file: OldFile): Promise<void> {
    const named = findDigest(file.name);
    const tag = named ? undefined : findTag(file.name);
    if (!named && !tag) throw new Unfit('its name is neither a tag nor a digest');
    const bytes = await this.#read(file);
    if (!bytes) return;
    // Manifests were written anew when they came: what counts is what is there now.
    const digest = digestOf(bytes, named ? algorithmOf(named) : 'sha256');
    if (tag) await this.#refuseMove(tag, digest);
    await this.#put(digest, bytes, tag);
    if (named && named !== digest) {
      this.#note(named, `its bytes are not those that were pushed: it is ${digest} from now on`);
    }
    if (tag?.endsWith('.tmp')) {
      this.#note(tag, 'the older Octoserve wrote to such a file first: delete the tag if nobody has given it');
    }
  }

  #note(name: string, detail: string): void {
    this.#deps.onNote({ repository: this.#repository, name, detail });
  }

  /** The manifest that the file holds or points at; undefined for a record, which this Octoserve wrote. */
  async #read(file: OldFile): Promise<Uint8Array | undefined> {
    const { tree } = this.#deps;
    const content = await tree.read(file);
    switch (content.kind) {
      case 'manifest':
        return content.bytes;
      case 'record':
        return undefined;
      case 'unknown':
        throw new Unfit(content.reason);
      case 'pointer': {
        const target = await tree.read({ folder: file.folder, name: content.digest });
        if (target.kind === 'manifest') return target.bytes;
        throw new Unfit(`it points at ${content.digest}, which is not there`);
      }
      default:
        return unreachable(content);
    }
  }

  async #refuseMove(tag: Tag, digest: Digest): Promise<void> {
    const there = await this.#deps.catalog.queries.findTag(this.#repository, tag);
    if (there && there.digest !== digest) throw new Unfit(`the tag is there already, and points at ${there.digest}`);
  }

  async #put(digest: Digest, bytes: Uint8Array, tag: Tag | undefined): Promise<void> {
    const { registry, by, dryRun } = this.#deps;
    for (const blob of factsOf(parseManifest(bytes, undefined)).blobs) {
      const reason = await this.#blobs.bring(this.#repository, blob.digest, blob.sizeBytes);
      if (reason !== undefined) throw new Unfit(reason);
    }
    if (!dryRun) {
      const reference = { kind: 'digest', digest } as const;
      await registry.manifests.put(by, this.#repository, {
        reference,
        tags: tag ? [tag] : [],
        contentType: undefined,
        bytes,
        grant: ANY_TAG,
      });
    }
    if (!this.#manifests.has(digest)) this.#counts.manifests += 1;
    this.#manifests.add(digest);
    if (tag) this.#counts.tags += 1;
  }
}
