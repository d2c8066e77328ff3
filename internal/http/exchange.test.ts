import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { shareServer } from '../server/fixtures.suite.ts';
import { Exchange } from './exchange.ts';
import { askRaw, RawConnection } from './raw-client.suite.ts';
import { refusalOf } from './refusal.suite.ts';
import { SURROUNDINGS } from './surroundings.suite.ts';

describe('a request', () => {
  const server = shareServer();

  it.each(['http://registry.example/v2/', 'HTTP://127.0.0.1:5000/v2/', 'https://registry.example/v2/?a=b'])(
    'may name its target by a whole URL: %s',
    async (target) => {
      expect((await askRaw(server.port, `GET ${target} HTTP/1.1`)).status).toBe(200);
    },
  );

  it.each([
    ['http://registry.example', 200],
    ['http://registry.example?a=/v2/', 200],
    ['http://registry.example/v2/A/tags/list', 400],
  ])('means by a whole URL what its path means: %s', async (target, status) => {
    expect((await askRaw(server.port, `GET ${target} HTTP/1.1`)).status).toBe(status);
  });

  it.each(['*', 'v2/', '//v2/', '/v2', '?'])(
    'answers any other target with JSON or what is there: %s',
    async (target) => {
      const answer = await askRaw(server.port, `GET ${target} HTTP/1.1`);
      expect(answer.status === 200 || refusalOf(answer) !== '').toBe(true);
      expect(answer.status).toBeLessThan(500);
    },
  );

  it('follows another on its connection, also where both were sent at once', async () => {
    const connection = await RawConnection.open(server.port);
    connection.head('GET /v2/ HTTP/1.1');
    connection.head('HEAD /v2/ HTTP/1.1');
    connection.head('GET /v2/nobody/tags/list HTTP/1.1');
    connection.head('GET /livez HTTP/1.1');
    expect((await connection.answer()).body.toString()).toBe('{"message":"OCI Registry API v2"}');
    expect((await connection.answer(true)).status).toBe(200);
    expect(refusalOf(await connection.answer())).toBe('404 NAME_UNKNOWN');
    expect((await connection.answer()).body.toString()).toBe('ok\n');
    connection.close();
  });

  it('ends its connection where it asks for that, or is of HTTP/1.0', async () => {
    for (const [line, headers] of [
      ['GET /v2/ HTTP/1.1', ['Connection: close']],
      ['GET /v2/ HTTP/1.0', []],
    ] as const) {
      const connection = await RawConnection.open(server.port);
      connection.head(line, headers);
      expect((await connection.answer()).status).toBe(200);
      expect(await connection.ended()).toHaveLength(0);
      connection.close();
    }
  });
});

/** Has one request answered over a connection; how that came out. */
const over = async (answer: (exchange: Exchange) => Promise<void>, talk: (client: RawConnection) => Promise<void>) => {
  const answered = Promise.withResolvers<string>();
  const server = createServer((req, res) => {
    const outcome = answer(new Exchange(req, res, SURROUNDINGS));
    answered.resolve(
      outcome.then(
        () => 'written',
        (failure: Error) => failure.name,
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await RawConnection.open((server.address() as AddressInfo).port);
  client.head('GET / HTTP/1.1');
  await talk(client);
  const outcome = await answered.promise;
  client.close();
  server.close();
  return outcome;
};

describe('an answer in one piece', () => {
  it.each([256, 16 * 1024, 16 * 1024 + 1])('brings every byte as it is: %d of them', async (sizeBytes) => {
    const bytes = Uint8Array.from({ length: sizeBytes + 2 }, (_, index) => index % 256).subarray(1, sizeBytes + 1);
    await over(
      async (exchange) => exchange.respond(200, {}, bytes),
      async (client) => expect((await client.answer()).body).toEqual(Buffer.from(bytes)),
    );
  });
});

describe('an answer in pieces', () => {
  /** Pieces that say whether they were let go. */
  const source = (pieces: readonly string[]) => {
    const seen = { isClosed: false };
    async function* read(): AsyncGenerator<Uint8Array> {
      try {
        for (const piece of pieces) yield Buffer.from(piece);
      } finally {
        seen.isClosed = true;
      }
    }
    return { seen, read };
  };

  it.each([[[]], [['a']], [['a', 'b', 'c']]])('is whole, and lets its source go: %j', async (pieces) => {
    const { seen, read } = source(pieces);
    const length = pieces.join('').length;
    const outcome = await over(
      (exchange) => exchange.respondStream(200, { 'content-length': length }, read()),
      async (client) => expect((await client.answer()).body.toString()).toBe(pieces.join('')),
    );
    expect([outcome, seen.isClosed]).toEqual(['written', true]);
  });

  it('lets its source go when the client leaves between pieces', async () => {
    const { seen, read } = source(Array.from({ length: 100_000 }, () => 'x'.repeat(10_000)));
    const outcome = await over(
      (exchange) => exchange.respondStream(200, {}, read()),
      async (client) => {
        await client.begun();
        client.reset();
      },
    );
    expect([outcome, seen.isClosed]).toEqual(['ClientLeft', true]);
  });

  it('lets its source go when the head cannot be written', async () => {
    const { seen, read } = source(['a', 'b']);
    const outcome = await over(
      async (exchange) => {
        await exchange.respondStream(200, { 'x-odd': 'a\nb' }, read()).finally(() => exchange.respond(500));
      },
      async (client) => expect((await client.answer()).status).toBe(500),
    );
    expect([outcome, seen.isClosed]).toEqual(['TypeError', true]);
  });
});
