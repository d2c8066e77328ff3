import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startS3Server, type S3Server } from '../s3/server.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { until } from './child.ts';
import { isRoot, programOf } from './clients.ts';
import { runCola, startCola, type ColaServer } from './cola.ts';
import { describeClients } from './describe-clients.suite.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const NOBODY = 65_534;
const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;

let folder: TempFolder;
const opened: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  folder = await openTempFolder('cola-registry-e2e');
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await folder.remove();
});

async function start(...args: Parameters<typeof startCola>): Promise<ColaServer> {
  const server = await startCola(...args);
  opened.push(server);
  return server;
}

const post = (server: ColaServer, path: string, body: object, authorization?: string): Promise<Response> =>
  fetch(`${server.base}/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...(authorization !== undefined && { headers: { authorization } }),
  });
/** A request that the server has begun to answer: it asked for the body, which the test has not sent yet. */
async function beginPost(server: ColaServer, bodyBytes: number) {
  const socket = connect(server.port, 'localhost');
  let text = '';
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (more: string) => (text += more));
  const head = ['POST /api/v1/registry HTTP/1.1', 'host: x', `content-length: ${bodyBytes}`, 'expect: 100-continue'];
  socket.write(`${head.join('\r\n')}\r\nconnection: close\r\n\r\n`);
  await until('it asks for the body', 20_000, () => text.includes('HTTP/1.1 100'));
  return { socket, answered: () => text };
}
const names = async (server: ColaServer): Promise<string[]> => {
  const list = (await (await fetch(`${server.base}/registry`)).json()) as { name: string }[];
  return list.map(({ name }) => name);
};
const tool = (args: readonly string[], more: { env?: Record<string, string>; input?: string } = {}) =>
  runCola('cola-registry', args, { cwd: folder.path, ...more });

describe('cola-registry and users.yaml (acceptance case 27)', () => {
  it('lets in whom the file names, in each way that hashes are written, and after each change', async () => {
    const hash = (await tool(['auth', 'hash-password'], { input: 'pw\n' })).stdout.trim();
    const user = (name: string, prefix: string, key = 'password'): string =>
      `  - username: ${name}\n    ${key}: "${hash.replace(/^\$2[aby]\$/, prefix)}"\n`;
    const server = await start(['--auth-type', 'basic', '--storage-uri', './r.json'], {
      prepare: (path) =>
        writeFile(
          join(path, 'users.yaml'),
          `users:\n${user('a', '$2a$')}${user('b', '$2b$', 'password_hash')}${user('y', '$2y$')}`,
        ),
    });
    const knows = async (name: string, password = 'pw'): Promise<boolean> =>
      (await fetch(`${server.base}/whoami`, { headers: { authorization: basic(name, password) } })).ok;
    for (const name of ['a', 'b', 'y']) expect([name, await knows(name)]).toEqual([name, true]);
    expect(await knows('a', 'wrong')).toBe(false);
    expect((await post(server, 'registry', { name: 'ops' }, basic('y', 'pw'))).status).toBe(201);

    await writeFile(join(server.folder, 'users.yaml'), `users:\n${user('new', '$2b$')}`);
    server.signal('SIGHUP');
    await until('the new user is let in', 20_000, () => knows('new'));
    await writeFile(join(server.folder, 'users.yaml'), 'users: {bad');
    server.signal('SIGHUP');
    await until('it is told', 20_000, () => server.output().includes('cannot be used'));
    expect(await knows('new')).toBe(true);
  });
});

describe('cola-registry and a script that knows tokens', () => {
  it('lets in whom the script names, and lets write who is in the group', async () => {
    const script =
      '#!/bin/sh\ncase "$1" in\n*ops) echo username:alice; echo ops ;;\nother) echo username:bob ;;\n*) exit 1 ;;\nesac\n';
    const flags = ['--auth-type', 'custom_jwt', '--auth-custom-jwt-script', './check.sh'];
    const server = await start([...flags, '--auth-custom-jwt-required-group', 'ops', '--storage-uri', 'r.json'], {
      prepare: (path) => writeFile(join(path, 'check.sh'), script, { mode: 0o755 }),
    });
    const whoami = (token: string): Promise<Response> =>
      fetch(`${server.base}/whoami`, { headers: { authorization: `bearer ${token}` } });
    expect(await (await whoami('in-ops')).json()).toEqual({ username: 'alice', groups: ['ops'] });
    expect((await whoami('nobody')).status).toBe(401);
    expect((await post(server, 'registry', { name: 'ops' }, 'Bearer in-ops')).status).toBe(201);
    expect((await post(server, 'registry', { name: 'more' }, 'Bearer other')).status).toBe(403);
    expect((await post(server, 'registry', { name: 'more' }, 'Bearer nobody')).status).toBe(401);
    const asStranger = { headers: { authorization: 'Bearer nobody' } };
    expect((await fetch(`${server.base}/registry/ops/index.json`, asStranger)).status).toBe(200);
    expect(server.output()).not.toContain('in-ops');
    expect((await tool(['server', ...flags])).code).toBe(2);
  });
});

describe('cola-registry, as it starts and ends', () => {
  it.each([
    [['--port', '0'], 1],
    [['--log-level', 'loud'], 1],
    [['--auth-type', 'magic'], 1],
    [['--storage-uri', 'ftp://x'], 1],
    [['--auth-type', 'basic', '--storage-uri', 'r.json'], 2],
    [['--storage-uri', 's3+http://127.0.0.1:9/b/k.json', '--storage-token', 'a:b'], 2],
  ])('ends with %j: exit code %i (acceptance case 29)', async (flags, code) => {
    const ended = await tool(['server', ...flags]);
    expect([ended.code, ended.stderr + ended.stdout]).toEqual([code, expect.stringMatching(/./)]);
  });

  it('ends with exit code 3 where somebody else has the port (acceptance case 29)', async () => {
    const server = await start(['--storage-uri', 'r.json']);
    expect((await tool(['server', '--port', String(server.port), '--storage-uri', 'o.json'])).code).toBe(3);
  });

  it('never writes over a document that it cannot read', async () => {
    await writeFile(join(folder.path, 'r.json'), '{bad');
    expect((await tool(['server', '--storage-uri', 'r.json'])).code).toBe(2);
    expect(await readFile(join(folder.path, 'r.json'), 'utf8')).toBe('{bad');
  });

  it('logs what it starts with, the token masked, and each request with its id (acceptance cases 30 and 32)', async () => {
    const secret = 'very-secret-token';
    const server = await start(['--storage-uri', 'r.json', '--log-level', 'debug', '--storage-token', secret]);
    const headers = { authorization: basic('alice', 'secret-password') };
    const answer = await fetch(`${server.base}/registry?token=secret-query`, { headers });
    const id = answer.headers.get('x-request-id');
    const find = (message: string) => server.logged().find(({ msg }) => msg === message);
    const line = await until('the request is logged', 20_000, () =>
      server.logged().find((record) => record['request_id'] === id),
    );
    expect(line).toMatchObject({ level: 'INFO', method: 'GET', path: '/api/v1/registry', status: 200 });
    expect(line).toEqual(
      expect.objectContaining({ time: expect.stringMatching(/^\d{4}-.*Z$/), duration_ms: expect.any(Number) }),
    );
    expect(find('Server starting with configuration')).toMatchObject({
      storage_uri: 'r.json',
      storage_token: '***',
      port: server.port,
      log_level: 'debug',
      auth_type: 'none',
    });
    expect(find('Server ready to accept connections')).toBeDefined();
    expect(server.output()).toContain('cola-registry migrate --from r.json');
    expect(server.output()).not.toMatch(/very-secret|secret-password|secret-query/);
  });

  it('lets a request end that runs when it is told to stop, and takes no more (acceptance case 31)', async () => {
    const server = await start(['--storage-uri', 'r.json']);
    const body = JSON.stringify({ name: 'late' });
    const { socket, answered } = await beginPost(server, body.length);
    server.signal('SIGTERM');
    await until('it has heard', 20_000, () => server.output().includes('Shutdown signal received'));
    await until('it takes no more', 20_000, () =>
      fetch(`${server.base}/health`).then(
        () => false,
        () => true,
      ),
    );
    socket.write(body);
    await until('it has answered', 20_000, () => answered().includes('HTTP/1.1 201'));
    expect(await server.ended()).toMatchObject({ code: 0 });
    expect(server.output()).toContain('Server stopped gracefully');
    expect(await readFile(join(server.folder, 'r.json'), 'utf8')).toContain('"late"');
  });
});

describe('cola-registry that is told to stop', () => {
  it('cuts what does not end in time: exit code 3', async () => {
    const server = await start(['--storage-uri', 'r.json', '--server.shutdown_timeout=100ms']);
    const { socket } = await beginPost(server, 100);
    expect(await server.stop()).toMatchObject({ code: 3 });
    socket.destroy();
  });
});

describe('cola-registry over a file (acceptance case 33)', () => {
  it.each([['file://./d/r.json'], ['d/r.json']])('makes %s where it was started', async (uri) => {
    const server = await start(['--storage-uri', uri]);
    expect(JSON.parse(await readFile(join(server.folder, 'd/r.json'), 'utf8'))).toEqual({ registries: {} });
    expect((await stat(join(server.folder, 'd'))).isDirectory()).toBe(true);
  });

  it('leaves a whole file, with all that was acknowledged, when it is killed among a thousand writes', async () => {
    const server = await start(['--storage-uri', 'd/r.json'], { env: { COLA_REGISTRY_RATE_LIMIT: '0' } });
    const acknowledged: string[] = [];
    let next = 0;
    async function write(): Promise<void> {
      while (next < 1000) {
        const name = `r${(next += 1)}`;
        if ((await post(server, 'registry', { name })).status === 201) acknowledged.push(name);
      }
    }
    const writers = Array.from({ length: 8 }, () => write().catch(() => undefined)); // the connection is cut
    await until('many are written', 60_000, () => acknowledged.length > 200);
    await server.kill();
    await Promise.all(writers);
    const tree = JSON.parse(await readFile(join(server.folder, 'd/r.json'), 'utf8')) as { registries: object };
    expect(acknowledged.length).toBeLessThan(1000);
    expect(Object.keys(tree.registries)).toEqual(expect.arrayContaining(acknowledged));
    await server.start();
    expect(await names(server)).toEqual(expect.arrayContaining(acknowledged));
  });

  it('lists checksums bare that the reference wrote with a prefix (acceptance case 34)', async () => {
    const version = {
      name: 'a',
      version: '1.0.0',
      checksum: `sha256:${HEX}`,
      url: 'https://x.example/a.pkg',
      startPartition: 0,
      endPartition: 9,
    };
    const packages = { a: { name: 'a', description: '', versions: { '1.0.0': version } } };
    const tree = { registries: { ops: { name: 'ops', description: '', packages } } };
    const server = await start(['--storage-uri', 'r.json'], {
      prepare: (path) => writeFile(join(path, 'r.json'), JSON.stringify(tree)),
    });
    const index = await fetch(`${server.base}/registry/ops/index.json`);
    expect(await index.json()).toEqual([{ ...version, checksum: HEX }]);
    const upload = await fetch(`${server.base}/registry/ops/package/a/version/2.0.0/content`, {
      method: 'PUT',
      body: 'x',
    });
    expect(upload.status).toBe(501);
  });
});

(isRoot ? describe : describe.skip)('cola-registry over a file, as a user who is not root', () => {
  it('keeps its old state where the folder is read-only, and says so (acceptance case 37)', async () => {
    const server = await start(['--storage-uri', 'd/r.json'], {
      uid: NOBODY,
      prepare: async (path) => {
        await mkdir(join(path, 'd'));
        for (const each of [path, join(path, 'd')]) await chown(each, NOBODY, NOBODY);
      },
    });
    expect((await post(server, 'registry', { name: 'ops' })).status).toBe(201);
    await chmod(join(server.folder, 'd'), 0o555);
    const refused = await post(server, 'registry', { name: 'more' });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'STORAGE_UNAVAILABLE' } });
    expect(await names(server)).toEqual(['ops']);
    await until('health says so', 20_000, async () => (await fetch(`${server.base}/health`)).status === 503);
    await chmod(join(server.folder, 'd'), 0o755);
    expect((await post(server, 'registry', { name: 'more' })).status).toBe(201);
  });
});

describe('cola-registry over our own /v2 (acceptance case 35)', () => {
  let registry: ServerProcess;
  beforeEach(async () => {
    registry = await startServer();
    opened.push(registry);
  });
  const flags = (): readonly string[] => [
    '--storage-uri',
    `oci+http://${registry.host}/cola-data:v7`,
    '--storage-token',
    'token',
  ];

  it('keeps all in the tag latest, and has it again after a restart', async () => {
    const server = await start(flags());
    await post(server, 'registry', { name: 'ops' });
    await server.stop();
    await server.start();
    expect(await names(server)).toEqual(['ops']);
    const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' };
    const manifest = await fetch(`${registry.url}/v2/cola-data/manifests/latest`, { headers: accept });
    expect(await manifest.json()).toMatchObject({
      layers: [{ annotations: { 'org.opencontainers.image.title': 'registry.json' } }],
    });
  });

  it('loses nothing of two servers that write by turns', async () => {
    const [a, b] = [await start(flags()), await start(flags())];
    for (let number = 0; number < 10; number += 1) {
      expect((await post(a, 'registry', { name: `a${number}` })).status).toBe(201);
      expect((await post(b, 'registry', { name: `b${number}` })).status).toBe(201);
    }
    await a.stop();
    await a.start();
    expect(await names(a)).toHaveLength(20);
  });
});

describeClients(['oras'], 'cola-registry over our own /v2, beside oras', () => {
  it('is pulled by oras as the JSON that it is (acceptance case 35)', async () => {
    const registry = await startServer();
    opened.push(registry);
    const at = `${registry.host}/cola-data`;
    const server = await start(['--storage-uri', `oci+http://${at}`, '--storage-token', 'token']);
    await post(server, 'registry', { name: 'ops' });
    await run(programOf('oras'), ['pull', '--plain-http', `${at}:latest`], { cwd: folder.path });
    expect(JSON.parse(await readFile(join(folder.path, 'registry.json'), 'utf8'))).toMatchObject({
      registries: { ops: { name: 'ops' } },
    });
  });
});

describe('cola-registry over S3 (acceptance case 36)', () => {
  let s3: S3Server;
  beforeEach(async () => {
    s3 = await startS3Server();
    opened.push(s3);
  });
  const uri = (more = ''): string => `s3+http://${new URL(s3.endpoint).host}/${s3.bucket}/cola/registry.json${more}`;
  const token = (): string => `${s3.accessKeyId}:${s3.secretAccessKey}`;

  it('keeps all in one object, with a token or the variables of AWS', async () => {
    const server = await start(['--storage-uri', uri(), '--storage-token', token()]);
    expect((await post(server, 'registry', { name: 'ops' })).status).toBe(201);
    const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey };
    const other = await start(['--storage-uri', uri('?region=us-east-1')], { env });
    expect(await names(other)).toEqual(['ops']);
    expect((await post(server, 'registry', { name: 'a' })).status).toBe(201);
    expect((await post(other, 'registry', { name: 'b' })).status).toBe(201);
    const object = s3.store.objects.get('cola/registry.json');
    expect(JSON.parse(Buffer.from(object?.bytes ?? []).toString())).toMatchObject({
      registries: { a: {}, b: {}, ops: {} },
    });
  });

  it('does not start with a wrong secret, exit code 2, nor with a wrong query, exit code 1', async () => {
    const wrong = await tool(['server', '--storage-uri', uri(), '--storage-token', `${s3.accessKeyId}:wrong-secret`]);
    expect(wrong.code).toBe(2);
    expect(wrong.stdout + wrong.stderr).toContain('authentication error');
    expect(wrong.stdout + wrong.stderr).not.toContain('wrong-secret');
    expect((await tool(['server', '--storage-uri', uri('?x=1'), '--storage-token', token()])).code).toBe(1);
    // The region is part of what is signed: this server is of another.
    expect((await tool(['server', '--storage-uri', uri('?region=eu-west-1'), '--storage-token', token()])).code).toBe(
      2,
    );
  });
});
