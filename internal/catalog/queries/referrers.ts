import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import type { Queries, ReferrerRow } from '../types.ts';
import { rowsOf } from './page.ts';

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

const referrersOfType = statement<Asked & { readonly artifactType: string }>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifests', 'manifests.repository_id', 'repositories.id')
    .select(REFERRER_ROW)
    .where('repositories.name', '=', p.repository)
    .where('manifests.subject', '=', p.subject)
    .where('manifests.artifact_type', '=', p.artifactType)
    .where('manifests.digest', '>', p.after as Digest)
    .orderBy('manifests.digest')
    .limit(p.limit),
);

export function* listReferrers(
  repository: RepositoryName,
  subject: Digest,
  page: Parameters<Queries['listReferrers']>[2],
): Work<readonly ReferrerRow[]> {
  const asked = { repository, subject, after: page.after ?? '', limit: rowsOf(page) };
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
