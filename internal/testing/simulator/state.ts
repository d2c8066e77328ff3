import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import type { Engine } from './postgres/engine.ts';
import type { Values } from './postgres/rows.ts';

/** Content as a repository has it. */
export interface Place {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  /** Of a manifest's own bytes, which no repository holds as a blob. */
  readonly isManifest?: boolean;
}

export const textOf = ({ repository, digest }: Place): string => `${repository} ${digest}`;

/** What is committed, as a crash just now would leave it. */
export interface State {
  readonly blobs: ReadonlyMap<Digest, Values>;
  /** What nobody is given since it was found damaged. */
  readonly quarantined: ReadonlySet<Digest>;
  /** What each manifest needs. */
  readonly references: readonly { readonly place: Place; readonly manifest: Digest }[];
  /** As `textOf` has it: the blobs that repositories hold, the manifests that they have, and those that have a tag. */
  readonly held: ReadonlySet<string>;
  readonly manifests: ReadonlySet<string>;
  readonly tagged: ReadonlySet<string>;
  /** What indexes name. */
  readonly children: readonly { readonly index: Place; readonly child: Place }[];
}

export function readState(engine: Engine): State {
  const names = new Map(engine.committed('repositories').map(({ id, name }) => [id, name as RepositoryName]));
  const placeOf = (repository: unknown, digest: unknown): Place => ({
    repository: names.get(repository) as RepositoryName, // what refers to it keeps its row
    digest: digest as Digest,
  });
  const textsIn = (table: string): ReadonlySet<string> =>
    new Set(engine.committed(table).map((row) => textOf(placeOf(row['repository_id'], row['digest']))));
  return {
    blobs: new Map(engine.committed('blobs').map((row) => [row['digest'] as Digest, row])),
    quarantined: new Set(engine.committed('quarantine').map(({ digest }) => digest as Digest)),
    references: engine.committed('manifest_blobs').map((row) => ({
      place: placeOf(row['repository_id'], row['digest']),
      manifest: row['manifest'] as Digest,
    })),
    held: textsIn('repository_blobs'),
    manifests: textsIn('manifests'),
    tagged: textsIn('tags'),
    children: engine.committed('manifest_children').map((row) => ({
      index: placeOf(row['repository_id'], row['manifest']),
      child: placeOf(row['repository_id'], row['digest']),
    })),
  };
}
