import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseRepositoryName } from '../../pkg/oci/index.ts';
import { CatalogError, openCatalog, type Catalog } from '../catalog/index.ts';
import { hashSecret, newApiKey } from './api-key.ts';
import { createAuth, type AuthService } from './create-auth.ts';
import type { LoginGuard } from './ports.ts';
import type { Credentials } from './sign-in.ts';
import { NO_FILE_USERS, parseFileUsers } from './users-file.ts';

const BY = { by: { principal: 'test', address: '', requestId: '' }, nowMs: 1 };
const PASSWORD = 'correct horse';
const BCRYPT = '$2b$10$E6WUuA4HVPJvHKX8mhYU8ujNd1N7D5RcHFuabu1lf07HHxZScAL0S';

let catalog: Catalog;
let auth: AuthService;
let events: string[];
let file = NO_FILE_USERS;
const time = { nowMs: 0, ticks: 0 };
const guard = { waitMs: 0 };

beforeEach(async () => {
  const config = { 'catalog.type': 'sqlite', 'catalog.path': undefined } as const;
  catalog = await openCatalog(config, { path: '', durability: 'os', memory: true });
  Object.assign(time, { nowMs: Date.UTC(2026, 0, 1), ticks: 1000 });
  guard.waitMs = 0;
  [events, file] = [[], NO_FILE_USERS];
  let ids = 0;
  const keeper: LoginGuard = {
    attempt: async (_attempt, check) => (guard.waitMs > 0 ? { retryAfterMs: guard.waitMs } : check()),
  };
  auth = createAuth({
    scheme: 'token',
    config: {
      'auth.anonymous': ['public/**'],
      'auth.users_file': undefined,
      'auth.service': 'registry',
      'auth.access_lifetime': 300_000,
      'auth.refresh_lifetime': 3_600_000,
      'auth.key_rotation': 86_400_000,
    },
    catalog,
    clock: () => time.nowMs,
    ticks: () => time.ticks,
    newId: () => `id-${(ids += 1)}`,
    file: () => file,
    uploadExpiryMs: 3_600_000,
    guard: keeper,
    events: {
      signedIn: ({ principal, method }) => void events.push(`${principal} by ${method}`),
      refused: ({ user, method }) => void events.push(`not ${user} by ${method}`),
    },
    workloads: {
      find: async (rule) => (rule === 'deploy' ? { repositories: ['ci/*'], actions: ['push'] } : undefined),
    },
  });
  await addUser('alice');
});
afterEach(async () => {
  jest.restoreAllMocks();
  await auth.close();
  await catalog.close();
});

async function addUser(name: string): Promise<void> {
  const password = await auth.passwords.hash(PASSWORD);
  const roles = [{ role: 'writer', pattern: 'team/**' }];
  const more = { email: undefined, displayName: undefined, groups: [], roles };
  await catalog.run('createUser', { ...BY, name, password, ...more });
}

const credentials = (authorization?: string): Credentials => ({
  authorization,
  cookie: undefined,
  certificate: undefined,
  address: '192.0.2.1:1',
  requestId: 'request',
});
const basic = (user: string, password: string = PASSWORD): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const signIn = (authorization?: string) => auth.signIn(credentials(authorization));
const kindOf = async (authorization?: string) => (await signIn(authorization)).kind;
const tokenOf = async (subject: string, generation: number) =>
  `Bearer ${(await auth.tokens.issue({ subject, generation, access: undefined }, 300)).text}`;

/** Counts every query from here on. */
function countQueries(): () => number {
  const names = Object.keys(catalog.queries) as (keyof typeof catalog.queries)[];
  const spies = names.map((name) => jest.spyOn(catalog.queries, name));
  return () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
}

describe('a request', () => {
  const repository = parseRepositoryName('team/app');
  const pass = async (authorization: string): Promise<boolean> => {
    const found = await signIn(authorization);
    return found.kind === 'signedIn' && (await auth.actorOf(found.identity)).may('push', repository);
  };

  it.each([
    ['a token', async () => tokenOf('user:alice', (await auth.findUser('alice'))?.generation ?? 0)],
    ['a password', async () => basic('alice')],
    [
      'a key',
      async () => {
        const key = newApiKey();
        const access = { repositories: ['team/*'], actions: ['push'], expiresMs: undefined };
        await catalog.run('createKey', { ...BY, name: 'ci', hash: hashSecret(key), owner: undefined, ...access });
        auth.renew();
        return `Bearer ${key}`;
      },
    ],
  ])('with %s that was seen costs no hash and no query', async (_, make) => {
    const authorization = await make();
    expect(await pass(authorization)).toBe(true);
    const [queries, hashes] = [countQueries(), auth.passwords.computed];
    for (let times = 0; times < 10; times += 1) expect(await pass(authorization)).toBe(true);
    expect([queries(), auth.passwords.computed - hashes]).toEqual([0, 0]);
  });

  it('asks one small question in two seconds, however many come', async () => {
    const token = await tokenOf('user:alice', (await auth.findUser('alice'))?.generation ?? 0);
    await pass(token);
    const queries = countQueries();
    for (let times = 0; times < 10; times += 1) {
      time.ticks += 1000;
      for (let more = 0; more < 5; more += 1) await pass(token);
    }
    expect(queries()).toBe(5);
  });
});

describe('signing in', () => {
  it('is for whoever has the password, and told once', async () => {
    expect(await signIn(basic('alice'))).toEqual({
      kind: 'signedIn',
      identity: { principal: { kind: 'user', name: 'alice', groups: [] } },
      ambient: false,
    });
    expect(await kindOf(basic('alice'))).toBe('signedIn');
    expect(events).toEqual(['user:alice by password']);
  });

  it.each([
    ['a wrong password', basic('alice', 'wrong')],
    ['no password', basic('alice', '')],
    ['an absent user', basic('bob')],
    ['no name', basic('')],
    ['a name that is none', basic('al\u0001ice')],
    ['a key that is none', `Bearer ${newApiKey()}`],
    ['what looks like a token', 'Bearer a.b.c'],
    ['what looks like nothing', 'Bearer xyz'],
  ])('is refused with %s', async (_, authorization) => {
    expect(await kindOf(authorization)).toBe('refused');
  });

  it('computes as much for an absent user, a disabled one, and one without a password', async () => {
    await catalog.run('updateUser', { ...BY, name: 'alice', disabled: true });
    await catalog.run('createUser', {
      ...BY,
      name: 'carol',
      password: undefined,
      email: undefined,
      displayName: undefined,
      groups: [],
      roles: [],
    });
    const costs = [];
    for (const name of ['nobody', 'alice', 'carol']) {
      const before = auth.passwords.computed;
      expect(await kindOf(basic(name))).toBe('refused');
      costs.push(auth.passwords.computed - before);
    }
    expect(costs).toEqual([1, 1, 1]);
    expect(events).toEqual(['not (nobody) by password', 'not alice by password', 'not carol by password']);
  });

  it('waits where the guard says so, without a hash; who is remembered does not', async () => {
    await kindOf(basic('alice'));
    guard.waitMs = 5000;
    const before = auth.passwords.computed;
    expect(await signIn(basic('alice', 'guess'))).toEqual({ kind: 'limited', retryAfterMs: 5000 });
    expect(auth.passwords.computed).toBe(before);
    expect(await kindOf(basic('alice'))).toBe('signedIn');
  });

  it('takes a user of the file before one of the catalog', async () => {
    file = parseFileUsers({ users: [{ username: 'alice', password: BCRYPT, groups: ['file'] }] });
    expect(await kindOf(basic('alice'))).toBe('refused');
    expect(await signIn(basic('alice', 'nothing in particular'))).toMatchObject({
      identity: { principal: { groups: ['file'] } },
    });
  });

  it('gives roles of the file to its users, and takes them when it changes', async () => {
    const mayDelete = async () => {
      const actor = await auth.actorOf({ principal: { kind: 'user', name: 'ann', groups: [] } });
      return actor.may('delete', parseRepositoryName('x'));
    };
    file = parseFileUsers({ users: [{ username: 'ann', password: BCRYPT, roles: ['maintainer'] }] });
    expect(await mayDelete()).toBe(true);
    file = parseFileUsers({ users: [{ username: 'ann', password: BCRYPT, roles: ['reader'] }] });
    expect(await mayDelete()).toBe(false);
  });

  it('takes keys and tokens as passwords of whatever name, and passwords that look like tokens as passwords', async () => {
    const token = await tokenOf('user:alice', (await auth.findUser('alice'))?.generation ?? 0);
    expect(await kindOf(basic('whoever', token.slice(7)))).toBe('signedIn');
    await catalog.run('updateUser', { ...BY, name: 'alice', password: await auth.passwords.hash('a.b.c') });
    auth.renew();
    expect(await kindOf(basic('alice', 'a.b.c'))).toBe('signedIn');
  });

  it('is nobody without credentials', async () => {
    expect(await kindOf()).toBe('anonymous');
  });

  it('is UNAVAILABLE where it cannot be told', async () => {
    jest.spyOn(catalog.queries, 'authVersion').mockRejectedValue(new CatalogError('busy', 'away'));
    time.ticks += 10_000;
    await expect(signIn(basic('alice'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const actor = auth.actorOf({ principal: { kind: 'anonymous' } });
    await expect(actor).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a token', () => {
  const generation = async () => (await auth.findUser('alice'))?.generation ?? 0;

  it.each([
    ['a user who is not there', 'user:bob', 1],
    ['a generation that is over', 'user:alice', 2],
    ['a key that is not there', 'key:ci', 1],
    ['a rule that is not there', 'workload:other', 0],
    ['what is no subject', 'admin', 0],
    ['a group', 'group:dev', 0],
    ['whoever signed in', 'authenticated', 0],
  ])('of %s is refused', async (_, subject, given) => {
    expect(await kindOf(await tokenOf(subject, given))).toBe('refused');
  });

  it('of a rule is good for what the rule says', async () => {
    const found = await signIn(await tokenOf('workload:deploy', 0));
    expect(found).toMatchObject({ identity: { principal: { kind: 'workload', access: { repositories: ['ci/*'] } } } });
  });

  it('of anonymous is good for what anybody may', async () => {
    expect(await signIn(await tokenOf('anonymous', 0))).toMatchObject({
      identity: { principal: { kind: 'anonymous' } },
    });
  });

  it('is over in its time, and says whose it was', async () => {
    const token = await tokenOf('user:alice', await generation());
    expect(await kindOf(token)).toBe('signedIn');
    time.nowMs += 400_000;
    expect(await signIn(token)).toMatchObject({ kind: 'expired', identity: { principal: { name: 'alice' } } });
  });

  it('that was given back is refused, also after its time', async () => {
    const { text, id } = await auth.tokens.issue(
      { subject: 'user:alice', generation: await generation(), access: undefined },
      300,
    );
    await catalog.run('revokeTokens', {
      ...BY,
      subject: 'user:alice',
      access: { id, expiresMs: time.nowMs + 300_000 },
    });
    auth.renew();
    expect(await kindOf(`Bearer ${text}`)).toBe('refused');
    time.nowMs += 400_000;
    expect(await kindOf(`Bearer ${text}`)).toBe('refused');
  });

  it('is verified by keys that come and go', async () => {
    const first = await tokenOf('user:alice', await generation());
    time.nowMs += 86_400_000 + 1;
    await auth.chores.rotateKeys();
    expect((await auth.keys.published()).keys).toHaveLength(2);
    expect(await kindOf(first)).toBe('expired'); // its key is still known
    time.nowMs += 60_000;
    const [newest] = (await auth.keys.published()).keys;
    const { text } = await auth.tokens.issue(
      { subject: 'user:alice', generation: await generation(), access: undefined },
      300,
    );
    expect(JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      kid: newest?.kid,
    });
    time.nowMs += 2 * 86_400_000;
    await auth.chores.rotateKeys();
    expect(await kindOf(first)).toBe('refused'); // its key is gone
  });

  it('is signed by the old key until every replica has had time to hear of the new one', async () => {
    const kidOf = async () => {
      const { text } = await auth.tokens.issue({ subject: 'anonymous', generation: 0, access: undefined }, 300);
      return JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString()).kid as string;
    };
    const old = await kidOf();
    time.nowMs += 86_400_000 + 1;
    await auth.chores.rotateKeys();
    expect(await kidOf()).toBe(old);
    time.nowMs += 30_000;
    expect(await kidOf()).not.toBe(old);
  });
});

describe('a key', () => {
  const add = async (name: string, more: { owner?: string; expiresMs?: number } = {}) => {
    const key = newApiKey();
    const { owner, expiresMs } = more;
    const access = { repositories: ['**'], actions: ['pull', 'fly'], owner, expiresMs };
    await catalog.run('createKey', { ...BY, name, hash: hashSecret(key), ...access });
    auth.renew();
    return `Bearer ${key}`;
  };

  it('is good until it expires', async () => {
    const key = await add('ci', { expiresMs: time.nowMs + 1000 });
    expect(await kindOf(key)).toBe('signedIn');
    time.nowMs += 1000;
    expect(await kindOf(key)).toBe('refused');
  });

  it('of a user is over with the user', async () => {
    const key = await add('hers', { owner: 'alice' });
    expect(await signIn(key)).toMatchObject({ identity: { principal: { kind: 'key', owner: { name: 'alice' } } } });
    await catalog.run('updateUser', { ...BY, name: 'alice', disabled: true });
    auth.renew();
    expect(await kindOf(key)).toBe('refused');
  });

  it('may nothing by words that nobody knows', async () => {
    expect(await signIn(await add('ci'))).toMatchObject({ identity: { principal: { access: { actions: ['pull'] } } } });
  });

  it('was last used when it was, as is written some time later', async () => {
    const key = await add('ci');
    await kindOf(key);
    expect((await catalog.queries.findKey('ci'))?.usedMs).toBeUndefined();
    time.nowMs += 60_000;
    await kindOf(key);
    await auth.close();
    expect((await catalog.queries.findKey('ci'))?.usedMs).toBe(time.nowMs);
  });
});

describe('what is over', () => {
  it('is forgotten, however much it is', async () => {
    const row = { subject: 'user:alice', generation: 1, scope: undefined, nowMs: 1, expiresMs: 2 };
    for (let count = 0; count < 1100; count += 1) await catalog.run('addRefreshToken', { ...row, hash: `${count}` });
    expect(await auth.chores.expireTokens()).toBe(1100);
    expect(await catalog.queries.findRefreshToken('7')).toBeUndefined();
  });
});
