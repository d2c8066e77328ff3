import { describe, expect, it } from '@jest/globals';
import { createClient } from './client.ts';
import { ClientError } from './errors.ts';
import { failureOf, useScriptedRegistry, type Answer } from './scripted-registry.suite.ts';

const registry = useScriptedRegistry();
const OK: Answer = { status: 200, body: '{}' };

describe('a client', () => {
  it('pings with its name and asks for bytes as they are stored', async () => {
    registry.play(['GET /v2/', OK]);
    await registry.createClient({ userAgent: 'cdt/1.0' }).ping();
    expect(registry.received[0]?.headers).toMatchObject({ 'user-agent': 'cdt/1.0', 'accept-encoding': 'identity' });
    expect(registry.received[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    'ftp://example.com',
    'http://example.com/v2/',
    'http://user:secret@example.com',
    'http://example.com/?x',
    'example.com:5000',
    '',
  ])('is not made for %j', (url) => {
    expect(() => createClient({ url })).toThrow('the address of a registry');
  });

  it.each([
    ['a name that climbs', async () => registry.client.headBlob('a/../b', 'x'), 'NAME_INVALID'],
    ['a name in upper case', async () => registry.client.getManifest('A', 'x'), 'NAME_INVALID'],
    ['a tag with a slash', async () => registry.client.getManifest('a', 'x/y'), 'MANIFEST_INVALID'],
    ['a digest of no algorithm', async () => registry.client.headBlob('a', 'x:y'), 'DIGEST_INVALID'],
    ['a tag to delete as a manifest', async () => registry.client.deleteManifest('a', 'latest'), 'DIGEST_INVALID'],
  ])('sends nothing for %s', async (_what, act, code) => {
    await expect(act()).rejects.toThrow(expect.objectContaining({ code }));
    expect(registry.received).toEqual([]);
  });

  it('tells status, codes and details of a refusal', async () => {
    const errors = [
      { code: 'DENIED', message: 'no\n\u001b[31mway', detail: { a: 1 } },
      { code: 'UNKNOWN' },
      { message: 'no code' },
      null,
    ];
    registry.play(['GET /v2/', { status: 403, body: JSON.stringify({ errors }) }]);
    const failure = await failureOf(registry.client.ping());
    expect(failure).toMatchObject({ failure: 'refused', status: 403, codes: ['DENIED', 'UNKNOWN'] });
    expect(failure.errors[0]?.detail).toEqual({ a: 1 });
    expect(failure.message).toBe(`GET ${registry.url}/v2/: 403 DENIED: no  [31mway; UNKNOWN: `.trimEnd());
  });

  it.each([
    ['a page', '<html>'],
    ['a list', '[]'],
    ['null', 'null'],
    ['an object of errors', '{"errors":{}}'],
    ['too long', `{"errors":[{"code":"${'x'.repeat(100_000)}"}]}`],
  ])('tells the status where the body is %s', async (_what, body) => {
    registry.play(['GET /v2/', { status: 502, body }]);
    expect(await failureOf(registry.client.ping())).toMatchObject({ status: 502, errors: [] });
  });

  it('calls a registry that does not answer unreachable', async () => {
    registry.play(['GET /v2/', { status: 200, broken: 'before' }]);
    const failure = await failureOf(registry.client.ping());
    expect(failure).toMatchObject({ failure: 'unreachable', status: undefined });
    expect(failure.cause).toMatchObject({ name: 'TypeError' });
  });

  it('ends with the reason of its signal, before and during a request', async () => {
    const reason = new Error('enough');
    await expect(registry.client.ping({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    registry.play([
      'GET /v2/',
      () => {
        controller.abort(reason);
        return OK;
      },
    ]);
    await expect(registry.client.ping({ signal: controller.signal })).rejects.toBe(reason);
  });

  it('ends with the reason of its signal while it waits', async () => {
    const controller = new AbortController();
    const fetch = async (): Promise<Response> => {
      setImmediate(() => controller.abort('enough')); // by then the wait has begun
      return new Response('', { status: 503, headers: { 'retry-after': '20' } });
    };
    const client = createClient({ url: 'http://registry.example.com', fetch });
    await expect(client.ping({ signal: controller.signal })).rejects.toBe('enough');
  });

  it('really waits where it was given no other way', async () => {
    const answers = [new Response('', { status: 503, headers: { 'retry-after': '0' } }), new Response('{}')];
    const fetch = async (): Promise<Response> => answers.shift() ?? Response.error();
    await createClient({ url: 'http://registry.example.com', fetch }).ping();
    expect(answers).toEqual([]);
  });
});

describe('a busy registry', () => {
  it('is asked again after the time that it names', async () => {
    registry.play(
      ['GET /v2/', { status: 429, headers: { 'retry-after': '7' } }],
      ['GET /v2/', { status: 503, headers: { 'retry-after': new Date(2000).toUTCString() } }],
      ['GET /v2/', { status: 503 }],
      ['GET /v2/', OK],
    );
    await registry.client.ping();
    expect(registry.waits).toEqual([7000, 2000, 2000]);
  });

  it('is given up after the retries that are allowed', async () => {
    const busy = { status: 429, body: '{"errors":[{"code":"TOOMANYREQUESTS"}]}' };
    registry.play(['GET /v2/', busy], ['GET /v2/', busy], ['GET /v2/', busy]);
    const failure = await failureOf(registry.createClient({ maxRetries: 2 }).ping());
    expect(failure).toMatchObject({ status: 429, codes: ['TOOMANYREQUESTS'] });
    expect(registry.waits).toEqual([500, 1000]);
  });

  it('is given up at once where it asks for more patience than there is', async () => {
    registry.play(['GET /v2/', { status: 503, headers: { 'retry-after': '3600' } }]);
    expect(await failureOf(registry.client.ping())).toMatchObject({ status: 503 });
    expect(registry.waits).toEqual([]);
  });

  it('is not asked again for what it did not promise to answer later', async () => {
    registry.play(['GET /v2/', { status: 500, headers: { 'retry-after': '1' } }]);
    expect(await failureOf(registry.client.ping())).toMatchObject({ status: 500 });
  });
});

describe('a redirect', () => {
  it('is followed, up to five of them', async () => {
    registry.play(
      ['GET /v2/', { status: 301, headers: { location: '/x' } }],
      ['GET /x', (url) => ({ status: 307, headers: { location: `${url}/y?z=1` } })],
      ['GET /y?z=1', OK],
    );
    await registry.client.ping();
    const round = { status: 302, headers: { location: '/v2/' } };
    registry.play(...Array.from({ length: 6 }, () => ['GET /v2/', round] as const));
    expect(await failureOf(registry.client.ping())).toMatchObject({ status: 302 });
  });

  it.each([
    ['to another scheme', { status: 307, headers: { location: 'file:///etc/passwd' } }],
    ['to nowhere', { status: 307 }],
    ['to what is no URL', { status: 308, headers: { location: 'http://[' } }],
  ])('%s is a failure', async (_what, answer) => {
    registry.play(['GET /v2/', answer]);
    expect(await failureOf(registry.client.ping())).toBeInstanceOf(ClientError);
  });

  it('of a delete is followed only where the method is kept', async () => {
    const line = 'DELETE /v2/a/manifests/x';
    registry.play([line, { status: 303, headers: { location: '/y' } }]);
    expect(await failureOf(registry.client.deleteTag('a', 'x'))).toMatchObject({ status: 303 });
    registry.play([line, { status: 308, headers: { location: '/y' } }], ['DELETE /y', { status: 202 }]);
    await registry.client.deleteTag('a', 'x');
    expect(registry.received).toHaveLength(3);
  });
});
