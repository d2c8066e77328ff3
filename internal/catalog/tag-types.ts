import type { Tag } from '../../pkg/oci/index.ts';

/** What whoever pushes may do with tags: make new ones, and point those that exist at something else. */
export interface TagGrant {
  readonly create: boolean;
  readonly update: boolean;
}

/** What a change of tags must mind; pkg/oci/tag-rule.ts says which tags are a pattern's. */
export interface TagGuards {
  /** Once these are made they are not moved. */
  readonly fixed: readonly string[];
  /** These are not deleted. */
  readonly kept: readonly string[];
  /** What they point at is not read as another media type; those that are fixed where it is not given. */
  readonly typed?: readonly string[] | undefined;
  /** Rules leave these alone; who asks for it may delete them. */
  readonly spared?: readonly string[] | undefined;
  /** The generation that goes up with every change, but for changes of some tags. */
  readonly raises?: { readonly key: string; readonly without: readonly Tag[] } | undefined;
}
