import { findRepositoryName, nameOfSegment, segmentOf, type RepositoryName } from '../../../pkg/oci/index.ts';
import { isName } from './rules/fields.ts';

/** How names of COLA and names of repositories go together (contract 12.1). */
export interface Names {
  /** `cola/ops`; undefined where that would be no name of a repository. */
  readonly registry: (registry: string) => RepositoryName | undefined;
  /** `cola/ops/rollback`. */
  readonly package: (registry: string, packageName: string) => RepositoryName | undefined;
  /** The other way round: undefined where a repository is neither. */
  readonly read: (repository: string) => NamedEntity | undefined;
  /** What all of them are below. */
  readonly prefix: RepositoryName;
}

export interface NamedEntity {
  readonly registry: string;
  /** Undefined for the repository of a registry. */
  readonly packageName: string | undefined;
}

export function createNames(prefix: RepositoryName): Names {
  const below = (...names: string[]): RepositoryName | undefined =>
    findRepositoryName([prefix, ...names.map(segmentOf)].join('/'));

  return {
    prefix,
    registry: (registry) => below(registry),
    package: (registry, packageName) => below(registry, packageName),
    read(repository) {
      if (!repository.startsWith(`${prefix}/`)) return undefined;
      const [registry, packageName, ...deeper] = repository
        .slice(prefix.length + 1)
        .split('/')
        .map(nameOfSegment);
      if (registry === undefined || !isName(registry) || deeper.length > 0) return undefined;
      const isRegistry = repository.split('/').length === prefix.split('/').length + 1;
      if (isRegistry) return { registry, packageName: undefined };
      return packageName !== undefined && isName(packageName) ? { registry, packageName } : undefined;
    },
  };
}
