import type { Digest, RepositoryName } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';

/** When manifests were pulled: gathered in memory, written down together. A pull costs no write of its own. */
export interface PullNotes {
  note(repository: RepositoryName, digest: Digest): void;
  /** A blob was pulled without a manifest: that counts as a pull of every manifest of the repository that names it. */
  noteBlob(repository: RepositoryName, digest: Digest): void;
  /** Writes down what was gathered; what cannot be written now is gathered on. */
  flush(): Promise<void>;
}

/** A pull within so long of one that was noted says nothing new. */
const RESOLUTION_MS = 60 * 60 * 1000;
/** So many manifests are remembered at a time; what more is pulled before they are written down is not noted. */
const MOST = 20_000;

interface Pull {
  readonly of: 'manifest' | 'blob';
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly pulledMs: number;
}

const keyOf = ({ of, repository, digest }: Omit<Pull, 'pulledMs'>): string => `${of} ${repository}@${digest}`;

export function createPullNotes(catalog: Pick<Catalog, 'run'>, clock: () => number): PullNotes {
  /** By when they were noted, oldest first; `waiting` are those of them that are not written down. */
  const noted = new Map<string, number>();
  const waiting = new Map<string, Pull>();

  function note(of: Pull['of'], repository: RepositoryName, digest: Digest): void {
    const key = keyOf({ of, repository, digest });
    const nowMs = clock();
    if (nowMs - (noted.get(key) ?? -RESOLUTION_MS) < RESOLUTION_MS || waiting.size >= MOST) return;
    noted.delete(key);
    noted.set(key, nowMs);
    waiting.set(key, { of, repository, digest, pulledMs: nowMs });
    const [oldest] = noted.keys();
    if (noted.size > MOST && oldest !== undefined) noted.delete(oldest);
  }

  return {
    note: (repository, digest) => note('manifest', repository, digest),
    noteBlob: (repository, digest) => note('blob', repository, digest),
    async flush() {
      const pulls = [...waiting.values()];
      if (pulls.length === 0) return;
      waiting.clear();
      try {
        await catalog.run('recordPulls', { pulls });
      } catch (failure) {
        for (const pull of pulls) {
          const key = keyOf(pull);
          if (!waiting.has(key) && waiting.size < MOST) waiting.set(key, pull);
        }
        throw failure;
      }
    },
  };
}
