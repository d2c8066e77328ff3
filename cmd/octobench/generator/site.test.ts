import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connection } from './connection.ts';
import { openSite, Refused, WrongBody, type Call, type SiteSpec } from './site.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server of the test's own, and its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closing.push(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const PULL: Call = { method: 'GET', path: '/v2/a/manifests/b', scopes: ['repository:a:pull'], expect: [200] };

async function send(spec: SiteSpec, ...calls: readonly Call[]): Promise<number> {
  const site = await openSite(spec);
  const connection = await Connection.open(site.endpoint);
  closing.push(() => connection.close());
  let status = 0;
  for (const call of calls) status = (await site.send(connection, call)).status;
  return status;
}

describe('openSite', () => {
  it('sends no authorization where nobody is asked for it', async () => {
    const seen: unknown[] = [];
    const url = await serve(({ headers }, res) => {
      seen.push(headers.authorization);
      res.end();
    });
    await send({ url, credentials: { kind: 'password', username: 'u', password: 'p' }, authHosts: [] }, PULL);
    expect(seen).toEqual([undefined, undefined]);
  });

  it('signs in with a password', async () => {
    const wanted = `Basic ${Buffer.from('u:p').toString('base64')}`;
    const url = await serve(({ headers }, res) => {
      if (headers.authorization === wanted) res.end();
      else res.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    const credentials = { kind: 'password', username: 'u', password: 'p' } as const;
    expect(await send({ url, credentials, authHosts: [] }, PULL)).toBe(200);
    await expect(send({ url, authHosts: [] }, PULL)).rejects.toThrow('GET manifests: 401 where 200 was due');
  });

  it('fetches a token for each scope, and another one when that has run out', async () => {
    const tokens: string[] = [];
    const valid = new Set<string>();
    const url: string = await serve((req, res) => {
      const { pathname, searchParams } = new URL(req.url ?? '', 'http://x');
      if (pathname === '/token') {
        const token = `t${tokens.length}`;
        tokens.push(searchParams.getAll('scope').join());
        valid.add(`Bearer ${token}`);
        return res.end(JSON.stringify({ token, expires_in: 300 }));
      }
      if (valid.has(req.headers.authorization ?? '')) {
        if (pathname.endsWith('/last')) valid.clear();
        return res.end();
      }
      return res.writeHead(401, { 'www-authenticate': `Bearer realm="${url}/token",service="s"` }).end();
    });
    const calls = [PULL, PULL, { ...PULL, path: '/v2/a/manifests/last' }, PULL];
    expect(await send({ url, authHosts: [] }, ...calls)).toBe(200);
    expect(tokens.filter((scope) => scope === 'repository:a:pull')).toHaveLength(2);
  });

  it('sends a body whole, by its length or in chunks', async () => {
    const bodies: string[] = [];
    const url = await serve((req, res) => {
      let text = '';
      req
        .on('data', (chunk: Buffer) => (text += String(chunk)))
        .on('end', () => {
          bodies.push(`${req.headers['content-length'] ?? req.headers['transfer-encoding']} ${text}`);
          res.end();
        });
    });
    const body = { sizeBytes: 5, pieces: () => [Buffer.from('he'), Buffer.from('llo')] };
    const framed = { sizeBytes: 5, pieces: () => [Buffer.from('5\r\nhello\r\n0\r\n\r\n')] };
    const put: Call = { ...PULL, method: 'PUT', body };
    await send({ url, authHosts: [] }, put, { ...put, body: framed, isChunked: true });
    expect(bodies.slice(1)).toEqual(['5 hello', 'chunked hello']);
  });
});

describe('a site whose bodies are checked', () => {
  const digest = `sha256:${createHash('sha256').update('right').digest('hex')}`;
  const ask = async (path: string, answer: RequestListener): Promise<number> => {
    const url = await serve((req, res) => void (req.url === '/v2/' ? res.end() : answer(req, res)));
    const site = await openSite({ url, authHosts: [] }, { checksBodies: true });
    const connection = await Connection.open(site.endpoint);
    closing.push(() => connection.close());
    return (await site.send(connection, { ...PULL, path })).status;
  };

  it.each([
    [
      'by its length',
      (text: string): RequestListener =>
        (_req, res) =>
          void res.end(text),
    ],
    [
      'in chunks',
      (text: string): RequestListener =>
        (_req, res) => {
          res.write(text.slice(0, 2));
          res.end(text.slice(2));
        },
    ],
    [
      'until the connection ends',
      (text: string): RequestListener =>
        ({ socket }) =>
          void socket.end(`HTTP/1.1 200 OK\r\nDocker-Content-Digest: ${digest}\r\n\r\n${text}`),
    ],
  ])('takes content of the digest that was asked for, and no other, %s', async (_how, listener) => {
    expect(await ask(`/v2/a/blobs/${digest}`, listener('right'))).toBe(200);
    await expect(ask(`/v2/a/blobs/${digest}`, listener('wrong'))).rejects.toThrow(WrongBody);
  });

  it('holds what was asked for by tag against the digest that the answer names', async () => {
    const listener =
      (text: string): RequestListener =>
      (_req, res) =>
        void res.writeHead(200, { 'docker-content-digest': digest }).end(text);
    expect(await ask('/v2/a/manifests/b', listener('right'))).toBe(200);
    await expect(ask('/v2/a/manifests/b', listener('wrong'))).rejects.toThrow(WrongBody);
  });
});

describe('a refusal', () => {
  const refusing = (status: number, retryAfter?: string): Promise<string> =>
    serve((req, res) => {
      if (req.url === '/v2/') return res.end();
      return res.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end();
    });

  it.each([429, 503])('of %d says when to come again', async (status) => {
    const sent = send({ url: await refusing(status, '2'), authHosts: [] }, PULL);
    await expect(sent).rejects.toEqual(expect.any(Refused));
    await expect(sent).rejects.toMatchObject({ retryAfterMs: 2000 });
  });

  it.each([
    [503, undefined],
    [500, '2'],
  ])('is none where the answer is %d with Retry-After %s', async (status, retryAfter) => {
    const sent = send({ url: await refusing(status, retryAfter), authHosts: [] }, PULL);
    await expect(sent).rejects.not.toEqual(expect.any(Refused));
  });
});

describe('Connection', () => {
  it('sends no more of a body that was answered before its end, and is not used again', async () => {
    const url = await serve((req, res) => {
      if (req.method === 'PUT') res.writeHead(507, { 'content-length': '0' });
      res.end();
    });
    const site = await openSite({ url, authHosts: [] });
    const connection = await Connection.open(site.endpoint);
    const piece = Buffer.alloc(1024 * 1024);
    let sent = 0;
    function* endless(): Generator<Buffer> {
      for (; sent < 1000; sent += 1) yield piece;
    }
    const put: Call = { ...PULL, method: 'PUT', body: { sizeBytes: 1000 * piece.length, pieces: endless } };
    await expect(site.send(connection, put)).rejects.toThrow('507');
    for (let turn = 0; connection.isUsable && turn < 100_000; turn += 1) await new Promise(setImmediate);
    expect(connection.isUsable).toBe(false);
    expect(sent).toBeLessThan(1000);
  });

  it('fails what was asked where the server hangs up', async () => {
    const url = await serve((req, res) => void (req.url === '/v2/' ? res.end() : req.socket.destroy()));
    await expect(send({ url, authHosts: [] }, PULL)).rejects.toThrow('closed');
  });

  it('takes an answer that ends with its connection', async () => {
    const url = await serve((req, res) => {
      if (req.url === '/v2/') return res.end();
      return void req.socket.end('HTTP/1.1 200 OK\r\n\r\nall of it');
    });
    expect(await send({ url, authHosts: [] }, PULL)).toBe(200);
  });
});
