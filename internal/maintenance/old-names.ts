import { findRepositoryName, type RepositoryName } from '../../pkg/oci/index.ts';

export type OldName =
  | Readonly<{ kind: 'known'; repository: RepositoryName; doubt: string | undefined }>
  | Readonly<{ kind: 'invalid'; reason: string }>;

/**
 * Which repository a folder of an older Octoserve stands for. It wrote `/` as `_`, which names may hold themselves: what
 * nobody can tell apart stays as it is, unless `names` says what it was.
 */
export function findOldName(folder: string, names: ReadonlyMap<string, RepositoryName>): OldName {
  const named = names.get(folder);
  if (named) return { kind: 'known', repository: named, doubt: undefined };
  const repository = findRepositoryName(folder);
  if (!repository) return { kind: 'invalid', reason: `${JSON.stringify(folder)} is no name of a repository` };
  if (!folder.includes('_')) return { kind: 'known', repository, doubt: undefined };
  const other = findRepositoryName(folder.replaceAll('_', '/'));
  const doubt = other
    ? `the older Octoserve wrote / as _: if this was ${other}, import it with --name ${folder}=${other}`
    : `the older Octoserve wrote / as _: if this was another name, import it with --name ${folder}=<name>`;
  return { kind: 'known', repository, doubt };
}
