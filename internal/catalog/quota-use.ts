import { matchesPattern, prefixOf, type RepositoryName } from '../../pkg/oci/index.ts';
import { statement } from './statement.ts';
import { row, rows, type Work } from './step.ts';
import type { QuotaUse } from './types.ts';

type Range = { readonly from: string; readonly to: string };

const usageWithin = statement<Range>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('repository_usage', 'repository_usage.repository_id', 'repositories.id')
    .select(['repositories.id', 'repositories.name', 'repository_usage.bytes'])
    .where('repositories.name', '>=', p.from as RepositoryName)
    .where('repositories.name', '<', p.to as RepositoryName)
    .orderBy('repositories.name'),
);

const repositoriesWithin = statement<Range>()((q, p) =>
  q
    .selectFrom('repositories')
    .select(['id', 'name'])
    .where('name', '>=', p.from as RepositoryName)
    .where('name', '<', p.to as RepositoryName)
    .orderBy('name'),
);

const uploadedWithin = statement<Range>()((q, p) =>
  q
    .selectFrom('uploads')
    .select(['repository as name', 'offset_bytes as bytes'])
    .where('repository', '>=', p.from as RepositoryName)
    .where('repository', '<', p.to as RepositoryName),
);

/** Uploaded, and kept for a manifest that is to come. */
const awaiting = statement<{ repository: number; nowMs: number }>()((q, p) =>
  q
    .selectFrom('gc_leases')
    .innerJoin('blobs', 'blobs.digest', 'gc_leases.digest')
    .select((eb) => eb.fn.sum<number | null>('blobs.size_bytes').as('bytes'))
    .where('gc_leases.repository_id', '=', p.repository)
    .where('gc_leases.until_ms', '>', p.nowMs)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('manifest_blobs')
            .select('manifest_blobs.manifest')
            .whereRef('manifest_blobs.digest', '=', 'gc_leases.digest')
            .whereRef('manifest_blobs.repository_id', '=', 'gc_leases.repository_id'),
        ),
      ),
    ),
);

/** The names that begin as those of the pattern do: no name holds a character after `z`. */
const rangeOf = (pattern: string): Range => ({ from: prefixOf(pattern), to: `${prefixOf(pattern)}~` });

/** What the manifests of these repositories reference, each repository by itself. */
export function* referencedBytes(patterns: readonly string[]): Work<number> {
  const found = new Map<string, number>();
  for (const pattern of patterns) {
    for (const { name, bytes } of yield* rows(usageWithin, rangeOf(pattern))) {
      if (matchesPattern(pattern, name)) found.set(name, bytes);
    }
  }
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
}

export function* quotaUse(patterns: readonly string[], nowMs: number): Work<QuotaUse> {
  const isMeant = (name: string): boolean => patterns.some((pattern) => matchesPattern(pattern, name));
  const repositories = new Map<number, string>();
  const ranges = patterns.map(rangeOf);
  for (const range of ranges) {
    for (const { id, name } of yield* rows(repositoriesWithin, range)) if (isMeant(name)) repositories.set(id, name);
  }
  let reservedBytes = 0;
  for (const repository of repositories.keys()) {
    reservedBytes += (yield* row(awaiting, { repository, nowMs }))?.bytes ?? 0;
  }
  const all = ranges.filter(({ from }) => !ranges.some((other) => other.from !== from && from.startsWith(other.from)));
  for (const from of new Set(all.map((range) => range.from))) {
    for (const { name, bytes } of yield* rows(uploadedWithin, { from, to: `${from}~` })) {
      if (isMeant(name)) reservedBytes += bytes;
    }
  }
  return { usedBytes: yield* referencedBytes(patterns), reservedBytes };
}
