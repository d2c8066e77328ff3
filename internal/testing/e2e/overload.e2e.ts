import { connect, type Socket } from 'node:net';
import { Agent, request } from 'node:http';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { createLargeBlob, sendStream, type LargeBlob } from './large-blob.ts';
import { rssBytes } from './proc.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const MIB = 1024 * 1024;
const SLOW_CLIENTS = 300;
/** What a slow client may cost: its socket, the objects of its request, a small buffer; and what others leave behind meanwhile. */
const EACH_MIB = 0.25;
const OTHERS_MIB = 128;

interface Got {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly digest: string;
}

/** One request on a connection of the agent, or on its own; rejects where no whole answer comes. */
function get(url: URL, agent: Agent | false = false): Promise<Got> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      const hash = createHash('sha256');
      response
        .on('data', (chunk: Buffer) => hash.update(chunk))
        .once('error', reject)
        .once('end', () => {
          if (!response.complete) return reject(new Error('the answer was cut off'));
          const { statusCode: status = 0, headers } = response;
          return resolve({ status, retryAfter: headers['retry-after'], digest: `sha256:${hash.digest('hex')}` });
        });
    })
      .once('error', reject)
      .end();
  });
}

async function pushBlob(url: string, repository: string, bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes);
  const pushed = await fetch(`${url}/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: bytes,
  });
  expect(pushed.status).toBe(201);
  return digest;
}

/** Sends the head and reads nothing, or writes nothing more; resolves when the server has it in hand. */
function openSlow(port: number, head: string, isReader: boolean): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(head);
      if (!isReader) socket.write('x', () => resolve(socket));
    });
    if (isReader) socket.once('readable', () => resolve(socket)); // and it is not read from
    socket.once('error', reject);
  });
}

describe('slow clients', () => {
  let server: ServerProcess;
  let blob: LargeBlob;
  let small: string;
  beforeAll(async () => {
    server = await startServer({ 'log.level': 'warn' });
    blob = createLargeBlob(32);
    await sendStream('POST', `${server.url}/v2/slow/blobs/uploads/?digest=${blob.digest}`, blob.read(), blob.sizeBytes);
    small = await pushBlob(server.url, 'slow', Buffer.from('small'));
  });
  afterAll(() => server.close());

  /** Opens them, and has others served meanwhile; resolves with the MiB by which the server's memory rose. */
  async function serveBeside(headOf: (index: number) => Promise<string> | string, isReader: boolean): Promise<number> {
    const before = rssBytes(server.pid);
    const slow: Socket[] = [];
    for (let index = 0; index < SLOW_CLIENTS; index += 1) {
      slow.push(await openSlow(server.port, await headOf(index), isReader));
    }
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const at = (path: string): URL => new URL(path, server.url);
    for (let count = 0; count < 20; count += 1) {
      expect(await get(at('/readyz'))).toMatchObject({ status: 200 });
      const blobs = Array.from({ length: 8 }, () => get(at(`/v2/slow/blobs/${small}`), agent));
      for (const got of await Promise.all(blobs)) expect(got).toMatchObject({ status: 200, digest: small });
    }
    expect(await get(at(`/v2/slow/blobs/${blob.digest}`))).toMatchObject({ status: 200, digest: blob.digest });
    expect(slow.filter(({ destroyed }) => destroyed)).toHaveLength(0);
    const rise = rssBytes(server.pid) - before;
    agent.destroy();
    for (const socket of slow) socket.destroy();
    return rise / MIB;
  }

  const BOUND_MIB = OTHERS_MIB + SLOW_CLIENTS * EACH_MIB;

  it('that read cost little, and keep nobody from being served', async () => {
    const head = `GET /v2/slow/blobs/${blob.digest} HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`;
    expect(await serveBeside(() => head, true)).toBeLessThan(BOUND_MIB);
  });

  it('that write cost little, and keep nobody from being served', async () => {
    const rise = await serveBeside(async (index) => {
      const opened = await fetch(`${server.url}/v2/slow/blobs/uploads/`, { method: 'POST' });
      const { pathname } = new URL(opened.headers.get('location') ?? '', server.url);
      const line = index % 2 === 0 ? `PATCH ${pathname}` : `PUT ${pathname}?digest=${small}`;
      return `${line} HTTP/1.1\r\nHost: ${server.host}\r\nContent-Length: 100000\r\n\r\n`;
    }, false);
    expect(rise).toBeLessThan(BOUND_MIB);
  });
});

describe('more requests than the server works on', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({
      'log.level': 'warn',
      'server.max_requests': '4',
      'server.max_waiting': '16',
    });
  });
  afterAll(() => server.close());

  it('are answered whole, or told when to come again, and what was acknowledged is there', async () => {
    const contents = Array.from({ length: 400 }, (_, index) => Buffer.alloc(4096, `${index} `));
    const agent = new Agent({ keepAlive: true, maxSockets: contents.length });
    const pushes = contents.map(
      (bytes) =>
        new Promise<Got>((resolve, reject) => {
          const digest = digestOf(bytes);
          const url = new URL(`/v2/crowd/blobs/uploads/?digest=${digest}`, server.url);
          request(url, { method: 'POST', agent }, (response) => {
            const { statusCode: status = 0, headers } = response;
            response
              .resume()
              .once('error', reject)
              .once('end', () => resolve({ status, retryAfter: headers['retry-after'], digest }));
          })
            .once('error', reject)
            .end(bytes);
        }),
    );
    const alive = Array.from({ length: 20 }, () => get(new URL('/healthz', server.url)));
    for (const { status } of await Promise.all(alive)) expect(status).toBe(200);
    const answers = await Promise.all(pushes);
    const acknowledged = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 503);
    expect(acknowledged.length + refused.length).toBe(contents.length);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    for (const { retryAfter } of refused) expect(retryAfter).toMatch(/^[1-4]$/);
    for (const { digest } of acknowledged) {
      const got = await get(new URL(`/v2/crowd/blobs/${digest}`, server.url), agent);
      expect(got).toMatchObject({ status: 200, digest });
    }
    agent.destroy();
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain(`http_requests_refused_total ${refused.length}`);
    expect(server.output().match(/Too much to do/g)?.length).toBe(1);
  });
});

describe('more connections than the server keeps', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ 'log.level': 'warn', 'server.max_connections': '40' });
  });
  afterAll(() => server.close());

  it('are told to come again, while probes are answered, and are served when others have left', async () => {
    const idle = await Promise.all(
      Array.from({ length: 40 }, () =>
        openSlow(server.port, `GET /v2/ HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`, true),
      ),
    );
    const root = new URL('/v2/', server.url);
    expect(await get(root)).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-4]$/) });
    expect(await get(new URL('/readyz', server.url))).toMatchObject({ status: 200 });
    for (const socket of idle) socket.destroy();
    let status = 503;
    while (status === 503) ({ status } = await get(root));
    expect(status).toBe(200);
  });
});
