import type { RepositoryName } from '../../pkg/oci/index.ts';

/** Between which texts the names of all repositories below lie (`a/b` and `a/b/c` below `a`, and not `a-b`). */
export function placesBelow(repository: RepositoryName): { readonly after: string; readonly before: string } {
  return { after: `${repository}/`, before: `${repository}0` }; // 0 comes right after the slash
}
