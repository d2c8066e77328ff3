import type { Expression, ExpressionBuilder } from 'kysely';
import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
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

const referrersOf = statement<Asked>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifests', 'manifests.repository_id', 'repositories.id')
    .select(REFERRER_ROW)
    .where('repositories.name', '=', p.repository)
    .where('manifests.subject', '=', p.subject)
    .where('manifests.digest', '>', p.after as Digest)
    .orderBy('manifests.digest')
    .limit(p.limit),
);

/** What of a type the index of PostgreSQL has: its entries must be short. */
const typeKey = (eb: ExpressionBuilder<Schema, 'manifests'>, type: Expression<string | null>) =>
  eb.fn<string | null>('substr', [type, eb.lit(1), eb.lit(255)]);

const referrersOfType = statement<Asked & { readonly artifactType: string }>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifests', 'manifests.repository_id', 'repositories.id')
    .select(REFERRER_ROW)
    .where('repositories.name', '=', p.repository)
    .where('manifests.subject', '=', p.subject)
    .where('manifests.artifact_type', '=', p.artifactType)
    .where((eb) => eb(typeKey(eb, eb.ref('manifests.artifact_type')), '=', typeKey(eb, eb.val(p.artifactType))))
    .where('manifests.digest', '>', p.after as Digest)
    .orderBy('manifests.digest')
    .limit(p.limit),
);

export function* listReferrers(
  repository: RepositoryName,
  subject: Digest,
  page: Parameters<Queries['listReferrers']>[2],
): Work<readonly ReferrerRow[]> {
  const asked = { repository, subject, after: placeOf(page), limit: rowsOf(page) };
  const { artifactType } = page;
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
