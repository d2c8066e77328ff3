import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { OciError } from '../../pkg/oci/index.ts';
import { Exchange } from './exchange.ts';
import { formatOciFailure, writeFailure } from './failures.ts';
import { isForm, receiveForm } from './forms.ts';
import { SURROUNDINGS } from './surroundings.suite.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** Answers with the form as it was read; `store` is given each file. */
async function serve(store: (stream: AsyncIterable<Uint8Array>) => Promise<unknown> = size): Promise<Server> {
  const options = { file: 'file', mostFields: 3, longestField: 10, store };
  const server = createServer((req, res) => {
    const exchange = new Exchange(req, res, SURROUNDINGS);
    receiveForm(exchange, options).then(
      ({ fields, file }) => exchange.respondJson(200, { isForm: isForm(exchange), fields: [...fields], file }),
      (failure: unknown) => writeFailure(exchange, failure, formatOciFailure),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function size(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

describe('a form', () => {
  it('is its fields and its file, in whatever order', async () => {
    const server = await serve();
    const large = Buffer.alloc(3_000_000, 'x');
    const after = await request(server).post('/').attach('file', large, 'f').field('a', '1').expect(200);
    expect(after.body).toEqual({ isForm: true, fields: [['a', '1']], file: large.length });
    const before = await request(server).post('/').field('a', '1').attach('file', Buffer.from('x'), 'f').expect(200);
    expect(before.body).toMatchObject({ fields: [['a', '1']], file: 1 });
    expect((await request(server).post('/').field('a', '1').expect(200)).body).toEqual({
      isForm: true,
      fields: [['a', '1']],
    });
  });

  it('has no names of what objects have by themselves', async () => {
    const server = await serve();
    const { body } = await request(server).post('/').field('__proto__', 'x').field('constructor', 'y').expect(200);
    expect((body.fields as string[][]).map(([name]) => name)).toEqual(expect.arrayContaining(['constructor']));
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('is refused where it has too much of something', async () => {
    const server = await serve();
    const post = () => request(server).post('/');
    expect((await post().field('a', '12345678901')).status).toBe(413);
    expect((await post().field('a', '1').field('b', '1').field('c', '1').field('d', '1')).status).toBe(413);
    expect((await post().attach('file', Buffer.from('x'), 'f').attach('file', Buffer.from('y'), 'g')).status).toBe(413);
    expect((await post().attach('other', Buffer.from('x'), 'f')).status).toBe(400);
  });

  it.each([
    ['multipart/form-data', 'x'],
    ['multipart/form-data; boundary=x', 'no boundary in it'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\ncut o'],
  ])('is refused where it is none: %s', async (type, body) => {
    const server = await serve();
    expect((await request(server).post('/').set('content-type', type).send(body)).status).toBe(400);
  });

  it('fails as its file does', async () => {
    const server = await serve(async () => {
      throw new OciError('STORAGE_FULL');
    });
    expect((await request(server).post('/').attach('file', Buffer.alloc(1_000_000), 'f')).status).toBe(507);
  });

  it('ends the reading of its file where the client leaves', async () => {
    const ended = Promise.withResolvers<unknown>();
    const server = await serve(async (stream) => {
      await size(stream).catch((failure: unknown) => {
        ended.resolve(failure);
        throw failure;
      });
    });
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\ncontent-type: multipart/form-data; boundary=x\r\n\r\n',
    );
    socket.write('--x\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nsome of it', () =>
      socket.destroy(),
    );
    expect(String(await ended.promise)).toContain('aborted');
  });
});
