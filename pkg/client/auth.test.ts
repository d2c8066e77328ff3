import { describe, expect, it } from '@jest/globals';
import { failureOf, useScriptedRegistry, type Answer, type Step } from './scripted-registry.suite.ts';
import type { Credentials } from './types.ts';

const registry = useScriptedRegistry();
const alice: Credentials = { kind: 'password', username: 'alice', password: 'sécret:1' };
const BASIC = `Basic ${Buffer.from('alice:sécret:1').toString('base64')}`;
const OK: Answer = { status: 200, body: '{}' };
const HEAD_OK: Answer = { status: 404 };

const demand = (challenge: string): Answer => ({ status: 401, headers: { 'www-authenticate': challenge } });
const bearer =
  (more = '') =>
  (url: string): Answer =>
    demand(`Bearer realm="${url}/token",service="reg"${more}`);
const token = (value: string, more: object = {}): Answer => ({
  status: 200,
  body: JSON.stringify({ token: value, ...more }),
});
const sent = (): readonly (string | undefined)[] => registry.received.map(({ headers }) => headers.authorization);

describe('basic authentication', () => {
  it('sends name and password once they are asked for, then at once', async () => {
    const client = registry.createClient({ credentials: alice });
    registry.play(['GET /v2/', demand('Basic realm="x"')], ['GET /v2/', OK], ['GET /v2/', OK]);
    await client.ping();
    await client.ping();
    expect(sent()).toEqual([undefined, BASIC, BASIC]);
  });

  it('does not send again what was refused', async () => {
    const client = registry.createClient({ credentials: alice });
    registry.play(['GET /v2/', demand('Basic realm="x"')], ['GET /v2/', demand('Basic realm="x"')]);
    expect(await failureOf(client.ping())).toMatchObject({ status: 401 });
    registry.play(['GET /v2/', demand('Basic realm="x"')]);
    expect(await failureOf(client.ping())).toMatchObject({ status: 401 });
  });

  it('has nothing to send without credentials', async () => {
    registry.play(['GET /v2/', demand('Basic realm="x"')]);
    expect(await failureOf(registry.client.ping())).toMatchObject({ status: 401 });
  });

  it('never goes to the host of a redirect', async () => {
    const client = registry.createClient({ credentials: alice });
    registry.play(
      ['GET /v2/', demand('Basic realm="x"')],
      ['GET /v2/', (url) => ({ status: 307, headers: { location: `${url.replace('127.0.0.1', 'localhost')}/cdn` } })],
      ['GET /cdn', OK],
    );
    await client.ping();
    expect(sent()).toEqual([undefined, BASIC, undefined]);
  });

  it('is not given to another host that asks for it', async () => {
    const client = registry.createClient({ credentials: alice });
    registry.play(
      ['GET /v2/', (url) => ({ status: 307, headers: { location: `${url.replace('127.0.0.1', 'localhost')}/cdn` } })],
      ['GET /cdn', demand('Basic realm="x"')],
    );
    expect(await failureOf(client.ping())).toMatchObject({ status: 401 });
    expect(sent()).toEqual([undefined, undefined]);
  });
});

describe('tokens', () => {
  const first: readonly Step[] = [
    ['HEAD /v2/a/b/manifests/x', bearer(',scope="repository:a/b:pull"')],
    ['GET /token?service=reg&scope=repository%3Aa%2Fb%3Apull', token('T1')],
    ['HEAD /v2/a/b/manifests/x', HEAD_OK],
  ];

  it('are fetched with the credentials and used again for the same scope', async () => {
    const client = registry.createClient({ credentials: alice });
    registry.play(...first, ['HEAD /v2/a/b/manifests/x', HEAD_OK]);
    await client.headManifest('a/b', 'x');
    await client.headManifest('a/b', 'x');
    expect(sent()).toEqual([undefined, BASIC, 'Bearer T1', 'Bearer T1']);
  });

  it('are fetched without credentials where there are none', async () => {
    registry.play(...first);
    await registry.client.headManifest('a/b', 'x');
    expect(sent()).toEqual([undefined, undefined, 'Bearer T1']);
  });

  it('are fetched beforehand for another scope', async () => {
    registry.play(
      ...first,
      ['GET /token?service=reg&scope=repository%3Aa%2Fb%3Adelete', token('T2')],
      ['DELETE /v2/a/b/manifests/x', { status: 202 }],
    );
    await registry.client.headManifest('a/b', 'x');
    await registry.client.deleteTag('a/b', 'x');
    expect(sent()).toEqual([undefined, undefined, 'Bearer T1', undefined, 'Bearer T2']);
  });

  it('are fetched again when they run out', async () => {
    let now = 0;
    const client = registry.createClient({ clock: () => now });
    const ask = 'GET /token?service=reg';
    registry.play(['GET /v2/', bearer()], [ask, token('T1', { expires_in: 300 })], ['GET /v2/', OK], ['GET /v2/', OK]);
    await client.ping();
    now = 294_999;
    await client.ping();
    registry.play([ask, token('', { access_token: 'T2' })], ['GET /v2/', OK]);
    now = 295_000;
    await client.ping();
    registry.play([ask, token('T3')], ['GET /v2/', OK]);
    now = 295_000 + 55_000;
    await client.ping();
    expect(sent().filter(Boolean)).toEqual(['Bearer T1', 'Bearer T1', 'Bearer T2', 'Bearer T3']);
  });

  it('are fetched again, for what the registry misses, when they are refused', async () => {
    registry.play(
      ...first,
      ['HEAD /v2/a/b/manifests/x', bearer(',scope="repository:a/b:pull other:c:d",error="insufficient_scope"')],
      ['GET /token?service=reg&scope=repository%3Aa%2Fb%3Apull&scope=other%3Ac%3Ad', token('T2')],
      ['HEAD /v2/a/b/manifests/x', HEAD_OK],
    );
    await registry.client.headManifest('a/b', 'x');
    await registry.client.headManifest('a/b', 'x');
    expect(sent().at(-1)).toBe('Bearer T2');
  });

  it('are asked for both repositories of a mount', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const line = `POST /v2/a/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=b`;
    const scopes = 'scope=repository%3Aa%3Apull%2Cpush&scope=repository%3Ab%3Apull';
    registry.play([line, bearer()], [`GET /token?service=reg&${scopes}`, token('T')], [line, { status: 201 }]);
    expect(await registry.client.mountBlob('a', digest, 'b')).toBe(true);
  });

  it('do not save a request that is refused with a fresh one', async () => {
    registry.play(['GET /v2/', bearer()], ['GET /token?service=reg', token('T')], ['GET /v2/', bearer()]);
    expect(await failureOf(registry.client.ping())).toMatchObject({ status: 401 });
  });

  it.each([
    ['no JSON', { status: 200, body: 'x' }, 'protocol'],
    ['null', { status: 200, body: 'null' }, 'protocol'],
    ['no token', { status: 200, body: '{}' }, 'protocol'],
    ['a token that breaks the header', token('a\r\nx: y'), 'protocol'],
    ['too much', { status: 200, body: ' '.repeat(70_000) }, 'protocol'],
    ['a refusal', { status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' }, 'refused'],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'refused'],
    ['nothing', { status: 200, broken: 'before' }, 'unreachable'],
  ] as const)('fail where the service answers with %s', async (_what, answer: Answer, failure) => {
    registry.play(['GET /v2/', bearer()], ['GET /token?service=reg', answer]);
    expect(await failureOf(registry.client.ping())).toMatchObject({ failure });
  });

  it.each(['file:///etc/passwd', 'http://[', ''])('are not fetched from %j', async (realm) => {
    registry.play(['GET /v2/', demand(`Bearer realm="${realm}"`)]);
    expect(await failureOf(registry.client.ping())).toMatchObject({ failure: 'protocol' });
  });

  it('that were given are sent from the first request, and nothing else is tried', async () => {
    const client = registry.createClient({ credentials: { kind: 'bearer', token: 'mine' } });
    registry.play(['GET /v2/', OK], ['GET /v2/', bearer()]);
    await client.ping();
    expect(await failureOf(client.ping())).toMatchObject({ status: 401 });
    expect(sent()).toEqual(['Bearer mine', 'Bearer mine']);
  });
});

describe('a token service on another host', () => {
  const elsewhere = (url: string): URL => new URL(url.replace('127.0.0.1', 'localhost'));
  const challenge = (url: string): Answer => demand(`Bearer realm="${elsewhere(url).href}token"`);

  it('gets no credentials', async () => {
    registry.play(['GET /v2/', challenge], ['GET /token', token('T')], ['GET /v2/', OK]);
    await registry.createClient({ credentials: alice }).ping();
    expect(sent()).toEqual([undefined, undefined, 'Bearer T']);
  });

  it('gets credentials where it is listed', async () => {
    const authHosts = [elsewhere(registry.url).host];
    registry.play(['GET /v2/', challenge], ['GET /token', token('T')], ['GET /v2/', OK]);
    await registry.createClient({ credentials: alice, authHosts }).ping();
    expect(sent()).toEqual([undefined, BASIC, 'Bearer T']);
  });

  it('gets no credentials at another port than the one listed', async () => {
    registry.play(['GET /v2/', challenge], ['GET /token', token('T')], ['GET /v2/', OK]);
    await registry.createClient({ credentials: alice, authHosts: ['localhost', 'localhost:1'] }).ping();
    expect(sent()[1]).toBeUndefined();
  });

  it('that refuses is named, with what to do', async () => {
    registry.play(['GET /v2/', challenge], ['GET /token', { status: 401 }]);
    const failure = await failureOf(registry.createClient({ credentials: alice }).ping());
    expect(failure.message).toContain(`${elsewhere(registry.url).host} is not in authHosts`);
  });
});
