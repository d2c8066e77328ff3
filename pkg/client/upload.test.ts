import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../oci/index.ts';
import { failureOf, pieces, useScriptedRegistry, type Answer, type Step } from './scripted-registry.suite.ts';
import type { BlobSource } from './types.ts';

const registry = useScriptedRegistry();
const text = 'helloworld';
const digest = digestOf(Buffer.from(text));
const sha512 = digestOf(Buffer.from(text), 'sha512');
const blob = { digest, size: 10 };

const START = 'POST /v2/a/blobs/uploads/';
const DELETED: Step = ['DELETE /up', { status: 204 }];
const absent: Step = [`HEAD /v2/a/blobs/${digest}`, { status: 404 }];
const finish = (path = '/up', of: string = digest): string =>
  `PUT ${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(of)}`;
const CREATED: Answer = { status: 201 };
const opened = (headers: Record<string, string> = {}): Answer => ({
  status: 202,
  headers: { location: '/up', ...headers },
});
const took = (last: number, location = '/up'): Answer => ({ status: 202, headers: { location, range: `0-${last}` } });
const at = (last: number): Step => ['GET /up', { status: 204, headers: { location: '/up', range: `0-${last}` } }];
/** The requests that carried content: what range, if it had one, and which bytes. */
const sent = (): readonly string[] =>
  registry.received
    .filter(({ line }) => /^(?:PATCH|PUT)/.test(line))
    .map(({ headers, body }) => `${headers['content-range'] ?? 'all'} ${body}`);

describe('pushBlob: what is known', () => {
  it('sends nothing that is there', async () => {
    registry.play([`HEAD /v2/a/blobs/${digest}`, { status: 200, headers: { 'content-length': '10' } }]);
    expect(await registry.client.pushBlob('a', Buffer.from(text))).toEqual(blob);
  });

  it.each<readonly [string, () => BlobSource]>([
    ['bytes', () => Buffer.from(text)],
    ['a function', () => () => pieces('hello', 'world')],
    ['an iterable', () => pieces('hello', '', 'world')],
  ])('sends %s in one request with its length', async (_what, open) => {
    registry.play(absent, [START, opened()], [finish(), CREATED]);
    expect(await registry.client.pushBlob('a', open(), blob)).toEqual(blob);
    const { headers, body } = registry.received.at(-1) ?? {};
    expect(body).toBe(text);
    expect(headers).toMatchObject({ 'content-length': '10', 'content-type': 'application/octet-stream' });
    expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it('sends nothing at all as an empty blob', async () => {
    const empty = { digest: digestOf(Buffer.alloc(0)), size: 0 };
    registry.play(
      [`HEAD /v2/a/blobs/${empty.digest}`, { status: 404 }],
      [START, opened()],
      [finish('/up', empty.digest), CREATED],
    );
    expect(await registry.client.pushBlob('a', pieces(), empty)).toEqual(empty);
    expect(registry.received.at(-1)?.headers['content-length']).toBe('0');
  });

  it('says which algorithm it will be', async () => {
    registry.play(
      [`HEAD /v2/a/blobs/${sha512}`, { status: 404 }],
      [`${START}?digest-algorithm=sha512`, opened()],
      [finish('/up', sha512), CREATED],
    );
    expect(await registry.client.pushBlob('a', Buffer.from(text), { algorithm: 'sha512' })).toMatchObject({
      digest: sha512,
    });
  });

  it('mounts where it can, and asks then how large it is', async () => {
    registry.play(
      [`${START}?mount=${encodeURIComponent(digest)}&from=b`, CREATED],
      [`HEAD /v2/a/blobs/${digest}`, { status: 200, headers: { 'content-length': '10' } }],
    );
    expect(await registry.client.pushBlob('a', pieces(text), { digest, from: 'b' })).toEqual(blob);
  });

  it('goes on in the upload that is opened in place of a mount', async () => {
    registry.play([`${START}?mount=${encodeURIComponent(digest)}&from=b`, opened()], [finish(), CREATED]);
    expect(await registry.client.pushBlob('a', Buffer.from(text), { from: 'b' })).toEqual(blob);
  });

  it('keeps the query of the location as it is, on another host too, but no token there', async () => {
    const client = registry.createClient({ credentials: { kind: 'bearer', token: 'secret' } });
    const path = '/up?_state=a%2Fb~c+d%20e';
    registry.play(
      absent,
      [START, (url) => opened({ location: `${url.replace('127.0.0.1', 'localhost')}${path}` })],
      [finish(path), CREATED],
    );
    await client.pushBlob('a', Buffer.from(text));
    expect(registry.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer secret',
      'Bearer secret',
      undefined,
    ]);
  });

  it('sends what can be opened again once more to a busy registry', async () => {
    registry.play(absent, [START, opened()], [finish(), { status: 503 }], [finish(), CREATED]);
    await registry.client.pushBlob('a', () => pieces(text), blob);
    expect(sent()).toEqual([`all ${text}`, `all ${text}`]);
  });

  it('gives up an iterable that a busy registry has swallowed', async () => {
    registry.play(absent, [START, opened()], [finish(), { status: 503 }], DELETED);
    expect(await failureOf(registry.client.pushBlob('a', pieces(text), blob))).toMatchObject({ status: 503 });
  });

  it.each([
    ['is longer than said', pieces(text, '!'), 'longer than 10 bytes'],
    ['is shorter than said', pieces('hello'), 'ended after 5 of 10 bytes'],
    ['has another digest', pieces('hellowurld'), 'does not hash to'],
  ])('never completes an upload whose content %s', async (_what, content, message) => {
    registry.play(absent, [START, opened()], DELETED);
    const failure = await failureOf(registry.client.pushBlob('a', content, blob));
    expect(failure).toMatchObject({ failure: 'corrupt', message: expect.stringContaining(message) });
  });

  it('fails with what its source fails with', async () => {
    async function* source(): AsyncGenerator<Uint8Array, void, void> {
      yield* pieces('hello');
      throw new Error('the file went away');
    }
    registry.play(absent, [START, opened()], DELETED);
    await expect(registry.client.pushBlob('a', source(), blob)).rejects.toThrow('the file went away');
  });

  it('cancels what is refused, and does not mind when that fails', async () => {
    const refusal = { status: 400, body: '{"errors":[{"code":"DIGEST_INVALID"}]}' };
    registry.play(absent, [START, opened()], [finish(), refusal], ['DELETE /up', { status: 404 }]);
    const failure = await failureOf(registry.client.pushBlob('a', Buffer.from(text)));
    expect(failure.codes).toEqual(['DIGEST_INVALID']);
    expect(failure.message).toBe('upload to a: 400 DIGEST_INVALID:');
  });

  it('cancels when its signal ends it', async () => {
    const controller = new AbortController();
    async function* source(): AsyncGenerator<Uint8Array, void, void> {
      yield* pieces('hello');
      controller.abort('enough');
      yield* pieces('world');
    }
    registry.play(absent, [START, opened()], DELETED);
    const push = registry.client.pushBlob('a', source(), { ...blob, signal: controller.signal });
    await expect(push).rejects.toBe('enough');
  });

  it.each([
    ['no location', { status: 202 }],
    ['a location that is no URL', opened({ location: 'http://[' })],
    ['a location of another scheme', opened({ location: 'file:///tmp/x' })],
    ['chunks larger than memory', opened({ 'oci-chunk-min-length': '1e12' })],
    ['chunks of no size', opened({ 'oci-chunk-min-length': 'many' })],
  ])('refuses an upload with %s', async (_what, answer) => {
    registry.play(absent, [START, answer]);
    expect(await failureOf(registry.client.pushBlob('a', Buffer.from(text)))).toMatchObject({ failure: 'protocol' });
  });
});

describe('pushBlob: in chunks', () => {
  const push = async (chunkBytes: number, content: BlobSource = pieces('hell', 'oworl', 'd')): Promise<unknown> =>
    registry.client.pushBlob('a', content, { chunkBytes });

  it('learns digest and size on the way', async () => {
    registry.play(
      [START, opened()],
      ['PATCH /up', took(3, '/up?2')],
      ['PATCH /up?2', took(7, '/up?3')],
      ['PATCH /up?3', took(9, '/up?4')],
      [finish('/up?4'), CREATED],
    );
    expect(await push(4)).toEqual(blob);
    expect(sent()).toEqual(['0-3 hell', '4-7 owor', '8-9 ld', 'all ']);
  });

  it('sends all in one chunk where it fits', async () => {
    registry.play([START, opened()], ['PATCH /up', { status: 202 }], [finish(), CREATED]);
    expect(await registry.client.pushBlob('a', () => pieces(text))).toEqual(blob);
  });

  it('sends no chunk of nothing', async () => {
    const empty = digestOf(Buffer.alloc(0));
    registry.play([START, opened()], [finish('/up', empty), CREATED]);
    expect(await push(4, pieces())).toEqual({ digest: empty, size: 0 });
  });

  it('sends a single byte, whose range looks like that of none', async () => {
    const one = digestOf(Buffer.from('x'));
    registry.play([START, opened()], ['PATCH /up', took(0)], [finish('/up', one), CREATED]);
    expect(await push(4, pieces('x'))).toEqual({ digest: one, size: 1 });
  });

  it('makes chunks as large as the registry wants them at least', async () => {
    registry.play(
      [START, opened({ 'oci-chunk-min-length': '6' })],
      ['PATCH /up', took(5)],
      ['PATCH /up', took(9)],
      [finish(), CREATED],
    );
    await push(4);
    expect(sent()).toEqual(['0-5 hellow', '6-9 orld', 'all ']);
  });

  it.each<readonly [string, Answer]>([
    ['nobody answers', { status: 202, broken: 'before' }],
    ['a proxy fails', { status: 502 }],
    ['the registry is ahead', { status: 416, headers: { location: '/up', range: '0-5' } }],
  ])('goes on from what arrived where %s', async (_what, failure) => {
    registry.play(
      [START, opened()],
      ['PATCH /up', took(3)],
      ['PATCH /up', failure],
      at(5),
      ['PATCH /up', took(7)],
      ['PATCH /up', took(9)],
      [finish(), CREATED],
    );
    expect(await push(4)).toEqual(blob);
    expect(sent()).toEqual(['0-3 hell', '4-7 owor', '6-7 or', '8-9 ld', 'all ']);
    expect(registry.waits).toEqual([500]);
  });

  it('goes on from the beginning where nothing arrived', async () => {
    registry.play(
      [START, opened()],
      ['PATCH /up', { status: 500 }],
      at(0),
      ['PATCH /up', took(9)],
      [finish(), CREATED],
    );
    expect(await push(64)).toEqual(blob);
    expect(sent()).toEqual([`0-9 ${text}`, `0-9 ${text}`, 'all ']);
  });

  it('sends nothing again where all had arrived', async () => {
    registry.play([START, opened()], ['PATCH /up', { status: 502 }], at(9), [finish(), CREATED]);
    expect(await push(64)).toEqual(blob);
    expect(sent()).toEqual([`0-9 ${text}`, 'all ']);
  });

  it('asks again where the question for what arrived gets lost too', async () => {
    registry.play(
      [START, opened()],
      ['PATCH /up', { status: 202, broken: 'before' }],
      ['GET /up', { status: 204, broken: 'before' }],
      at(4),
      ['PATCH /up', took(9)],
      [finish(), CREATED],
    );
    expect(await push(64)).toEqual(blob);
    expect(registry.waits).toEqual([500, 1000]);
  });

  it('gives up in the end, and cancels', async () => {
    registry.play(
      [START, opened()],
      ['PATCH /up', { status: 500 }],
      ...Array.from({ length: 3 }, () => [at(0), ['PATCH /up', { status: 500 }]] as const).flat(),
      DELETED,
    );
    expect(await failureOf(push(64))).toMatchObject({ status: 500 });
    expect(registry.waits).toEqual([500, 1000, 2000]);
  });

  it('gives up on a registry that never takes a whole chunk', async () => {
    registry.play(
      [START, opened()],
      ['PATCH /up', took(1)],
      ...[1, 2, 3].map((last) => [at(last), ['PATCH /up', took(last + 1)]] as const).flat(),
      DELETED,
    );
    expect(await failureOf(push(64))).toMatchObject({ failure: 'protocol' });
  });

  it.each([
    ['more than was sent', took(10)],
    ['less than it had', took(2)],
    ['nonsense', opened({ range: '0--1' })],
  ])('fails where the registry says that it has %s', async (_what, answer) => {
    registry.play([START, opened()], ['PATCH /up', took(3)], ['PATCH /up', answer], DELETED);
    expect(await failureOf(push(4))).toMatchObject({ failure: 'protocol' });
  });

  it('fails at once where the session is unknown', async () => {
    registry.play(
      [START, opened()],
      ['PATCH /up', { status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' }],
      ['DELETE /up', { status: 404 }],
    );
    expect(await failureOf(push(4))).toMatchObject({ codes: ['BLOB_UPLOAD_UNKNOWN'] });
  });

  it.each([
    ['digest', { digest: digestOf(Buffer.from('x')) }],
    ['size', { size: 11 }],
  ])('fails before the end where the %s is not the one that was said', async (_what, said) => {
    const heads = Object.values(said).filter((value) => typeof value === 'string');
    registry.play(
      ...heads.map((other) => [`HEAD /v2/a/blobs/${other}`, { status: 404 }] as const),
      [START, opened()],
      ['PATCH /up', took(9)],
      DELETED,
    );
    expect(await failureOf(registry.client.pushBlob('a', pieces(text), said))).toMatchObject({ failure: 'corrupt' });
  });

  it('is chosen for what is known where a chunk size is given', async () => {
    registry.play(absent, [START, opened()], ['PATCH /up', took(9)], [finish(), CREATED]);
    expect(await push(64, Buffer.from(text))).toEqual(blob);
  });
});
