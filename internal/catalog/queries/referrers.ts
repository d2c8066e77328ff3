import type { Expression, ExpressionBuilder, Kysely } from 'kysely';
import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { idOf } from '../repository-id.ts';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import type { Queries, ReferrerRow } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

type Asked = {
  readonly repository: RepositoryName;
  readonly subject: Digest;
  readonly after: string;
  readonly limit: number;
};

const REFERRER_ROW = [
  'manifests.digest as digest',
  'manifests.media_type as mediaType',
  'manifests.size_bytes as sizeBytes',
  'manifests.artifact_type as artifactType',
  'manifests.annotations as annotations',
] as const;

const referrers = (q: Kysely<Schema>, p: Asked) =>
  q
    .selectFrom('manifests')
    .where('manifests.repository_id', '=', idOf(q, p.repository))
    .where('manifests.subject', '=', p.subject)
    .where('manifests.digest', '>', p.after as Digest)
    .orderBy('manifests.digest')
    .limit(p.limit);

/** What of a type the index of PostgreSQL has: its entries must be short. */
const typeKey = (eb: ExpressionBuilder<Schema, 'manifests'>, type: Expression<string | null>) =>
  eb.fn<string | null>('substr', [type, eb.lit(1), eb.lit(255)]);

const ofType = (q: Kysely<Schema>, p: Asked & { readonly artifactType: string }) =>
  referrers(q, p)
    .where('manifests.artifact_type', '=', p.artifactType)
    .where((eb) => eb(typeKey(eb, eb.ref('manifests.artifact_type')), '=', typeKey(eb, eb.val(p.artifactType))));

/** How long the annotations are, which neither engine reads for that. */
const annotationBytes = (eb: ExpressionBuilder<Schema, 'manifests'>) =>
  eb.fn<number | null>('octet_length', ['manifests.annotations']).as('annotationBytes');

const referrersOf = statement<Asked>()((q, p) => referrers(q, p).select(REFERRER_ROW));
const referrersOfType = statement<Asked & { readonly artifactType: string }>()((q, p) =>
  ofType(q, p).select(REFERRER_ROW),
);
const sizesOf = statement<Asked>()((q, p) => referrers(q, p).select(annotationBytes));
const sizesOfType = statement<Asked & { readonly artifactType: string }>()((q, p) =>
  ofType(q, p).select(annotationBytes),
);

/** As much as a client takes in one answer (distribution-spec: manifests of 4 MiB); memory is bounded by it. */
const MOST_BYTES = 4 * 1024 * 1024;

/** How many of the rows stay within that much of annotations together; one in any case. */
function rowsWithin(sizes: readonly { readonly annotationBytes: number | null }[]): number {
  let bytes = 0;
  const past = sizes.findIndex((size) => (bytes += size.annotationBytes ?? 0) > MOST_BYTES);
  return past < 0 ? sizes.length : Math.max(1, past);
}

export function* listReferrers(
  repository: RepositoryName,
  subject: Digest,
  page: Parameters<Queries['listReferrers']>[2],
): Work<readonly ReferrerRow[]> {
  const { artifactType } = page;
  const all = { repository, subject, after: placeOf(page), limit: rowsOf(page) };
  const sizes =
    artifactType === undefined ? yield* rows(sizesOf, all) : yield* rows(sizesOfType, { ...all, artifactType });
  const asked = { ...all, limit: rowsWithin(sizes) };
  const found =
    artifactType === undefined
      ? yield* rows(referrersOf, asked)
      : yield* rows(referrersOfType, { ...asked, artifactType });
  return found.map((manifest) => ({
    digest: manifest.digest,
    mediaType: manifest.mediaType,
    sizeBytes: manifest.sizeBytes,
    artifactType: manifest.artifactType ?? undefined,
    annotations: manifest.annotations === null ? {} : (JSON.parse(manifest.annotations) as Record<string, string>),
  }));
}
