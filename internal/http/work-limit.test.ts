import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Exchange } from './exchange.ts';
import { RawConnection } from './raw-client.suite.ts';
import { refusalOf } from './refusal.suite.ts';
import { WorkLimit, type WorkLimitOptions } from './work-limit.ts';

const SURROUNDINGS = {
  ticks: () => performance.now(),
  newRequestId: () => 'id',
  addressOf: () => '',
  siteOf: () => '',
  onBodyBytes: () => undefined,
};

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that answers a request when it is told to. */
async function serve(options: Partial<WorkLimitOptions> = {}) {
  let refused = 0;
  const limit = new WorkLimit({
    maxAtWork: 2,
    maxWaiting: 2,
    waitMs: 60_000,
    exempt: new Set(['/healthz']),
    ticks: () => performance.now(),
    onRefused: () => (refused += 1),
    ...options,
  });
  const begun: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<Exchange>>();
  const whenBegun = (path: string): PromiseWithResolvers<Exchange> => {
    const known = waiting.get(path) ?? Promise.withResolvers<Exchange>();
    waiting.set(path, known);
    return known;
  };
  const server = createServer((req, res) => {
    const exchange = new Exchange(req, res, SURROUNDINGS);
    res.once('close', () => exchange.countNoMore());
    limit.admit(exchange, (admitted) => {
      begun.push(admitted.path);
      whenBegun(admitted.path).resolve(admitted);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const send = async (line: string, headers: readonly string[] = []): Promise<RawConnection> => {
    const connection = await RawConnection.open(port);
    closing.push(() => connection.close());
    connection.head(`${line} HTTP/1.1`, headers);
    return connection;
  };
  /** Resolves when all that was sent before has been seen. */
  const seen = async (): Promise<number> => {
    const probe = await send('GET /healthz');
    (await whenBegun('/healthz').promise).respond(200);
    waiting.delete('/healthz');
    return (await probe.answer()).status;
  };
  /** Sends these one after the other. */
  const ask = async (...paths: readonly string[]): Promise<readonly RawConnection[]> => {
    const connections: RawConnection[] = [];
    for (const path of paths) {
      connections.push(await send(`GET ${path}`));
      await seen();
    }
    return connections;
  };
  return {
    limit,
    send,
    ask,
    seen,
    begun: () => begun.filter((path) => path !== '/healthz'),
    exchange: (path: string) => whenBegun(path).promise,
    refused: () => refused,
  };
}

describe('WorkLimit', () => {
  it('works on so many at once, and on the next when one was answered, in order', async () => {
    const { limit, ask, begun, exchange } = await serve();
    const [first] = await ask('/a', '/b', '/c', '/d');
    expect(begun()).toEqual(['/a', '/b']);
    expect([limit.atWork, limit.waiting]).toEqual([2, 2]);
    (await exchange('/a')).respond(200, {}, 'whole');
    expect((await first?.answer())?.body.toString()).toBe('whole');
    (await exchange('/b')).respond(200);
    for (const path of ['/c', '/d']) (await exchange(path)).respond(200);
    expect(begun()).toEqual(['/a', '/b', '/c', '/d']);
    expect([limit.atWork, limit.waiting]).toEqual([0, 0]);
  });

  it('refuses with 503 and Retry-After what finds no room to wait, and keeps the connection', async () => {
    const { ask, refused } = await serve();
    const last = (await ask('/a', '/b', '/c', '/d', '/e')).at(-1);
    const answer = await last?.answer();
    expect(answer && refusalOf(answer)).toBe('503 UNKNOWN');
    expect(answer?.headers).toMatchObject({
      'retry-after': expect.stringMatching(/^[1-4]$/),
      connection: 'keep-alive',
    });
    expect(refused()).toBe(1);
  });

  it('always answers how the server is', async () => {
    const { ask, seen } = await serve();
    await ask('/a', '/b', '/c', '/d', '/e');
    expect(await seen()).toBe(200);
  });

  it('keeps no place for a client that has left', async () => {
    const { limit, ask, exchange, begun, seen } = await serve();
    const connections = await ask('/a', '/b', '/c', '/d');
    connections[2]?.close();
    while (limit.waiting > 1) await seen();
    (await exchange('/a')).respond(200);
    await exchange('/d');
    expect(begun()).toEqual(['/a', '/b', '/d']);
  });

  it('gives the place of a client that left before its answer to the next', async () => {
    const { ask, exchange } = await serve();
    const connections = await ask('/a', '/b', '/c');
    connections[0]?.close();
    (await exchange('/c')).respond(200);
    expect((await connections[2]?.answer())?.status).toBe(200);
  });

  it('refuses what has waited for too long', async () => {
    const { ask } = await serve({ waitMs: 1 });
    const last = (await ask('/a', '/b', '/c')).at(-1);
    const answer = await last?.answer();
    expect(answer && refusalOf(answer)).toBe('503 UNKNOWN');
  });

  it('does not count an answer that is on its way', async () => {
    const { limit, ask, exchange } = await serve();
    await ask('/a', '/b', '/c');
    const more = Promise.withResolvers<void>();
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('begun');
      await more.promise;
    }
    const sent = (await exchange('/a')).respondStream(200, {}, chunks());
    await exchange('/c');
    expect(limit.atWork).toBe(2);
    more.resolve();
    await sent;
    expect(limit.atWork).toBe(2);
  });

  it('does not count a request whose body is waited for, and counts it again when that comes', async () => {
    const { limit, send, ask, exchange } = await serve();
    const writers = await Promise.all(['/a', '/b'].map((path) => send(`PUT ${path}`, ['Content-Length: 5'])));
    const bodies = ['/a', '/b'].map(async (path) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of (await exchange(path)).body()) parts.push(chunk);
      return Buffer.concat(parts).toString();
    });
    await Promise.all(['/a', '/b'].map(exchange));
    const [reader] = await ask('/c');
    (await exchange('/c')).respond(200);
    expect((await reader?.answer())?.status).toBe(200);
    expect(limit.atWork).toBe(0);
    for (const writer of writers) writer.write('hello');
    expect(await Promise.all(bodies)).toEqual(['hello', 'hello']);
    expect(limit.atWork).toBe(2);
  });

  it('counts a request whose body is there already', async () => {
    const { limit, send, exchange } = await serve();
    const connection = await send('PUT /a', ['Content-Length: 5']);
    connection.write('hello');
    const { req, body } = await exchange('/a').then((found) => ({ req: found.req, body: found.body() }));
    while (req.readableLength < 5) await new Promise(setImmediate);
    const counts: number[] = [];
    for await (const chunk of body) counts.push(limit.atWork * chunk.length);
    expect(counts).toEqual([5]);
    expect(limit.atWork).toBe(1);
  });

  it('begins of thousands no more in one turn than it works on, also where they are answered at once', async () => {
    const limit = new WorkLimit({
      maxAtWork: 100,
      maxWaiting: 20_000,
      waitMs: 60_000,
      exempt: new Set(),
      ticks: () => 0,
      onRefused: () => undefined,
    });
    let answered = 0;
    const exchanges = Array.from({ length: 20_000 }, () => {
      const exchange = {
        path: '/',
        isSurplus: false,
        startedTicks: 0,
        res: { once: () => undefined, destroyed: false },
        countAs: () => undefined,
      };
      return exchange as unknown as Exchange;
    });
    const held: (() => void)[] = [];
    for (const exchange of exchanges) {
      limit.admit(exchange, () => {
        answered += 1;
        if (held.length < 100) held.push(() => limit.leave());
        else limit.leave();
      });
    }
    for (const leave of held) leave();
    const turns: number[] = [];
    while (limit.waiting > 0) {
      const before = answered;
      await new Promise(setImmediate);
      turns.push(answered - before);
    }
    expect(Math.max(...turns)).toBe(100);
    expect(answered).toBe(20_000);
    expect([limit.atWork, limit.waiting]).toEqual([0, 0]);
  });
});
