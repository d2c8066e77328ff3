import { hashStaticToken, wrongOfPattern, type Action, type StaticToken } from '../../internal/auth/index.ts';
import { isTree } from '../../internal/config/index.ts';
import { segmentOf } from '../../pkg/oci/index.ts';

const SCOPES = ['read', 'write', 'delete', 'gc'] as const;
type Scope = (typeof SCOPES)[number];

const ACTIONS: Readonly<Record<Scope, readonly Action[]>> = {
  read: ['pull'],
  write: ['push', 'create', 'update'],
  delete: ['delete'],
  gc: ['admin'],
};

/**
 * An entry of `auth.tokens` (foundry contract, section 4): a text may do everything; an object says what it may, and to
 * which packages. Throws an Error that says which one is wrong in what, and never the token.
 */
export function parseToken(entry: unknown, index: number, prefix: string): StaticToken {
  const fail = (what: string): never => {
    throw new Error(`auth.tokens: entry ${index + 1} ${what}`);
  };
  const name = `token-${index + 1}`;
  if (typeof entry === 'string') {
    if (entry.trim() === '') fail('is empty');
    return { name, sha256: hashStaticToken(entry), access: { repositories: ['**'], actions: allActions(SCOPES) } };
  }
  if (!isTree(entry)) return fail('must be a text, or an object with a token');
  const { token, tokenSha256, name: called = name, scopes = SCOPES, packages } = entry;
  const unknown = Object.keys(entry).find(
    (key) => !['token', 'tokenSha256', 'name', 'scopes', 'packages'].includes(key),
  );
  if (unknown !== undefined) fail(`has ${unknown}, which is none of token, tokenSha256, name, scopes and packages`);
  if (typeof called !== 'string' || !/^[\w.@-]{1,64}$/.test(called)) return fail('must have a plain name');
  const granted = textsOf(scopes)?.map((scope) => SCOPES.find((known) => known === scope)) ?? [undefined];
  if (granted.includes(undefined)) return fail(`must have scopes among ${SCOPES.join(', ')}`);
  const named = packages === undefined ? undefined : textsOf(packages);
  if (packages !== undefined && named === undefined) return fail('must have a list of packages');
  // What is deleted there is of all packages: the right to collect cannot be of some of them.
  const scoped = (granted as readonly Scope[]).filter((scope) => scope !== 'gc' || packages === undefined);
  if (scoped.length < granted.length && scopes !== SCOPES) fail('has the scope gc, which is not of some packages');
  const repositories = scoped.includes('gc') ? ['**'] : (named ?? ['**']).map((text) => patternOf(text, prefix, fail));
  return {
    name: called,
    sha256: hashOf(token, tokenSha256, fail),
    access: { repositories, actions: allActions(scoped) },
  };
}

const allActions = (scopes: readonly Scope[]): readonly Action[] => scopes.flatMap((scope) => ACTIONS[scope]);

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
}

function hashOf(token: unknown, hash: unknown, fail: (what: string) => never): string {
  if (typeof token === 'string' && token.trim() !== '' && hash === undefined) return hashStaticToken(token);
  if (typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash) && token === undefined) return hash.toLowerCase();
  return fail('must have a token or its tokenSha256 (64 hex digits), and not both');
}

/** Packages as repositories are called; names with what repositories may not hold are encoded, which only goes whole. */
function patternOf(text: string, prefix: string, fail: (what: string) => never): string {
  const pattern = text.includes('*') ? text : text.split('/').map(segmentOf).join('/');
  const wrong = wrongOfPattern(pattern);
  if (wrong !== undefined) fail(`has the packages ${text}, which ${wrong}`);
  return `${prefix}/${pattern}`;
}
