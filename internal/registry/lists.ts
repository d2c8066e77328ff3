import { OCI_IMAGE_INDEX, OciError, type Digest, type RepositoryName, type Tag } from '../../pkg/oci/index.ts';
import type { Catalog, ReferrerRow } from '../catalog/index.ts';

/** One page of a list ordered by bytes; `more` where rows follow the last one. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

export interface PageRequest {
  /** At most so many rows; unset or huge: as many as one page may hold. */
  readonly limit?: number | undefined;
  /** Exclusive start. Any text: it need not exist. */
  readonly after?: string | undefined;
}

/** One entry of the referrers list, an OCI descriptor (distribution-spec: Listing Referrers). */
export interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Whoever looks at a list of repositories. */
export interface Viewer {
  readonly sees: (repository: RepositoryName) => boolean;
  /** What the names of all that it sees begin with, in order, none the beginning of another. */
  readonly prefixes: readonly string[];
}

export interface Lists {
  /** Tags in byte order; NAME_UNKNOWN. */
  tags(repository: RepositoryName, page: PageRequest): Promise<Page<Tag>>;
  /** Repositories that have a manifest and that the viewer sees, in byte order. */
  repositories(page: PageRequest, viewer: Viewer): Promise<Page<RepositoryName>>;
  /** Manifests whose subject is the digest, whether or not that is here; a page ends at 4 MiB of JSON. */
  referrers(
    repository: RepositoryName,
    subject: Digest,
    page: PageRequest & { readonly artifactType?: string | undefined },
  ): Promise<Page<ReferrerDescriptor>>;
}

/** A page holds at most so many names, whatever `n` says: the rest is behind the Link. */
export const PAGE_ROWS = 10_000;
/** Where a viewer does not see what a page held, there may be very many more: they are read by so many at once. */
const UNSEEN_ROWS = 1000;
const REFERRER_ROWS = 500;
/** distribution-spec: clients expect to read manifests of at least 4 MiB; a page of referrers is one. */
const REFERRERS_BYTES = 4 * 1024 * 1024 - 1024;

const clamp = (limit: number | undefined): number => Math.min(limit ?? PAGE_ROWS, PAGE_ROWS);

function pageOf<Row>(rows: readonly Row[], limit: number): Page<Row> {
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

function descriptorOf(row: ReferrerRow): ReferrerDescriptor {
  return {
    mediaType: row.mediaType,
    digest: row.digest,
    size: row.sizeBytes,
    ...(row.artifactType !== undefined && { artifactType: row.artifactType }),
    ...(Object.keys(row.annotations).length > 0 && { annotations: row.annotations }),
  };
}

export function createLists({ catalog: { queries } }: { readonly catalog: Catalog }): Lists {
  /** Names that begin so and come after `after`, a batch at a time. */
  async function* namesBelow(
    prefix: string,
    after: string | undefined,
    limit: number,
  ): AsyncGenerator<readonly RepositoryName[]> {
    for (let last = after, size = limit; ; size = Math.max(size, UNSEEN_ROWS)) {
      const batch = await queries.listRepositories({ after: last, prefix, limit: size });
      yield batch;
      if (batch.length < size) return;
      last = batch.at(-1);
      await new Promise(setImmediate);
    }
  }

  return {
    async tags(repository, { limit, after }) {
      if (!(await queries.hasRepository(repository))) throw new OciError('NAME_UNKNOWN', repository);
      const most = clamp(limit);
      if (most === 0) return { rows: [], more: false };
      return pageOf(await queries.listTags(repository, { after, limit: most + 1 }), most);
    },

    async repositories({ limit, after }, viewer) {
      const most = clamp(limit);
      if (most === 0) return { rows: [], more: false };
      const rows: RepositoryName[] = [];
      for (const prefix of viewer.prefixes) {
        for await (const names of namesBelow(prefix, after, most + 1)) {
          rows.push(...names.filter((name) => viewer.sees(name)));
          if (rows.length > most) return pageOf(rows, most);
        }
      }
      return pageOf(rows, most);
    },

    async referrers(repository, subject, { limit, after, artifactType }) {
      const most = clamp(limit);
      const rows: ReferrerDescriptor[] = [];
      let bytes = 0;
      let last = after;
      for (;;) {
        const batch = await queries.listReferrers(repository, subject, {
          after: last,
          limit: REFERRER_ROWS,
          artifactType,
        });
        for (const row of batch) {
          const descriptor = descriptorOf(row);
          bytes += Buffer.byteLength(JSON.stringify(descriptor)) + 1;
          if (rows.length === most || (rows.length > 0 && bytes > REFERRERS_BYTES)) return { rows, more: true };
          rows.push(descriptor);
          last = row.digest;
        }
        if (batch.length === 0) return { rows, more: false };
      }
    },
  };
}

/** The referrers list as the index that clients read. */
export function referrersIndex(rows: readonly ReferrerDescriptor[]): object {
  return { schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: rows };
}
