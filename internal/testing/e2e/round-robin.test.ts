import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startRoundRobin, type RoundRobin } from './round-robin.ts';
import { findFreePort } from './ports.ts';

describe('the round-robin proxy', () => {
  const servers: Server[] = [];
  let proxy: RoundRobin;

  async function startReplica(answer: RequestListener): Promise<number> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  const startNamed = (name: string): Promise<number> =>
    startReplica((req, res) => {
      req.resume();
      if (req.url === '/uploads/') res.setHeader('location', '/session/1');
      res.end(name);
    });
  afterEach(async () => {
    await proxy.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  const ask = async (path: string): Promise<string> => (await fetch(proxy.url + path)).text();
  const send = (method: string, headers: Readonly<Record<string, string | number>> = {}) => {
    const sending = request(`${proxy.url}/body`, { method, headers, agent: false });
    const answered = once(sending, 'response').then(([response]) => response as IncomingMessage);
    return { sending, answered };
  };

  it('gives the requests to the replicas in turn', async () => {
    proxy = await startRoundRobin(await Promise.all(['a', 'b', 'c'].map(startNamed)));
    const names = [];
    for (let count = 0; count < 6; count += 1) names.push(await ask(`/${count}`));
    expect(names.join('')).toMatch(/^(abcabc|bcabca|cabcab)$/);
    expect(proxy.passed).toHaveLength(6);
  });

  it('gives nothing to the replica that answered for its path before, nor to the one that named its path', async () => {
    const [a, b] = [await startNamed('a'), await startNamed('b')];
    proxy = await startRoundRobin([a, b]);
    for (const path of ['/uploads/', '/x', '/session/1', '/y', '/session/1', '/session/1']) await ask(path);
    const session = proxy.passed.filter(({ path }) => /uploads|session/.test(path)).map(({ port }) => port);
    expect([
      [a, b, a, b],
      [b, a, b, a],
    ]).toContainEqual(session);
  });

  it('passes over a replica that refuses the connection, and goes on asking it', async () => {
    const [there, away] = [await startNamed('there'), await findFreePort()];
    proxy = await startRoundRobin([away, there]);
    for (let count = 0; count < 4; count += 1) expect(await ask(`/${count}`)).toBe('there');
    const late = createServer((_req, res) => res.end('back')).listen(away, '127.0.0.1');
    servers.push(late);
    await once(late, 'listening');
    expect(new Set([await ask('/5'), await ask('/6')])).toEqual(new Set(['there', 'back']));
  });

  it('cuts the client off where no replica takes connections', async () => {
    proxy = await startRoundRobin([await findFreePort(), await findFreePort()]);
    await expect(ask('/')).rejects.toThrow('fetch failed');
    expect(proxy.passed).toEqual([]);
  });

  it('streams both ways: a piece is there before the next is sent', async () => {
    proxy = await startRoundRobin([
      await startReplica((req, res) => {
        res.flushHeaders();
        req.on('data', (chunk: Buffer) => res.write(chunk.toString().toUpperCase())).on('end', () => res.end());
      }),
    ]);
    const { sending, answered } = send('PATCH');
    sending.write('one');
    const answer = await answered;
    const pieces = answer.setEncoding('utf8')[Symbol.asyncIterator]();
    expect(await pieces.next()).toEqual({ done: false, value: 'ONE' });
    sending.write('two');
    expect(await pieces.next()).toEqual({ done: false, value: 'TWO' });
    sending.end();
    expect(await pieces.next()).toMatchObject({ done: true });
  });

  it('lets the client read an answer that comes before the end of the body', async () => {
    proxy = await startRoundRobin([
      await startReplica((req, res) => {
        res.writeHead(416, { 'content-length': 8 }).write('not here');
        req.resume().once('close', () => res.end());
      }),
    ]);
    const { sending, answered } = send('PATCH', { 'content-length': 2 ** 24 });
    sending.on('error', () => undefined).write(Buffer.alloc(2 ** 20));
    const answer = await answered;
    expect([answer.statusCode, await text(answer)]).toEqual([416, 'not here']);
    sending.destroy();
  });

  it('lets the replica decide whether a body is sent at all', async () => {
    proxy = await startRoundRobin([await startReplica((_req, res) => res.writeHead(401).end())]);
    servers[0]?.on('checkContinue', (_req, res) => res.writeHead(401).end());
    const { sending, answered } = send('PUT', { expect: '100-continue', 'content-length': 5 });
    const invited = jest.fn();
    sending.once('continue', invited).flushHeaders();
    expect((await answered).statusCode).toBe(401);
    expect(invited).not.toHaveBeenCalled();
    sending.destroy();
  });

  it('cuts the client off where the replica dies in the middle', async () => {
    proxy = await startRoundRobin([
      await startReplica((req, res) => {
        req.once('data', () => req.socket.destroy());
        if (req.method === 'GET')
          res.writeHead(200, { 'content-length': 10 }).write('half', () => req.socket.destroy());
      }),
    ]);
    await expect(ask('/half')).rejects.toThrow('terminated');
    const { sending, answered } = send('PATCH', { 'content-length': 10 });
    sending.write('half');
    await expect(answered).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(proxy.passed).toMatchObject([
      { method: 'GET', status: 200 },
      { method: 'PATCH', status: undefined },
    ]);
  });
});
