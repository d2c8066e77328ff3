import type { RepositoryName } from '../../../pkg/oci/index.ts';
import type { PathValues } from '../../http/index.ts';
import { parsePackageName, parseVersionName, type Namespace, type PackageName, type VersionName } from './names.ts';

/** What the path of a package names. */
export interface NamedPackage {
  readonly name: PackageName;
  readonly repository: RepositoryName;
}

/** What the path of an artifact names. */
export interface Named extends NamedPackage {
  readonly version: VersionName;
}

/** NAME_INVALID. */
export function readPackage(namespace: Namespace, { package: text = '' }: PathValues): NamedPackage {
  const name = parsePackageName(text);
  return { name, repository: namespace.repositoryOf(name) };
}

/** NAME_INVALID, REQUEST_INVALID. */
export function readNamed(namespace: Namespace, values: PathValues): Named {
  return { ...readPackage(namespace, values), version: parseVersionName(values['version'] ?? '') };
}
