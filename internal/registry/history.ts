import { OciError, parseManifest } from '../../pkg/oci/index.ts';
import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { Catalog, DeletedManifest, Origin, TagMove } from '../catalog/index.ts';
import type { VerifiedContent } from './content.ts';
import type { Page } from './lists.ts';
import { factsOf } from './manifest-facts.ts';
import { ANY_TAG, type Manifests } from './manifests.ts';

/** What a tag pointed at at some time. */
export interface TagTarget {
  readonly digest: Digest;
  /** Since when it did. */
  readonly sinceMs: number;
  /** Whether the manifest can be pulled now; where not, it may perhaps be restored. */
  readonly isHere: boolean;
}

export interface HistoryPage<Key> {
  readonly limit: number;
  readonly after?: Key | undefined;
}

/** What tags were, and the way back. Callers see to it who may ask. */
export interface History {
  /** The tag's moves, newest first; `after` is the `id` of the last one of a page. NAME_UNKNOWN. */
  moves(repository: RepositoryName, tag: Tag, page: HistoryPage<number>): Promise<Page<TagMove>>;
  /** What the tag pointed at at that moment; MANIFEST_UNKNOWN where it was not there, or nothing is known of that time. */
  resolve(repository: RepositoryName, tag: Tag, atMs: number): Promise<TagTarget>;
  /**
   * Points the tag at a manifest that the repository has or had: at what it pointed at before where none is named. The
   * digest that it points at now. MANIFEST_UNKNOWN, MANIFEST_BLOB_UNKNOWN, TAG_IMMUTABLE.
   */
  rollback(by: Origin, repository: RepositoryName, tag: Tag, to?: Digest): Promise<Digest>;
  /** What was deleted and may be brought back, by digest. */
  deleted(repository: RepositoryName, page: HistoryPage<string>): Promise<Page<DeletedManifest>>;
  /** Brings a manifest back that was deleted, and of its children those that were. MANIFEST_UNKNOWN, MANIFEST_BLOB_UNKNOWN. */
  restore(by: Origin, repository: RepositoryName, digest: Digest, tags?: readonly Tag[]): Promise<void>;
}

interface Deps {
  readonly catalog: Catalog;
  readonly content: VerifiedContent;
  readonly manifests: Pick<Manifests, 'put'>;
}

const MOVES_AT_ONCE = 100;

const pageOf = <Row>(rows: readonly Row[], limit: number): Page<Row> => ({
  rows: rows.slice(0, limit),
  more: rows.length > limit,
});

export function createHistory({ catalog: { queries }, content, manifests }: Deps): History {
  async function* movesOf(repository: RepositoryName, tag: Tag): AsyncGenerator<TagMove> {
    for (let after: number | undefined; ;) {
      const moves: readonly TagMove[] = await queries.listTagMoves(repository, tag, { after, limit: MOVES_AT_ONCE });
      yield* moves;
      if (moves.length < MOVES_AT_ONCE) return;
      after = moves.at(-1)?.id;
    }
  }

  /** What the tag pointed at before it pointed at what it does now. */
  async function findPrevious(repository: RepositoryName, tag: Tag): Promise<Digest> {
    const now = (await queries.findTag(repository, tag))?.digest;
    for await (const { from } of movesOf(repository, tag)) if (from !== undefined && from !== now) return from;
    throw new OciError('MANIFEST_UNKNOWN', `nothing is known of what ${tag} was before`);
  }

  async function restore(by: Origin, repository: RepositoryName, digest: Digest, tags: readonly Tag[]): Promise<void> {
    const row =
      (await queries.findManifest(repository, digest)) ?? (await queries.findDeletedManifest(repository, digest));
    const bytes = row && (await content.load(digest, row.sizeBytes));
    if (!row || !bytes || typeof bytes === 'string') {
      throw new OciError('MANIFEST_UNKNOWN', `${digest} is not among what this repository has or may restore`);
    }
    for (const child of factsOf(parseManifest(bytes, row.mediaType)).children) {
      if (await queries.findDeletedManifest(repository, child)) await restore(by, repository, child, []);
    }
    const reference = { kind: 'digest', digest } as const;
    await manifests.put(by, repository, { reference, tags, contentType: row.mediaType, bytes, grant: ANY_TAG });
  }

  return {
    async moves(repository, tag, { limit, after }) {
      if (!(await queries.hasRepository(repository))) throw new OciError('NAME_UNKNOWN', repository);
      return pageOf(await queries.listTagMoves(repository, tag, { after, limit: limit + 1 }), limit);
    },

    async resolve(repository, tag, atMs) {
      const move = await queries.findTagMove(repository, tag, atMs);
      if (move?.to === undefined) throw new OciError('MANIFEST_UNKNOWN', `${tag} is not known to have been there then`);
      const isHere = (await queries.findManifest(repository, move.to)) !== undefined;
      return { digest: move.to, sinceMs: move.timeMs, isHere };
    },

    async rollback(by, repository, tag, to) {
      const digest = to ?? (await findPrevious(repository, tag));
      await restore(by, repository, digest, [tag]);
      return digest;
    },

    async deleted(repository, { limit, after }) {
      return pageOf(await queries.listDeletedManifests(repository, { after, limit: limit + 1 }), limit);
    },

    restore: (by, repository, digest, tags = []) => restore(by, repository, digest, tags),
  };
}
