import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { asFetch, asStreamingFetch } from './as-fetch.ts';
import { createOutbound, type Outbound, type OutboundDeps } from './outbound.ts';

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

describe('a call to another server', () => {
  let server: Server;
  let port: number;
  let answer: Answer;
  let asked: { url: string; headers: IncomingMessage['headers']; method: string | undefined }[];
  const opened: Outbound[] = [];

  beforeAll(async () => {
    server = createServer((req, res) => {
      asked.push({ url: req.url ?? '', headers: req.headers, method: req.method });
      answer(req, res);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  afterEach(async () => {
    for (const outbound of opened.splice(0)) await outbound.close();
  });

  function open(allowed: readonly string[], more: Partial<OutboundDeps> = {}): Outbound {
    asked = [];
    answer = (_req, res) => void res.end('fine');
    const outbound = createOutbound({ allowedNetworks: allowed, timeoutMs: 10_000, version: '1.2.3', ...more });
    opened.push(outbound);
    return outbound;
  }
  const here = (host = '127.0.0.1', path = '/'): URL => new URL(`http://${host}:${port}${path}`);
  const failing = (failure: string) => expect.objectContaining({ name: 'OutboundError', failure });
  const redirect =
    (location: string, status = 302): Answer =>
    (req, res) =>
      req.url === '/' ? void res.writeHead(status, { location }).end() : void res.end('there');

  it('is answered with status, headers and body, and says who asks', async () => {
    const outbound = open(['127.0.0.1']);
    answer = (_req, res) => void res.writeHead(404, { 'x-one': ['a', 'b'] }).end('gone');
    const { status, headers, body } = await outbound.request(here());
    expect([status, headers.get('x-one'), Buffer.from(body).toString()]).toEqual([404, 'a, b', 'gone']);
    expect(asked[0]?.headers['user-agent']).toBe('Octoserve-Registry/1.2.3');
  });

  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0'])(
    'does not reach this machine unasked, however it is written: %s',
    async (host) => {
      await expect(open([]).request(here(host))).rejects.toThrow(failing('refused'));
      expect(asked).toEqual([]);
    },
  );

  it('does not reach a private address behind a name', async () => {
    const outbound = open([], { resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    await expect(outbound.request(here('idp.example'))).rejects.toThrow(failing('refused'));
    expect(asked).toEqual([]);
  });

  it('goes to the permitted ones of a name’s addresses', async () => {
    const addresses = [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const outbound = open(['127.0.0.1'], { resolve: async () => addresses });
    expect((await outbound.request(here('idp.example'))).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it('goes to the address that was judged, whatever the name says next', async () => {
    let times = 0;
    const resolve = async () => [{ address: (times += 1) === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    expect((await open(['127.0.0.1'], { resolve }).request(here('rebound.example'))).status).toBe(200);
    expect(times).toBe(1);
  });

  it('without TLS stays inside the networks that are named', async () => {
    const outbound = open(['10.0.0.0/8'], { resolve: async () => [{ address: '1.1.1.1', family: 4 }] });
    await expect(outbound.request(here('idp.example'))).rejects.toThrow(failing('refused'));
  });

  it('follows as many redirects as it is told, none unasked', async () => {
    const outbound = open(['127.0.0.1']);
    answer = redirect('/next');
    expect((await outbound.request(here())).status).toBe(302);
    expect(Buffer.from((await outbound.request(here(), { redirects: 1 })).body).toString()).toBe('there');
    answer = (_req, res) => void res.writeHead(302, { location: '/again' }).end();
    asked = [];
    expect((await outbound.request(here(), { redirects: 3 })).status).toBe(302);
    expect(asked).toHaveLength(4);
  });

  it.each([
    'http://127.0.0.2/',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'http://',
    'ftp://x/',
  ])('does not follow a redirect to %s', async (location) => {
    const outbound = open(['127.0.0.1']);
    answer = redirect(location);
    await expect(outbound.request(here(), { redirects: 3 })).rejects.toThrow(failing('refused'));
    expect(asked).toHaveLength(1);
  });

  it('sends a body to the first address alone', async () => {
    const outbound = open(['127.0.0.1']);
    answer = redirect('/next', 307);
    expect((await outbound.request(here(), { method: 'POST', body: 'secret', redirects: 3 })).status).toBe(307);
    expect(asked.map(({ url }) => url)).toEqual(['/']);
  });

  it('gives credentials to the origin that they are for, and to no other hop', async () => {
    const outbound = open(['127.0.0.1'], { resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    const credentials = { origin: here().origin, authorization: 'Bearer secret' };
    answer = redirect(here('other.example', '/next').href);
    await outbound.request(here(), { redirects: 1, credentials });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined]);
  });

  it.each(['Authorization', 'cookie', 'Proxy-Authorization'])(
    'takes no credentials as plain headers: %s',
    async (name) => {
      await expect(open(['127.0.0.1']).request(here(), { headers: { [name]: 'x' } })).rejects.toThrow(TypeError);
      expect(asked).toEqual([]);
    },
  );

  it('takes no credentials in a URL', async () => {
    const url = new URL(`http://user:secret@127.0.0.1:${port}/`);
    await expect(open(['127.0.0.1']).request(url)).rejects.toThrow(failing('refused'));
  });

  it.each([
    ['declared', (res: ServerResponse) => void res.writeHead(200, { 'content-length': '11' }).end('x'.repeat(11))],
    ['chunked', (res: ServerResponse) => void (res.write('x'.repeat(5)), res.end('x'.repeat(6)))],
  ])('gives up on an answer that is too long: %s', async (_how, send) => {
    const outbound = open(['127.0.0.1']);
    answer = (_req, res) => send(res);
    await expect(outbound.request(here(), { maxBytes: 10 })).rejects.toThrow(failing('tooLarge'));
    expect((await outbound.request(here(), { maxBytes: 11 })).body).toHaveLength(11);
  });

  it('gives up on a server that does not answer, or not to the end', async () => {
    const outbound = open(['127.0.0.1'], { timeoutMs: 100 });
    answer = () => undefined;
    await expect(outbound.request(here())).rejects.toThrow(failing('timeout'));
    answer = (_req, res) => void res.write('x');
    await expect(outbound.request(here())).rejects.toThrow(failing('timeout'));
  });

  it('fails as unreachable where nobody answers, or nothing has the name', async () => {
    const outbound = open(['127.0.0.1'], { resolve: async () => Promise.reject(new Error('ENOTFOUND')) });
    answer = (req) => req.socket.destroy();
    await expect(outbound.request(here())).rejects.toThrow(failing('unreachable'));
    await expect(outbound.request(here('nowhere.example'))).rejects.toThrow(failing('unreachable'));
  });

  it('hands a long answer over as it comes, for as long as that takes', async () => {
    const outbound = open(['127.0.0.1'], { timeoutMs: 2000 });
    const more = Promise.withResolvers<ServerResponse>();
    answer = (_req, res) => {
      res.write('first');
      more.resolve(res);
    };
    const { status, body } = await outbound.stream(here());
    const reading = body[Symbol.asyncIterator]();
    expect([status, Buffer.from((await reading.next()).value as Uint8Array).toString()]).toEqual([200, 'first']);
    (await more.promise).end('x'.repeat(2_000_000)); // more than an answer that is gathered may be
    let rest = 0;
    for (let part = await reading.next(); !part.done; part = await reading.next()) rest += part.value.length;
    expect(rest).toBe(2_000_000);
  });

  it('says why a long answer does not begin, stands still or breaks off', async () => {
    const outbound = open(['127.0.0.1'], { timeoutMs: 200 });
    const gather = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const _ of body);
    };
    answer = () => undefined;
    await expect(outbound.stream(here())).rejects.toThrow(failing('timeout'));
    answer = (_req, res) => void res.write('x');
    await expect(gather((await outbound.stream(here())).body)).rejects.toThrow(failing('timeout'));
    answer = (_req, res) => void (res.writeHead(200, { 'content-length': '9' }), res.write('x'), res.socket?.end());
    await expect(gather((await outbound.stream(here())).body)).rejects.toThrow(failing('unreachable'));
    await expect(open([]).stream(here())).rejects.toThrow(failing('refused'));
  });

  it('can be had as a fetch that streams, and ends what is not read on', async () => {
    const fetched = asStreamingFetch(open(['127.0.0.1']));
    const closed = Promise.withResolvers<void>();
    answer = (_req, res) => void (res.on('close', () => closed.resolve()), res.write('x'));
    const response = await fetched(here(), { headers: { authorization: 'Basic x' } });
    expect([response.status, asked[0]?.headers.authorization]).toEqual([200, 'Basic x']);
    await response.body?.cancel();
    await closed.promise;
  });

  it('can be had as a fetch, whose credentials stay at its address', async () => {
    const fetched = asFetch(open(['127.0.0.1']));
    answer = redirect(here('other.example', '/next').href);
    const options = { method: 'POST', body: new URLSearchParams({ a: 'b c' }), headers: { authorization: 'Basic x' } };
    const response = await fetched(here(), options);
    expect([response.status, asked.length, asked[0]?.headers.authorization]).toEqual([302, 1, 'Basic x']);
    await expect(fetched(here(), { method: 'DELETE' })).rejects.toThrow(TypeError);
  });
});
