import type { RepositoryName } from '../../../../pkg/oci/index.ts';
import type { Artifact, Artifacts } from '../../../artifacts/index.ts';
import type { Names } from '../names.ts';
import type { Described, Package, Registry } from '../store.ts';
import { PACKAGE_TAG, REGISTRY_TAG } from './door.ts';
import { readFacts } from './facts.ts';
import { versionsOf } from './versions.ts';

/** What is there of registries and packages, made out of artifacts. */
export interface Listing {
  registries(): Promise<readonly Registry[]>;
  /** Undefined where there is neither a document of it nor a package in it. */
  registry(name: string): Promise<Registry | undefined>;
  /** Undefined where there is neither a document of it nor a version. */
  package(registry: string, name: string): Promise<Package | undefined>;
  /** Whether there is such a registry; a look or two, however much is in it. */
  hasRegistry(name: string): Promise<boolean>;
  hasPackage(registry: string, name: string): Promise<boolean>;
}

export interface ListingDeps {
  readonly artifacts: Artifacts;
  readonly names: Names;
  /** Whether what cannot be installed is not listed. */
  readonly isStrict: boolean;
}

const PAGE = 1000;
/** Where one is enough, it is among the first. */
const LOOK = 16;
const NOTHING: Described = { description: '', people: [], customValues: new Map() };

/** What the artifact of a tag says of a registry or package. */
function describedAt(artifacts: readonly Artifact[], tag: string): Described | undefined {
  const facts = readFacts(artifacts.find((artifact) => artifact.tag === tag)?.facts);
  return facts?.kind === 'registry' || facts?.kind === 'package' ? facts : undefined;
}

export function createListing({ artifacts, names, isStrict }: ListingDeps): Listing {
  async function* below(repository: RepositoryName, limit: number): AsyncGenerator<Artifact> {
    for (let after: Artifact | undefined; ;) {
      const page = await artifacts.listBelow(repository, { limit, after });
      yield* page;
      if (page.length < limit) return;
      after = page.at(-1);
      await new Promise(setImmediate); // a long list is not to keep others waiting
    }
  }

  /** By repository, in the order of names. */
  async function gather(repository: RepositoryName): Promise<ReadonlyMap<RepositoryName, readonly Artifact[]>> {
    const found = new Map<RepositoryName, Artifact[]>();
    for await (const artifact of below(repository, PAGE)) {
      const others = found.get(artifact.repository);
      if (others) others.push(artifact);
      else found.set(artifact.repository, [artifact]);
    }
    return found;
  }

  function toPackage(name: string, all: readonly Artifact[]): Package | undefined {
    const versions = versionsOf(all, name, isStrict);
    const described = describedAt(all, PACKAGE_TAG);
    if (!described && versions.length === 0) return undefined;
    const { description, people, customValues } = described ?? { ...NOTHING, description: impliedDescription(all) };
    return { name, description, people, customValues, versions };
  }

  function toRegistries(all: ReadonlyMap<RepositoryName, readonly Artifact[]>): readonly Registry[] {
    const described = new Map<string, Described>();
    const packages = new Map<string, Package[]>();
    for (const [repository, some] of all) {
      const { registry, packageName } = names.read(repository) ?? { registry: undefined, packageName: undefined };
      if (registry === undefined) continue;
      if (packageName === undefined) {
        const said = describedAt(some, REGISTRY_TAG);
        if (said) described.set(registry, said);
        continue;
      }
      const found = toPackage(packageName, some);
      if (found) packages.set(registry, [...(packages.get(registry) ?? []), found]);
    }
    return [...new Set([...described.keys(), ...packages.keys()])].toSorted().map((name) => {
      const { description, people, customValues } = described.get(name) ?? NOTHING;
      return { name, description, people, customValues, packages: sortByName(packages.get(name) ?? []) };
    });
  }

  return {
    registries: async () => toRegistries(await gather(names.prefix)),

    async registry(name) {
      const repository = names.registry(name);
      return repository && toRegistries(await gather(repository)).find((registry) => registry.name === name);
    },

    async package(registry, name) {
      const repository = names.package(registry, name);
      if (!repository || names.read(repository)?.packageName !== name) return undefined;
      const all: Artifact[] = [];
      for (let after: Artifact | undefined; ;) {
        const page = await artifacts.list(repository, { limit: PAGE, after: after?.tag });
        all.push(...page);
        if (page.length < PAGE) return toPackage(name, all);
        after = page.at(-1);
      }
    },

    async hasRegistry(name) {
      const repository = names.registry(name);
      if (!repository || names.read(repository)?.registry !== name) return false;
      const document = await artifacts.find(repository, REGISTRY_TAG);
      if (readFacts(document?.facts)?.kind === 'registry') return true;
      for await (const artifact of below(repository, LOOK)) {
        const packageName = names.read(artifact.repository)?.packageName;
        if (packageName !== undefined && toPackage(packageName, [artifact])) return true;
      }
      return false;
    },

    async hasPackage(registry, name) {
      const repository = names.package(registry, name);
      if (!repository || names.read(repository)?.packageName !== name) return false;
      const document = await artifacts.find(repository, PACKAGE_TAG);
      if (readFacts(document?.facts)?.kind === 'package') return true;
      for (let after: Artifact | undefined; ;) {
        const page = await artifacts.list(repository, { limit: LOOK, after: after?.tag });
        if (page.some((artifact) => toPackage(name, [artifact]))) return true;
        if (page.length < LOOK) return false;
        after = page.at(-1);
      }
    },
  };
}

/** Of a package that was only pushed: what the newest push says. */
function impliedDescription(all: readonly Artifact[]): string {
  const newestFirst = all.toSorted((a, b) => b.pushedMs - a.pushedMs || b.id - a.id);
  for (const { facts } of newestFirst) {
    const known = readFacts(facts);
    if (known?.kind === 'version' && known.description !== '') return known.description;
  }
  return '';
}

const sortByName = (packages: readonly Package[]): readonly Package[] =>
  packages.toSorted((a, b) => (a.name < b.name ? -1 : 1));
