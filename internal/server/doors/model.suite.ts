import { createHash } from 'node:crypto';
import { segmentOf } from '../../../pkg/oci/index.ts';

// A suite by its name only because nothing but tests may import it.

export const REGISTRIES = ['ops', 'web'];
export const PACKAGES = ['a', 'b-'];
/** In the order in which COLA lists them. */
export const VERSIONS = ['1', '1.0.0', '1.1.0', '2.0.0-rc.1+b7', '2.0.0'];
export const TOOLS = ['Team/App', 'tool'];
export const RELEASES = ['1', 'nightly', 'r2+x'];

export const colaRegistry = (registry: string): string => `cola/${segmentOf(registry)}`;
export const colaPackage = (registry: string, name: string): string => `${colaRegistry(registry)}/${segmentOf(name)}`;
export const foundryPackage = (name: string): string => `foundry/${name.split('/').map(segmentOf).join('/')}`;
export const tagFor = (version: string): string => version.replaceAll('+', '_');
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Every repository that anything is done to. */
export const REPOSITORIES: readonly string[] = [
  ...REGISTRIES.flatMap((registry) => [colaRegistry(registry), ...PACKAGES.map((name) => colaPackage(registry, name))]),
  ...TOOLS.map(foundryPackage),
  'other/img',
];

/** What a manifest holds. Two with the same id are one manifest. */
export interface Content {
  readonly id: string;
  /** `other` is nothing to a facade: an index, a signature. */
  readonly kind: 'file' | 'reference' | 'registry' | 'package' | 'other';
  readonly text: string;
  /** The version that it says it is. */
  readonly version?: string | undefined;
  readonly partitions?: readonly [number, number];
}

export interface ModelVersion {
  readonly version: string;
  readonly checksum: string;
  readonly partitions: readonly [number, number];
  /** Of what is somewhere else. */
  readonly url: string | undefined;
  readonly repository: string;
  readonly isListed: boolean;
}

const EVERYBODY = [0, 9] as const;
export const urlOf = (text: string): string => `https://dl.example.org/${text}.pkg`;

/** What the doors are told, kept plainly: tags that name contents. Everything else follows from that. */
export class Model {
  readonly #tags = new Map<string, Map<string, Content>>();

  at(repository: string, tag: string): Content | undefined {
    return this.#tags.get(repository)?.get(tag);
  }

  put(repository: string, tag: string, content: Content): void {
    const tags = this.#tags.get(repository) ?? new Map<string, Content>();
    this.#tags.set(repository, tags.set(tag, content));
  }

  drop(repository: string, tag: string): void {
    this.#tags.get(repository)?.delete(tag);
  }

  /** All tags that name the content. */
  dropContent(repository: string, { id }: Content): void {
    for (const tag of this.tagsOf(repository)) if (this.at(repository, tag)?.id === id) this.drop(repository, tag);
  }

  clear(repository: string, below: boolean): void {
    for (const name of this.#tags.keys()) {
      if (name === repository || (below && name.startsWith(`${repository}/`))) this.#tags.delete(name);
    }
  }

  tagsOf(repository: string): readonly string[] {
    return [...(this.#tags.get(repository)?.keys() ?? [])].toSorted();
  }

  /** What COLA lists of a package: of several tags of one content the one that it says it is, else the longest. */
  versionsOf(registry: string, name: string): readonly ModelVersion[] {
    const repository = colaPackage(registry, name);
    const byContent = new Map<string, string>();
    for (const version of VERSIONS.toSorted()) {
      const content = this.at(repository, tagFor(version));
      if (!content || !isVersion(content)) continue;
      const other = byContent.get(content.id);
      const isBetter =
        other === undefined ||
        content.version === version ||
        (content.version !== other && version.length > other.length);
      if (isBetter) byContent.set(content.id, version);
    }
    const chosen = [...byContent.values()].toSorted((a, b) => VERSIONS.indexOf(a) - VERSIONS.indexOf(b));
    return chosen.map((version) => {
      const { kind, text, partitions = EVERYBODY } = this.at(repository, tagFor(version)) as Content;
      const url = kind === 'reference' ? urlOf(text) : undefined;
      return { version, checksum: sha256(text), partitions, url, repository, isListed: text !== '' };
    });
  }

  hasPackage(registry: string, name: string): boolean {
    const document = this.at(colaPackage(registry, name), '_package');
    return document?.kind === 'package' || this.versionsOf(registry, name).length > 0;
  }

  packagesOf(registry: string): readonly string[] {
    return PACKAGES.filter((name) => this.hasPackage(registry, name));
  }

  hasRegistry(registry: string): boolean {
    return this.at(colaRegistry(registry), '_registry')?.kind === 'registry' || this.packagesOf(registry).length > 0;
  }

  /** What Foundry lists of a package: what a content says it is, where the tag says so too, else the tag. */
  releasesOf(name: string): readonly (readonly [version: string, hash: string])[] {
    const repository = foundryPackage(name);
    return this.tagsOf(repository)
      .map((tag) => [tag, this.at(repository, tag) as Content] as const)
      .filter(([, content]) => isVersion(content))
      .map(
        ([tag, { version, text }]) => [tagFor(version ?? '') === tag ? (version ?? '') : tag, sha256(text)] as const,
      );
  }
}

export const isVersion = ({ kind }: Content): boolean => kind === 'file' || kind === 'reference';
