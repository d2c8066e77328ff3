import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { By, PageOf } from './asking.ts';
import type { TagGuards } from './tag-types.ts';

/** What a door said of a manifest. */
export interface Description {
  /** Which door, and which of its ways to tell. */
  readonly by: string;
  /** JSON; undefined where it had nothing to say. */
  readonly facts: string | undefined;
}

/** A tag, and the manifest that it points at. */
export interface ArtifactRow {
  readonly repository: RepositoryName;
  /** A number that stays the repository's. Like `id` it is not the same in a rebuilt catalog. */
  readonly repositoryId: number;
  readonly tag: Tag;
  /** A number that the tag has for its life: later ones have higher numbers, one that is made anew has another. */
  readonly id: number;
  /** The manifest's. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  /** When the manifest came to the repository. */
  readonly pushedMs: number;
  /** Undefined where no door was asked. */
  readonly description: Description | undefined;
}

export interface GenerationRow {
  /** It only goes up. */
  readonly generation: number;
  /** When it did last, milliseconds since 1970. */
  readonly changedMs: number;
}

export interface ArtifactQueries {
  findArtifact(repository: RepositoryName, tag: Tag): Promise<ArtifactRow | undefined>;
  /** The repository's tags with what they point at, by tag. */
  listArtifacts(repository: RepositoryName, page: PageOf<string>): Promise<readonly ArtifactRow[]>;
  /** The same of the repository and all below it, by repository, then tag. */
  listArtifactsBelow(
    repository: RepositoryName,
    page: PageOf<Pick<ArtifactRow, 'repository' | 'tag'>>,
  ): Promise<readonly ArtifactRow[]>;
  /** Repositories below with a tag of which `by` says something, or was not asked yet. */
  listDescribed(
    below: RepositoryName,
    by: string,
    page: PageOf<string>,
  ): Promise<readonly { readonly name: RepositoryName; readonly id: number }[]>;
  /** Undefined where nothing ever raised it. */
  findGeneration(key: string): Promise<GenerationRow | undefined>;
  /** Those with keys below (`cola`: `cola/ops`), by key. */
  listGenerations(
    below: RepositoryName,
    page: PageOf<string>,
  ): Promise<readonly (GenerationRow & { readonly key: string })[]>;
}

export interface ArtifactCommands {
  /** Keeps what a door says of a manifest. False where there is none any more. */
  describeManifest: {
    args: {
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly description: Description;
      readonly nowMs: number;
      /** What changes with that. */
      readonly raises?: TagGuards['raises'];
    };
    result: boolean;
  };
  /** Deletes all tags of the repository, with `below` those of all below it too; their manifests stay. */
  deleteTags: {
    args: By & {
      readonly repository: RepositoryName;
      readonly below: boolean;
      /** Rules (pkg/oci/tag-rule.ts) that say which tags of which of the repositories are not deleted. */
      readonly kept: readonly string[];
      readonly raises?: TagGuards['raises'];
    };
    result: Readonly<{ kind: 'deleted'; tags: number }> | Readonly<{ kind: 'kept'; tag: Tag }>;
  };
}
