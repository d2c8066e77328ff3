import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../oci/index.ts';
import { failureOf, listOf, useScriptedRegistry, type Answer } from './scripted-registry.suite.ts';
import type { BlobContent } from './types.ts';

const registry = useScriptedRegistry();
const text = 'helloworld';
const digest = digestOf(Buffer.from(text));
const sha512 = digestOf(Buffer.from(text), 'sha512');
const LINE = `GET /v2/a/b/blobs/${digest}`;

const read = async (content: Promise<BlobContent>): Promise<string> =>
  Buffer.concat(await listOf(await content)).toString();
const part = (body: string, range: string): Answer => ({ status: 206, body, headers: { 'content-range': range } });

describe('headBlob', () => {
  const line = `HEAD /v2/a/b/blobs/${digest}`;

  it('tells the size', async () => {
    registry.play([line, { status: 200, headers: { 'content-length': '10' } }]);
    expect(await registry.client.headBlob('a/b', digest)).toEqual({ digest, size: 10 });
  });

  it('is undefined where there is none', async () => {
    registry.play([line, { status: 404 }]);
    expect(await registry.client.headBlob('a/b', digest)).toBeUndefined();
  });

  it('fails where it is refused', async () => {
    registry.play([line, { status: 403 }]);
    expect(await failureOf(registry.client.headBlob('a/b', digest))).toMatchObject({ status: 403 });
  });
});

describe('getBlob', () => {
  it.each([digest, sha512])('streams and verifies %s', async (wanted) => {
    registry.play([`GET /v2/a/b/blobs/${wanted}`, { status: 200, body: text }]);
    const content = registry.client.getBlob('a/b', wanted, { size: 10 });
    expect((await content).size).toBe(10);
    expect(await read(content)).toBe(text);
  });

  it.each([
    ['other content', { status: 200, body: 'hellowurld' }, {}],
    ['more than the size that was given', { status: 200, body: text }, { size: 9 }],
    ['less than the size that was given', { status: 200, body: text }, { size: 11 }],
  ])('fails at the end for %s', async (_what, answer, options) => {
    registry.play([LINE, answer]);
    expect(await failureOf(read(registry.client.getBlob('a/b', digest, options)))).toMatchObject({
      failure: 'corrupt',
    });
  });

  it('says so where the answer breaks off', async () => {
    registry.play([LINE, { status: 200, body: text, broken: 'within' }]);
    expect(await failureOf(read(registry.client.getBlob('a/b', digest)))).toMatchObject({ failure: 'unreachable' });
  });

  it('ends with the reason of its signal while it is read', async () => {
    const controller = new AbortController();
    registry.play([LINE, { status: 200, body: text, headers: { 'content-length': '11' } }]);
    const content = await registry.client.getBlob('a/b', digest, { signal: controller.signal });
    controller.abort('enough');
    await expect(listOf(content)).rejects.toBe('enough');
  });

  it('can be cancelled, before it is read and within', async () => {
    const large = Buffer.alloc(1 << 20);
    const line = `GET /v2/a/b/blobs/${digestOf(large)}`;
    registry.play([line, { status: 200, body: large }], [line, { status: 200, body: large }]);
    const unread = await registry.client.getBlob('a/b', digestOf(large));
    await unread.cancel();
    expect(await listOf(unread)).toEqual([]);
    const begun = await registry.client.getBlob('a/b', digestOf(large));
    await begun[Symbol.asyncIterator]().next();
    await begun.cancel();
    expect(await listOf(begun)).toEqual([]);
  });

  it.each([
    [{ start: 2, end: 4 }, 'bytes=2-4', part('llo', 'bytes 2-4/10')],
    [{ start: 8 }, 'bytes=8-', part('ld', 'bytes 8-9/10')],
    [{ start: 8, end: 99 }, 'bytes=8-99', part('ld', 'bytes 8-9/*')],
  ])('reads the range %j', async (range, header, answer) => {
    registry.play([LINE, answer]);
    const content = registry.client.getBlob('a/b', digest, { range });
    expect((await content).size).toBe(String(answer.body).length);
    expect(await read(content)).toBe(answer.body);
    expect(registry.received[0]?.headers.range).toBe(header);
  });

  it('cuts the range out of the whole where the registry ignores it', async () => {
    registry.play([LINE, { status: 200, body: text }]);
    expect(await read(registry.client.getBlob('a/b', digest, { range: { start: 2, end: 4 } }))).toBe('llo');
  });

  it.each([
    ['another start', part('ell', 'bytes 1-3/10')],
    ['a later end', part('llow', 'bytes 2-5/10')],
    ['no range', { status: 206, body: 'llo' }],
    ['an end before its start', part('', 'bytes 2-1/10')],
  ])('refuses a part with %s', async (_what, answer) => {
    registry.play([LINE, answer]);
    const failure = await failureOf(registry.client.getBlob('a/b', digest, { range: { start: 2, end: 4 } }));
    expect(failure).toMatchObject({ failure: 'protocol' });
  });

  it('fails for a part of another length', async () => {
    registry.play([LINE, part('l', 'bytes 2-4/10')]);
    const content = registry.client.getBlob('a/b', digest, { range: { start: 2, end: 4 } });
    expect(await failureOf(read(content))).toMatchObject({ failure: 'corrupt' });
  });

  it('follows to another host without the token, and takes the range along', async () => {
    const client = registry.createClient({ credentials: { kind: 'bearer', token: 'secret' } });
    registry.play(
      [LINE, (url) => ({ status: 307, headers: { location: `${url.replace('127.0.0.1', 'localhost')}/s3?signed=1` } })],
      ['GET /s3?signed=1', part('llo', 'bytes 2-4/10')],
    );
    expect(await read(client.getBlob('a/b', digest, { range: { start: 2, end: 4 } }))).toBe('llo');
    const [first, second] = registry.received;
    expect(first?.headers.authorization).toBe('Bearer secret');
    expect(second?.headers).toMatchObject({ range: 'bytes=2-4' });
    expect(second?.headers).not.toHaveProperty('authorization');
  });
});

describe('readBlob', () => {
  it('gives the whole up to its limit', async () => {
    registry.play([LINE, { status: 200, body: text }], [LINE, { status: 200, body: text }]);
    expect(Buffer.from(await registry.client.readBlob('a/b', digest, { limit: 10 })).toString()).toBe(text);
    expect(await failureOf(registry.client.readBlob('a/b', digest, { limit: 9 }))).toMatchObject({
      failure: 'protocol',
    });
  });
});

describe('mountBlob', () => {
  const encoded = encodeURIComponent(digest);

  it('is true where the registry mounts', async () => {
    registry.play([`POST /v2/a/blobs/uploads/?mount=${encoded}&from=b%2Fc`, { status: 201 }]);
    expect(await registry.client.mountBlob('a', digest, 'b/c')).toBe(true);
  });

  it('gives up the upload that the registry opens instead', async () => {
    registry.play(
      [`POST /v2/a/blobs/uploads/?mount=${encoded}`, { status: 202, headers: { location: '/up' } }],
      ['DELETE /up', { status: 204 }],
    );
    expect(await registry.client.mountBlob('a', digest)).toBe(false);
  });
});

describe('deleteBlob', () => {
  it('deletes', async () => {
    registry.play([`DELETE /v2/a/blobs/${digest}`, { status: 202 }]);
    await registry.client.deleteBlob('a', digest);
    expect(registry.received).toHaveLength(1);
  });

  it('fails where a manifest needs the blob', async () => {
    registry.play([`DELETE /v2/a/blobs/${digest}`, { status: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' }]);
    expect(await failureOf(registry.client.deleteBlob('a', digest))).toMatchObject({ status: 405 });
  });
});
