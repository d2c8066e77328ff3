import { matchesPattern, OciError, type RepositoryName } from '../../pkg/oci/index.ts';
import type { Catalog, Quota } from '../catalog/index.ts';
import { namesIn } from '../config/index.ts';
import type { RegistryConfig } from './options.ts';

export interface Quotas {
  /** The quotas that the repository comes under. */
  of(repository: RepositoryName): readonly Quota[];
  /** How many bytes may still be uploaded to the repository; Infinity where no quota says so. QUOTA_EXCEEDED where none may. */
  room(repository: RepositoryName): Promise<Room>;
}

export interface Room {
  readonly bytes: number;
  /** What there is to say when more than that comes. */
  readonly refusal: () => OciError;
}

const UNBOUNDED: Room = { bytes: Number.POSITIVE_INFINITY, refusal: () => new OciError('QUOTA_EXCEEDED') };

export function quotaExceeded(name: string): OciError {
  return new OciError('QUOTA_EXCEEDED', `the quota ${name} leaves no room for this: delete something first`);
}

export function createQuotas(config: RegistryConfig, catalog: Pick<Catalog, 'queries'>, clock: () => number): Quotas {
  const all = namesIn(config, 'quota').flatMap((name): readonly Quota[] => {
    const limitBytes = config[`quota.${name}.limit`];
    return limitBytes === undefined
      ? []
      : [{ name, limitBytes, repositories: config[`quota.${name}.repositories`] ?? ['**'] }];
  });
  const of = (repository: RepositoryName): readonly Quota[] =>
    all.filter(({ repositories }) => repositories.some((pattern) => matchesPattern(pattern, repository)));

  return {
    of,
    async room(repository) {
      let least = UNBOUNDED;
      for (const { name, limitBytes, repositories } of of(repository)) {
        const { usedBytes, reservedBytes } = await catalog.queries.quotaUse(repositories, clock());
        const bytes = limitBytes - usedBytes - reservedBytes;
        if (bytes <= 0) throw quotaExceeded(name);
        if (bytes < least.bytes) least = { bytes, refusal: () => quotaExceeded(name) };
      }
      return least;
    },
  };
}
