import { matchesPattern, OciError, type RepositoryName } from '../../pkg/oci/index.ts';
import type { Catalog, Quota } from '../catalog/index.ts';
import { namesIn } from '../config/index.ts';
import type { RegistryConfig } from './options.ts';

export interface Quotas {
  /** The quotas that the repository comes under. */
  of(repository: RepositoryName): readonly Quota[];
  /** Begins to count what comes for the repository. QUOTA_EXCEEDED where nothing more may. */
  hold(repository: RepositoryName): Promise<Hold>;
}

/** What is under way to a repository: it counts for its quotas from when it is taken until it is released. */
export interface Hold {
  readonly isBounded: boolean;
  /** Room for so many bytes more, beside all that is under way here. QUOTA_EXCEEDED where there is none. */
  take(bytes: number): Promise<void>;
  /** To be called when the catalog counts what came, or nothing comes. */
  release(): void;
}

/** After so many bytes it is looked again at what is settled. */
const LOOK_BYTES = 16 * 1024 * 1024;

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

  /** By the quota's name; of this process alone, since what others bring counts as soon as it has come. */
  const underWay = new Map<string, number>();
  const comingTo = (name: string): number => underWay.get(name) ?? 0;

  async function roomOf({ limitBytes, repositories }: Quota): Promise<number> {
    const { usedBytes, reservedBytes } = await catalog.queries.quotaUse(repositories, clock());
    return limitBytes - usedBytes - reservedBytes;
  }

  async function hold(repository: RepositoryName): Promise<Hold> {
    const quotas = of(repository);
    const rooms = new Map<string, number>();
    let [heldBytes, unseenBytes] = [0, 0];
    const look = async (): Promise<void> => {
      for (const quota of quotas) rooms.set(quota.name, await roomOf(quota));
      unseenBytes = 0;
    };
    const exceededBy = (bytes: number): Quota | undefined =>
      quotas.find(({ name }) => comingTo(name) + bytes > (rooms.get(name) ?? 0));
    const count = (bytes: number): void => {
      heldBytes += bytes;
      for (const { name } of quotas) underWay.set(name, comingTo(name) + bytes);
    };

    async function take(bytes: number): Promise<void> {
      unseenBytes += bytes;
      if (unseenBytes >= LOOK_BYTES) await look();
      // What was settled since the last look was counted twice: nobody is refused for that.
      if (exceededBy(bytes)) await look();
      const quota = exceededBy(bytes); // from here to the count nobody comes in between
      if (quota) throw quotaExceeded(quota.name);
      count(bytes);
    }

    await look();
    await take(1);
    count(-1);
    return { isBounded: quotas.length > 0, take, release: () => count(-heldBytes) };
  }

  return { of, hold };
}
