import {
  findRepositoryName,
  nameOfSegment,
  OciError,
  parseRepositoryName,
  segmentOf,
  tagOfVersion,
  type RepositoryName,
  type Tag,
} from '../../../pkg/oci/index.ts';

declare const brand: unique symbol;
/** A checked name of a package, its parts separated by `/` (foundry contract, section 2). */
export type PackageName = string & { readonly [brand]: 'PackageName' };
/** A checked version, which need not be one of semver. */
export type VersionName = string & { readonly [brand]: 'VersionName' };

const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9._+@-]*(?:\/[A-Za-z0-9][A-Za-z0-9._+@-]*)*$/;
const VERSION = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/;
const LONGEST_PACKAGE = 128;

export function findPackageName(text: string): PackageName | undefined {
  return text.length <= LONGEST_PACKAGE && PACKAGE.test(text) ? (text as PackageName) : undefined; // the only cast
}

export function parsePackageName(text: string): PackageName {
  const name = findPackageName(text);
  if (name === undefined) throw new OciError('NAME_INVALID', 'invalid package name');
  return name;
}

export function findVersionName(text: string): VersionName | undefined {
  return VERSION.test(text) ? (text as VersionName) : undefined; // the only cast
}

export function parseVersionName(text: string): VersionName {
  const version = findVersionName(text);
  if (version === undefined) throw new OciError('REQUEST_INVALID', 'invalid version');
  return version;
}

/** The tag that a version is kept under. Two versions may share one: `1.0.0+x` and `1.0.0_x`. */
export function tagOf(version: VersionName): Tag {
  const tag = tagOfVersion(version);
  if (tag === undefined) throw new OciError('REQUEST_INVALID', 'invalid version');
  return tag;
}

/** Where Foundry's packages are among the repositories (foundry contract, section 9). */
export interface Namespace {
  /** `foundry`, as far as it is the beginning of a name: the repositories below it are packages. */
  readonly root: RepositoryName;
  repositoryOf(name: PackageName): RepositoryName;
  /** The package that a repository is; undefined where it is none. */
  packageOf(repository: RepositoryName): PackageName | undefined;
  /** The same by what comes after `foundry/`. */
  packageOfRest(rest: string): PackageName | undefined;
}

export function createNamespace(prefix: string): Namespace {
  const root = parseRepositoryName(prefix);

  function packageOfRest(rest: string): PackageName | undefined {
    const parts = rest.split('/').map(nameOfSegment);
    return parts.includes(undefined) ? undefined : findPackageName(parts.join('/'));
  }

  return {
    root,
    repositoryOf(name) {
      const repository = findRepositoryName(`${prefix}/${name.split('/').map(segmentOf).join('/')}`);
      if (repository === undefined) throw new OciError('NAME_INVALID', 'the package name is too long');
      return repository;
    },
    packageOf: (repository) =>
      repository.startsWith(`${prefix}/`) ? packageOfRest(repository.slice(prefix.length + 1)) : undefined,
    packageOfRest,
  };
}

/** The file that a version is written to: `/` would be a folder. */
export const fileNameOf = (name: string, version: string): string => `${name.replaceAll('/', '_')}-${version}`;
