import { findRepositoryName, type RepositoryName } from '../../pkg/oci/index.ts';
import type { Action } from './actions.ts';
import type { Scope } from './principal.ts';

/** What a client asks a token for, in the words that it uses. */
export type AskedScope =
  | Readonly<{ kind: 'repository'; repository: RepositoryName; words: readonly ScopeWord[] }>
  | Readonly<{ kind: 'catalog' }>;

export type ScopeWord = 'pull' | 'push' | 'delete';

/** What each word of a token stands for; whether a tag may be moved is for the rules to say. */
const MEANING: { readonly [Word in ScopeWord]: readonly Action[] } = {
  pull: ['pull'],
  push: ['push', 'create', 'update'],
  delete: ['delete'],
};
const WORDS = Object.keys(MEANING) as readonly ScopeWord[];

/** A client may ask for several repositories (a mount), but not for as many as make us work. */
const MOST = 32;
const LONGEST = 4096;

/**
 * The scopes in the `scope` parameters of a token request (docker's token specification; several in one are parted by
 * spaces). Only whole names of repositories count: what is anything else is not granted, and no error.
 */
export function parseScopes(parameters: readonly string[]): readonly AskedScope[] {
  const texts = parameters.flatMap((text) => text.slice(0, LONGEST).split(' ')).filter((text) => text !== '');
  return texts.slice(0, MOST).flatMap((text) => parseScope(text) ?? []);
}

function parseScope(text: string): AskedScope | undefined {
  if (text === 'registry:catalog:*') return { kind: 'catalog' };
  const [, name = '', words = ''] = /^repository:([^:]+):([a-z,*]+)$/.exec(text) ?? [];
  const repository = findRepositoryName(name);
  if (!repository) return undefined;
  const asked = words.split(',');
  // `*` is what some clients ask for to delete.
  const known = WORDS.filter((word) => asked.includes(word) || asked.includes('*'));
  return known.length === 0 ? undefined : { kind: 'repository', repository, words: known };
}

/** An entry of a token's `access` claim. */
export interface AccessClaim {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/**
 * Of what is asked, what may be done: a word stands where any action that it means is allowed, the list of repositories
 * where `mayList`.
 */
export function grantScopes(
  asked: readonly AskedScope[],
  may: (action: Action, repository: RepositoryName) => boolean,
  mayList: boolean,
): readonly AccessClaim[] {
  const granted = asked.map((scope): AccessClaim => {
    if (scope.kind === 'catalog') return { type: 'registry', name: 'catalog', actions: mayList ? ['*'] : [] };
    const { repository, words } = scope;
    const actions = words.filter((word) => MEANING[word].some((action) => may(action, repository)));
    return { type: 'repository', name: repository, actions };
  });
  return granted.filter(({ actions }) => actions.length > 0);
}

/** What a token with such a claim was given. */
export function scopeOf(access: readonly AccessClaim[]): Scope {
  const repositories = new Map<string, ReadonlySet<Action>>();
  for (const { type, name, actions } of access) {
    if (type !== 'repository') continue;
    const meant = WORDS.filter((word) => actions.includes(word)).flatMap((word) => MEANING[word]);
    repositories.set(name, new Set([...(repositories.get(name) ?? []), ...meant]));
  }
  const catalog = access.some(({ type, name }) => type === 'registry' && name === 'catalog');
  return { repositories, catalog };
}
