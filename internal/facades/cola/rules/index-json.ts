import type { Registry, Version } from '../store.ts';
import { entryJson, listJson, type UrlOf } from './json.ts';
import { includes } from './partitions.ts';

/** What a reader may ask of index.json besides all of it. */
export interface IndexView {
  /** Only what is for this partition. */
  readonly partition?: number | undefined;
  /** Checksums as `sha256:<hex>`, which command-launcher does not read. */
  readonly isPrefixed?: boolean;
}

/** What index.json lists of a registry, in its order: by name, then ascending. */
export const listedVersions = (registry: Pick<Registry, 'packages'>): Version[] =>
  registry.packages.flatMap(({ versions }) => versions.filter(({ isListed }) => isListed));

/** The body of index.json: exactly six fields an entry, and never anything but a list. */
export function renderIndex(versions: readonly Version[], urlOf: UrlOf, view: IndexView = {}): string {
  const { partition, isPrefixed = false } = view;
  const shown = partition === undefined ? versions : versions.filter((version) => includes(version, partition));
  return listJson(shown.map((version) => entryJson(version, urlOf(version), isPrefixed ? 'sha256:' : '')));
}
