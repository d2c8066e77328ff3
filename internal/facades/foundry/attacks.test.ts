import { describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { addUser, basic } from '../../server/auth-fixtures.suite.ts';
import { shareServer } from '../../server/fixtures.suite.ts';
import { RawConnection } from '../../http/raw-client.suite.ts';
import { HELLO_HASH, shareFoundry } from './fixtures.suite.ts';

// PROMISES, attacks by area: paths and names, lists, authentication, pages.

describe('paths that are none', () => {
  const { server } = shareFoundry();

  /** As it is written: a client library would tidy it up. */
  async function askRaw(method: string, path: string): Promise<{ status: number; type: string; body: string }> {
    const connection = await RawConnection.open(server.port);
    try {
      connection.head(`${method} ${path} HTTP/1.1`, ['Authorization: Bearer t1', 'Content-Length: 0']);
      const { status, headers, body } = await connection.answer();
      return { status, type: headers['content-type'] ?? '', body: body.toString() };
    } finally {
      connection.close();
    }
  }

  const PATHS = [
    '/api/v1/artifacts/../../../etc/passwd/1',
    '/api/v1/artifacts/..%2f..%2fetc%2fpasswd/1',
    '/api/v1/artifacts/%2e%2e/1',
    '/api/v1/artifacts/..%5c..%5cx/1',
    '/api/v1/artifacts/%252e%252e%252fx/1',
    '/api/v1/artifacts/a%00b/1',
    '/api/v1/artifacts/a%E2%80%AEb/1',
    '/api/v1/artifacts/a%E2%80%8Bb/1',
    '/api/v1/artifacts/.a/1',
    '/api/v1/artifacts/a%2F%2Fb/1',
    '/api/v1/artifacts/a%2F/1',
    `/api/v1/artifacts/${'a'.repeat(129)}/1`,
    `/api/v1/artifacts/${'a-'.repeat(10_000)}/1`,
    '/api/v1/artifacts/a/..',
    '/api/v1/artifacts/a/%2e%2e%2f1',
    '/api/v1/artifacts/a/.1',
    '/api/v1/artifacts/a/-1',
    '/api/v1/artifacts/a/1%0d%0aSet-Cookie:x',
    `/api/v1/artifacts/a/${'1'.repeat(129)}`,
    '/api/v1/artifacts/%ff/1',
    '/api/v1/artifacts/%zz/1',
    '/api/v1/packages/..%2f..',
  ];
  it.each(PATHS.map((path) => [path.slice(0, 60), path]))(
    '%s is refused as JSON, whatever is done there',
    async (_, path) => {
      for (const method of path.includes('packages') ? ['GET'] : ['GET', 'POST', 'DELETE']) {
        const { status, type, body } = await askRaw(method, path);
        expect([status === 400 || status === 404, type]).toEqual([true, 'application/json']);
        expect(Object.keys(JSON.parse(body) as object)).toEqual(['error', 'code', 'message']);
        expect(body).not.toContain('/etc');
      }
    },
  );
});

describe('what may not be read', () => {
  const server = shareServer({ settings: { 'auth.mode': 'basic', 'auth.anonymous': 'foundry/public' } });

  /** What tells one answer from another. */
  const traceOf = ({ status, text, headers }: Response) => ({
    status,
    text,
    headers: Object.entries(headers).filter(([name]) => !['date', 'x-request-id'].includes(name)),
  });

  async function prepare(): Promise<void> {
    await addUser(server.built.catalog, 'root', [{ role: 'admin', pattern: '**' }]);
    await addUser(server.built.catalog, 'alice', [{ role: 'writer', pattern: 'foundry/alices/**' }]);
    for (const name of ['hidden', 'public', 'alices%2Ftool']) {
      const sent = request(server.url).post(`/api/v1/artifacts/${name}/1`).set('Authorization', basic('root'));
      await sent.send('hello').expect(201);
    }
  }

  it('is like what is absent: in status, text, headers and lists', async () => {
    await prepare();
    const ask = async (method: 'get' | 'head' | 'delete' | 'post', path: string, user?: string): Promise<Response> => {
      const asked = request(server.url)[method](path);
      return user === undefined ? asked : asked.set('Authorization', basic(user));
    };
    for (const user of [undefined, 'alice']) {
      for (const method of ['get', 'head', 'delete', 'post'] as const) {
        const [hidden, absent] = [
          await ask(method, '/api/v1/artifacts/hidden/1', user),
          await ask(method, '/api/v1/artifacts/absent/1', user),
        ];
        const text = JSON.stringify(traceOf(hidden)).replaceAll('hidden', 'absent');
        expect([method, JSON.parse(text)]).toEqual([method, JSON.parse(JSON.stringify(traceOf(absent)))]);
        expect([401, 403, 404]).toContain(hidden.status);
      }
    }
    const list = await ask('get', '/api/v1/packages', 'alice');
    expect((list.body as { name: string }[]).map(({ name }) => name)).toEqual(['alices/tool', 'public']);
    expect((await ask('get', '/api/v1/artifacts/public/1')).status).toBe(200);
    expect((await ask('get', '/api/v1/packages')).status).toBe(401);
  });
});

describe('what comes out', () => {
  const { ask, put } = shareFoundry();

  it('a page or a script is nothing that a browser would run', async () => {
    await put('/artifacts/page/1', '<script>alert(1)</script>');
    const { headers } = await ask('GET', '/artifacts/page/1');
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment; filename="page-1"',
    });
  });

  it('what a client names in a query or a header is not said again', async () => {
    const answer = await ask('GET', '/packages?search=%3Cscript%3E&limit=1&after=%0d%0aX:y', {
      headers: { 'X-Request-ID': '<script>' },
    });
    expect([answer.status, JSON.stringify(answer.headers)]).toEqual([200, expect.not.stringContaining('script')]);
    await put('/artifacts/tool/1', 'hello');
    const both = [
      ['X-Artifact-Hash', HELLO_HASH],
      ['Repr-Digest', `sha-256=:${Buffer.alloc(32).toString('base64')}:`],
    ] as const;
    const refused = await ask('POST', '/artifacts/tool/2', { body: 'hello', headers: Object.fromEntries(both) });
    expect([refused.status, refused.body.message]).toEqual([400, 'the hashes in the headers differ']);
  });
});
