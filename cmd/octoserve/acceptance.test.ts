import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { finishUpload, getBytes, patchUpload, startUpload } from '../../internal/api/client.suite.ts';
import { RawConnection } from '../../internal/http/raw-client.suite.ts';
import { startDaemon, until, type Child } from '../../internal/testing/e2e/child.ts';
import { findFreePort } from '../../internal/testing/e2e/ports.ts';
import { tryRun, type Ran } from '../../internal/testing/e2e/run.ts';
import { createSamples } from '../../internal/testing/images.ts';
import { createPusher } from '../../internal/testing/push.ts';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { digestOf } from '../../pkg/oci/index.ts';

const MAIN = resolve(import.meta.dirname, 'main.ts');
const HELLO = digestOf(Buffer.from('helloworld'));

jest.setTimeout(30_000); // processes start and end in their own time

describe('octoserve as a process', () => {
  let home: TempFolder;
  let port: number;
  let child: Child | undefined;
  beforeEach(async () => {
    home = await openTempFolder('octoserve-acceptance');
    port = await findFreePort();
  });
  afterEach(async () => {
    if (child && !child.hasEnded()) await child.end('SIGKILL');
    child = undefined;
    await home.remove();
  });

  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('OCTOSERVE_'));
  const environment = (own: Record<string, string>) => ({ ...Object.fromEntries(outside), ...own });
  const url = (host = 'localhost') => `http://${host}:${port}`;
  const isServing = (): Promise<boolean> =>
    request(url())
      .get('/readyz')
      .then(
        ({ status }) => status === 200,
        () => false,
      );
  const serve = async (own: Record<string, string> = {}, args: readonly string[] = []): Promise<Child> => {
    const options = { cwd: home.path, env: environment(own), isReady: isServing };
    child = await startDaemon(process.execPath, [MAIN, ...args], options);
    return child;
  };
  const onPort = (own: Record<string, string> = {}) => serve({ OCTOSERVE_SERVER_PORT: String(port), ...own });
  /** Runs it where it is to end by itself. */
  const run = (args: readonly string[], own: Record<string, string> = {}): Promise<Ran> =>
    tryRun(process.execPath, [MAIN, ...args], { cwd: home.path, env: own, timeoutMs: 20_000 });
  const configure = (config: object, name = 'config.json') => writeFile(join(home.path, name), JSON.stringify(config));

  it('acceptance 1: it starts without a config file and serves /v2/ on both loopback addresses', async () => {
    await onPort();
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const answer = await request(url(host)).get('/v2/');
      expect([host, answer.status, answer.body]).toEqual([host, 200, { message: 'OCI Registry API v2' }]);
      expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
    }
    const shown = await run(['config', 'show', '--json']);
    expect(shown.stdout).toMatch(/"server\.port"[^}]*5000/);
  });

  it('acceptance 3: -version is one line and exit 0, a port of 70000 exit 1 with a message that names it', async () => {
    const version = await run(['-version']);
    expect([version.code, version.stderr]).toEqual([0, '']);
    expect(version.stdout).toMatch(/^octoserve v\d+\.\d+\.\d+\S* - Minimal OCI Registry\n$/);
    await configure({ server: { port: 70000 } });
    const refused = await run(['-config', 'config.json']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^Failed to load configuration: .*server\.port.*70000/s);
  });

  it('acceptance 4: the environment wins over the file, and is refused where it is no port', async () => {
    await configure({ server: { port: await findFreePort() } });
    await onPort();
    expect((await request(url()).get('/v2/')).status).toBe(200);
    const refused = await run([], { OCTOSERVE_SERVER_PORT: '8080abc' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^Failed to load configuration: .*OCTOSERVE_SERVER_PORT/s);
  });

  it('acceptance 5: durations load as text, and text that is none is refused', async () => {
    const timeouts = (read: string) => ({
      server: { read_timeout: read, write_timeout: '1m30s', idle_timeout: '1.5h' },
    });
    await configure(timeouts('2m'));
    const shown = await run(['config', 'show']);
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toMatch(/server\.read_timeout.*2m0s/);
    expect(shown.stdout).toMatch(/server\.write_timeout.*1m30s/);
    await configure(timeouts('soon'));
    const refused = await run([]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^Failed to load configuration: .*server\.read_timeout.*soon/s);
  });

  it('acceptance 14: an upload goes on after the server was killed and started again', async () => {
    await onPort();
    const path = await startUpload({ url: url() }, 'a');
    await patchUpload({ url: url() }, path, 'hello').expect(202);
    await child!.end('SIGKILL');
    await onPort();
    const status = await request(url()).get(path).expect(204);
    expect(status.headers).toMatchObject({ location: path, range: '0-4' });
    await finishUpload({ url: url() }, path, HELLO, 'world', '5-9').expect(201);
    const got = await getBytes({ url: url() }, `/v2/a/blobs/${HELLO}`).expect(200);
    expect((got.body as Buffer).toString()).toBe('helloworld');
  });

  it('acceptance 26: log lines are text that begins with the time, or JSON with the fields of the contract', async () => {
    const lines = async (format: string): Promise<readonly string[]> => {
      await onPort({ OCTOSERVE_LOG_FORMAT: format });
      await request(url()).get('/v2/a/tags/list?n=1&token=secret').set('User-Agent', 'a "client"').expect(404);
      await child!.end('SIGTERM');
      return child!.output().trimEnd().split('\n');
    };
    const texts = await lines('text');
    for (const line of texts) expect(line).toMatch(/^time=\S+ level=(DEBUG|INFO|WARN|ERROR) msg=/);
    expect(texts.find((line) => line.includes('/tags/list'))).toContain(
      'msg="HTTP request" method=GET path=/v2/a/tags/list',
    );
    const records = (await lines('json')).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.find((record) => record['path'] === '/v2/a/tags/list')).toMatchObject({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      level: 'INFO',
      msg: 'HTTP request',
      method: 'GET',
      query: 'n=1&token=REDACTED',
      status: 404,
      size: expect.any(Number),
      duration_ms: expect.any(Number),
      remote_addr: expect.stringMatching(/^(127\.0\.0\.1|\[::1\]):\d+$/),
      user_agent: 'a "client"',
    });
    const messages = records.map((record) => record['msg']);
    expect(messages).toEqual(
      expect.arrayContaining([
        'Starting octoserve',
        'Starting HTTP server',
        'Shutting down server...',
        'Server exited',
      ]),
    );
  });

  it('acceptance 29: a download outlives SIGTERM, nobody else comes in, and the exit code is 0', async () => {
    await onPort();
    const blob = createSamples('slow download').blob(40_000_000);
    await createPusher(url()).blob('a', blob);
    const connection = await RawConnection.open(port);
    connection.head(`GET /v2/a/blobs/${blob.digest} HTTP/1.1`);
    await connection.begun();
    connection.pause();
    const ended = child!.end('SIGTERM');
    const isRefused = () =>
      new Promise<boolean>((answer) => {
        const late = connect({ port, host: '127.0.0.1' });
        late.once('connect', () => answer(false)).once('error', () => answer(true));
        late.once('connect', () => late.destroy());
      });
    await until('new connections are refused', 10_000, isRefused);
    expect(child!.hasEnded()).toBe(false);
    connection.resume();
    const { body } = await connection.answer();
    expect(`sha256:${createHash('sha256').update(body).digest('hex')}`).toBe(blob.digest);
    connection.close();
    expect(await ended).toEqual({ code: 0, signal: null });
  });
});
