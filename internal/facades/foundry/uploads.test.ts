import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { RawConnection } from '../../http/raw-client.suite.ts';
import { eventually } from '../../server/fixtures.suite.ts';
import { HELLO_HASH, told, useFoundry, type FoundryServer } from './fixtures.suite.ts';

const MEBIBYTE = Buffer.alloc(1024 * 1024, 'x');
const head = (version: string, length: number | string, more: readonly string[] = []) =>
  [
    `POST /api/v1/artifacts/tool/${version} HTTP/1.1`,
    ['Authorization: Bearer t1', typeof length === 'number' ? `Content-Length: ${length}` : length, ...more],
  ] as const;

/** Runs with a connection on which anything may be said. */
async function raw(server: FoundryServer['server'], use: (connection: RawConnection) => Promise<void>): Promise<void> {
  const connection = await RawConnection.open(server.port);
  try {
    await use(connection);
  } finally {
    connection.close();
  }
}

describe('an upload', () => {
  const { ask, put, server } = useFoundry(['t1', { token: 'r1', scopes: ['read'] }]);

  it('that comes too late is told so while it still sends, and its connection goes on', async () => {
    await put('/artifacts/tool/1', 'hello');
    await raw(server, async (connection) => {
      connection.head(...head('1', 4 * MEBIBYTE.length));
      connection.write(MEBIBYTE);
      expect((await connection.answer()).status).toBe(409);
      for (let count = 1; count < 4; count += 1) connection.write(MEBIBYTE);
      connection.head('GET /health HTTP/1.1');
      expect((await connection.answer()).status).toBe(200);
    });
  });

  it('that asks first is refused before it has sent a byte', async () => {
    await put('/artifacts/tool/1', 'hello');
    await raw(server, async (connection) => {
      connection.head(...head('1', 100, ['Expect: 100-continue']));
      expect((await connection.answer()).status).toBe(409);
    });
    await raw(server, async (connection) => {
      connection.head('POST /api/v1/artifacts/tool/2 HTTP/1.1', ['Content-Length: 100', 'Expect: 100-continue']);
      expect((await connection.answer()).status).toBe(401);
    });
    await raw(server, async (connection) => {
      connection.head(...head('2', 5, ['Expect: 100-continue']));
      expect((await connection.answer()).status).toBe(100);
      connection.write('hello');
      expect((await connection.answer()).status).toBe(201);
    });
  });

  it('may be of any length that nobody said', async () => {
    await raw(server, async (connection) => {
      connection.head(...head('1', 'Transfer-Encoding: chunked'));
      connection.write('2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n');
      const answer = await connection.answer();
      expect(JSON.parse(answer.body.toString())).toMatchObject({ hash: HELLO_HASH, size: 5 });
    });
  });

  it('is never parsed, whatever it says that it is', async () => {
    for (const [index, type] of ['application/json', 'multipart/form-data; boundary=x', 'text/html'].entries()) {
      const answer = await ask('POST', `/artifacts/tool/${index}`, {
        body: 'hello',
        headers: { 'Content-Type': type },
      });
      expect(answer.body).toMatchObject({ hash: HELLO_HASH });
      expect((await ask('GET', `/artifacts/tool/${index}`)).headers['content-type']).toBe('application/octet-stream');
    }
  });

  it('is forbidden to a token that may only read', async () => {
    expect(told(await ask('POST', '/artifacts/tool/1', { token: 'r1', body: 'x' }))).toBe('403 forbidden');
    expect(told(await ask('DELETE', '/artifacts/tool/1', { token: 'r1' }))).toBe('403 forbidden');
    expect(told(await ask('POST', '/gc', { token: 'r1' }))).toBe('403 forbidden');
    expect((await ask('GET', '/packages', { token: 'r1' })).status).toBe(200);
  });
});

describe('an upload to a folder', () => {
  const { ask, server } = useFoundry(undefined, { settings: { 'storage.type': 'filesystem' } });

  /** All files of the data folder that are no catalog. */
  async function files(): Promise<string[]> {
    const found = await readdir(server.folder, { recursive: true, withFileTypes: true });
    return found.filter((entry) => entry.isFile() && !entry.name.startsWith('catalog.db')).map(({ name }) => name);
  }

  it('case 19 (simulated client): that breaks off leaves no version and no file, and may come again', async () => {
    const before = await files();
    await raw(server, async (connection) => {
      connection.head(...head('1', 8 * MEBIBYTE.length));
      connection.write(MEBIBYTE);
      connection.write(MEBIBYTE);
      await eventually('its bytes are being kept', async () => (await files()).length > before.length);
      connection.reset();
    });
    await eventually('what came of it is gone', async () => (await files()).length === before.length);
    expect((await ask('GET', '/artifacts/tool/1')).status).toBe(404);
    expect((await ask('POST', '/artifacts/tool/1', { body: 'hello' })).status).toBe(201);
    expect((await files()).filter((name) => name === HELLO_HASH)).toHaveLength(1);
    expect(await readdir(join(server.folder, 'uploads'))).toEqual([]);
  });
});

describe('with facades.foundry.max_upload_size', () => {
  const { ask, server } = useFoundry(undefined, { settings: { 'facades.foundry.max_upload_size': '5B' } });

  it('what is larger is refused, also where nobody said how large it is', async () => {
    expect((await ask('POST', '/artifacts/tool/1', { body: 'hello' })).status).toBe(201);
    expect(told(await ask('POST', '/artifacts/tool/2', { body: 'hello!' }))).toBe(
      '413 the largest upload accepted is 5 bytes',
    );
    await raw(server, async (connection) => {
      connection.head(...head('2', 'Transfer-Encoding: chunked'));
      connection.write('6\r\nhello!\r\n0\r\n\r\n');
      expect((await connection.answer()).status).toBe(413);
    });
    expect((await ask('GET', '/artifacts/tool/2')).status).toBe(404);
  });
});

describe('what is told of requests', () => {
  const { ask, server } = useFoundry(['canary-token']);
  const token = 'canary-token';

  it('a line of the log has the names of the contract, and no token', async () => {
    await ask('POST', '/artifacts/tool/1', { token, body: 'hello', headers: { 'X-Request-ID': 'mine.1' } });
    await ask('GET', '/packages?search=x', { token: 'other-canary' });
    await eventually('both are logged', () => server.logged.filter(({ message }) => message === 'request').length > 1);
    const [first] = server.logged.filter(({ message }) => message === 'request');
    expect(first?.fields).toEqual({
      request_id: 'mine.1',
      method: 'POST',
      path: '/api/v1/artifacts/tool/1',
      status: 201,
      size: expect.any(Number),
      latency: expect.any(Number),
    });
    const events = server.logged.filter(({ fields }) => fields['hash'] === HELLO_HASH);
    expect(events.map(({ message, fields }) => [message, fields['request_id'], fields['package']])).toEqual([
      ['blob stored', 'mine.1', 'tool'],
      ['artifact upload completed', 'mine.1', 'tool'],
    ]);
    expect(JSON.stringify(server.logged)).not.toContain('canary');
  });

  it('an id that a client brings comes back, unless it is none', async () => {
    const ids = ['A.b_c-1', 'with space', 'x'.repeat(129)];
    const back = [];
    for (const id of ids) {
      back.push((await ask('GET', '/packages', { token, headers: { 'X-Request-ID': id } })).headers['x-request-id']);
    }
    expect(back).toEqual([
      'A.b_c-1',
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
  });

  it('metrics count requests by route, and bytes', async () => {
    await ask('POST', '/artifacts/tool/1', { token, body: 'hello' });
    await ask('GET', '/artifacts/tool/1', { token });
    await ask('GET', '/packages', { token: null });
    const { text } = await request(server.url).get('/metrics').auth('x', token);
    const wanted = [
      'foundry_requests_total{route="/api/v1/artifacts/{package}/{version}",status="201"} 1',
      'foundry_requests_total{route="/api/v1/packages",status="401"} 1',
      'foundry_upload_bytes_total 5',
      'foundry_download_bytes_total 5',
    ];
    for (const line of wanted) expect(text).toContain(`${line}\n`);
  });
});
