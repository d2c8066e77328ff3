import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import request, { type Response, type Test } from 'supertest';
import { createOctoserve } from '../../cmd/octoserve/octoserve.ts';
import { createLogger } from '../log/index.ts';
import { createSamples } from '../testing/images.ts';
import { askPostgres, openPostgres, type PostgresServer } from '../testing/postgres.ts';
import { createPusher } from '../testing/push.ts';
import { createBrowser } from '../testing/oidc/browser.ts';
import { CLIENT_ID, openOidcServer, type OidcServer } from '../testing/oidc/provider.ts';
import { findFreePort } from '../testing/e2e/ports.ts';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { createCanaries } from './canaries.suite.ts';
import { openServer, type TestServer } from './fixtures.suite.ts';

jest.setTimeout(120_000);

let postgres: PostgresServer;
let oidc: OidcServer;
let folder: TempFolder;
const servers: TestServer[] = [];
beforeAll(async () => {
  [postgres, folder] = await Promise.all([openPostgres(), openTempFolder('octoserve-canary')]);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await Promise.all([postgres.close(), oidc.close(), folder.remove()]);
});

const canaries = createCanaries();
const { add, answer } = canaries;
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const send = async (test: Test): Promise<Response> => answer(await test);
const logger = (name: string) =>
  createLogger({ level: 'debug', format: 'json', write: (line) => canaries.output(`the log of ${name}`, line) });

/** A database whose owner has a canary for a password. */
async function openDatabase(): Promise<string> {
  const url = await postgres.createDatabase();
  const password = add('the password of the database', 'canary-database-6f1d');
  const own = new URL(url);
  await askPostgres(url, `create role canary login superuser password '${password}'`);
  [own.username, own.password] = ['canary', password];
  return own.href;
}

let ticksMs = 0;
async function open(settings: Readonly<Record<string, string>>, port?: number): Promise<TestServer> {
  const server = await openServer({
    settings,
    log: logger('the server'),
    ticks: () => ticksMs,
    ...(port !== undefined && { port }),
  });
  servers.push(server);
  return server;
}

it('no secret leaves the server but to whom it is given', async () => {
  const port = await findFreePort();
  const clientSecret = add('the client secret', 'canary-client-91ab');
  oidc = await openOidcServer({ redirectUris: [`http://127.0.0.1:${port}/auth/callback/own`], clientSecret });
  const settings = {
    'auth.mode': 'token',
    'auth.anonymous': 'public/**',
    'outbound.allow_networks': '127.0.0.1',
    'catalog.type': 'postgres',
    'catalog.url': await openDatabase(),
    'metrics.basic_auth.username': 'scraper',
    'metrics.basic_auth.password': add('the password of the metrics', 'canary-metrics-2c7e'),
    'auth.oauth.own.issuer': oidc.issuer,
    'auth.oauth.own.client_id': CLIENT_ID,
    'auth.oauth.own.client_secret': clientSecret,
    'auth.workload.deploy.issuer': oidc.issuer,
    'auth.workload.deploy.audience': 'us',
    'auth.workload.deploy.claims': 'repository=acme/app',
    'auth.workload.deploy.repositories': 'acme/*',
  };
  const server = await open(settings, port);
  const at = (method: 'get' | 'post' | 'put' | 'delete', path: string, authorization?: string): Test => {
    const asked = request(server.url)[method](path).redirects(0);
    return authorization === undefined ? asked : asked.set('Authorization', authorization);
  };

  // People and their passwords.
  const password = add("the user's password", 'canary-password-77e0');
  const wrong = add('a wrong password', 'canary-wrong-password-1b5d');
  const run = (...argv: readonly string[]) => command(argv, settings);
  await command(['user', 'add', 'rootuser', '--admin'], settings, password);
  await run('user', 'add', 'guest', '--link');
  const link = await readFile(join(folder.path, 'invitation-guest.txt'), 'utf8');
  const invitation = add('an invitation', new URL(link.trim()).searchParams.get('token') ?? '');
  ticksMs += 60_000; // what a server remembers of who may what is old by now
  const mine = basic('rootuser', password);
  await send(at('get', '/v2/', mine));
  await send(at('get', '/v2/', basic('rootuser', wrong)));
  await send(at('get', '/v2/', basic(wrong, wrong)).set('Cookie', `octoserve_session=${wrong}`));
  await send(at('get', '/v2/', `Bearer ${wrong}`));
  await send(at('get', '/v2/', `Basic ${wrong}`));
  await send(at('get', `/auth/token?service=octoserve&password=${wrong}&access_token=${wrong}`, mine));
  await send(at('get', `/auth/invitation?token=${wrong}`).set('Accept', 'text/html'));
  await send(at('post', '/auth/invitation').send({ token: invitation, password: 'short' }));
  await send(
    at('post', '/auth/invitation').send({
      token: invitation,
      password: add("the guest's password", 'canary-guest-3c3c'),
    }),
  );
  await send(at('post', '/auth/login').send({ username: 'rootuser', password: wrong }));
  await send(at('post', '/auth/login').send(`{"username":"rootuser","password":"${wrong}"`));
  await send(at('post', '/auth/login').send({ username: 'rootuser', passwort: wrong }));
  await send(at('post', '/auth/register').send({ username: 'eve', password: wrong }));
  await send(at('get', '/metrics', basic('scraper', wrong)));
  await send(at('get', '/metrics', basic('scraper', settings['metrics.basic_auth.password'])));

  // Tokens, as docker gets and uses them.
  const scope = 'repository:team/app:pull,push';
  const given = await send(at('get', `/auth/token?service=octoserve&offline_token=true&scope=${scope}`, mine));
  const { token, refresh_token: refresh } = given.body as { token: string; refresh_token: string };
  add('an access token', token, given);
  await send(at('get', '/v2/team/app/tags/list', `Bearer ${token}`));
  await send(at('get', '/v2/team/app/tags/list', `Bearer ${token.slice(0, -5)}AAAAA`));
  const form = { grant_type: 'refresh_token', service: 'octoserve', refresh_token: refresh, scope };
  const again = await send(at('post', '/auth/token').type('form').send(form));
  add('a refresh token', refresh, given, again);
  add('a token for a refresh token', (again.body as { token: string }).token, again);
  await send(
    at('post', '/auth/token')
      .type('form')
      .send({ ...form, refresh_token: wrong }),
  );
  const login = await send(at('post', '/auth/login').send({ username: 'rootuser', password, session: true }));
  const { token: own, refresh_token: next } = login.body as { token: string; refresh_token: string };
  const session = /octoserve_session=([^;]+)/.exec(String(login.headers['set-cookie']))?.[1] ?? '';
  for (const secret of [own, next, session]) add('what a login gives', secret, login);
  await send(at('get', '/auth/whoami').set('Cookie', `octoserve_session=${session}`));
  await send(at('get', `/auth/whoami?token=${own}`));
  const credentials = { kind: 'password', username: 'rootuser', password } as const;
  await createPusher(server.url, credentials).image('team/app', createSamples('c').image(), 'v1');

  // Administration: keys are told once.
  const userPassword = add('the password of a new user', 'canary-new-user-e41f');
  await send(at('post', '/admin/users', mine).send({ name: 'bob', password: userPassword }));
  await send(at('put', '/admin/users/bob', mine).send({ password: userPassword, groups: ['dev'] }));
  const key = await send(
    at('post', '/admin/keys', mine).send({ name: 'ci', repositories: ['team/*'], actions: ['pull'] }),
  );
  const apiKey = add('an API key', (key.body as { key: string }).key, key);
  for (const path of ['/v2/team/app/tags/list', '/v2/other/tags/list', '/admin/users']) {
    await send(at('get', path, `Bearer ${apiKey}`));
    await send(at('get', path, basic('ci', apiKey)));
  }
  await send(at('delete', '/v2/team/app/manifests/v1', `Bearer ${apiKey}`));
  await send(at('delete', '/admin/keys/ci', mine));
  await send(at('get', '/v2/', `Bearer ${apiKey}`));

  // Signing in through others, and what happens when that fails.
  oidc.accounts.set('ada', { preferred_username: 'ada', email: 'ada@example.com', email_verified: true });
  const browser = createBrowser();
  const back = await browser.leave(await browser.leave(`${server.url}/auth/login/own`));
  for (const name of ['code', 'state']) add(`the ${name} of a login`, back.searchParams.get(name) ?? '');
  await browser.get(back);
  await browser.get(back);
  oidc.tamper = async (answered) => ({ ...answered, id_token: `${String(answered['id_token'])}x` });
  await browser.get(await browser.leave(await browser.leave(`${server.url}/auth/login/own`)));
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: 'job', aud: 'us', repository: 'acme/app', iat: now, exp: now + 60, jti: '1' };
  const ci = add('the token of a CI', await oidc.sign(claims));
  const exchanged = await send(at('post', '/auth/exchange').send({ token: ci }));
  add('a token for it', (exchanged.body as { token: string }).token, exchanged);
  await send(at('post', '/auth/exchange').send({ token: `${ci}x` }));
  await send(at('post', '/auth/exchange').send({ token: await oidc.sign({ ...claims, aud: 'others' }) }));

  // Failures of the stores, whose messages might tell too much.
  const broken = jest.spyOn(server.built.catalog.queries, 'findTag');
  broken.mockRejectedValueOnce(new Error(`cannot connect to ${settings['catalog.url']}`));
  await send(at('get', '/v2/team/app/manifests/v1', `Bearer ${own}`));
  const away = new URL(settings['catalog.url']);
  away.password = add('a wrong password of the database', 'canary-wrong-database-8d30');
  await open({ ...settings, 'catalog.url': away.href, 'auth.mode': 'none' }).catch((failure: unknown) =>
    canaries.output('a failure to start', String(failure)),
  );
  const s3 = {
    'storage.type': 's3',
    'storage.s3.bucket': 'bucket',
    'storage.s3.endpoint': `http://127.0.0.1:${await findFreePort()}`,
    'storage.s3.access_key_id': 'id',
    'storage.s3.secret_access_key': add('the secret of the bucket', 'canary-bucket-0b9a'),
    'storage.s3.session_token': add('the session token of the bucket', 'canary-session-token-55cc'),
  };
  await open(s3).catch((failure: unknown) => canaries.output('a failure to start', String(failure)));

  // All that can be asked of a server and its stores.
  for (const path of ['/metrics', '/openapi.json', '/admin/audit?n=1000', '/admin/users', '/admin/keys', '/readyz']) {
    await send(at('get', path, mine));
  }
  await server.built.audit.flush();
  await server.built.registry.chores.followChanges();
  await run('audit', '--limit', '10000');
  await run('audit', '--json', '--limit', '10000');
  await run('dump');
  await run('user', 'list', '--json');
  await run('key', 'list', '--json');
  await run('auth', 'explain', '--as', 'user:rootuser', '--do', 'push', '--repo', 'team/app');
  for (const more of [[], ['--json']]) await run('config', 'show', ...more);
  for (const more of [[], ['--json']]) await command(['config', 'show', ...more], s3);
  await run('config', 'check', '--storage.s3.secret_access_keys=canary-bucket-0b9a');
  await run('config', 'check', '--catalog.url=postgres//canary:canary-database-6f1d@nowhere');
  await run('config', 'check', '--metrics.basic_auth.passwort=canary-metrics-2c7e');

  for (const place of [
    'the log of the server',
    'octoserve dump',
    'octoserve config show',
    'the answer to GET /metrics',
  ]) {
    expect(canaries.places()).toContain(place);
  }
  expect(canaries.found()).toEqual([]);
});

/** Runs a command of the program on the settings; what it prints is an output. */
async function command(
  argv: readonly string[],
  settings: Readonly<Record<string, string>>,
  typed?: string,
): Promise<void> {
  const name = `octoserve ${argv.join(' ')}`;
  const named = new Set(argv.map((arg) => arg.split('=')[0]));
  const flags = Object.entries({ 'storage.path': `${folder.path}/data`, ...settings })
    .filter(([key]) => !named.has(`--${key}`))
    .map(([key, value]) => `--${key}=${value}`);
  const write = (text: string) => canaries.output(name, text);
  const stdin = { isTTY: false, secret: async () => typed, line: async () => typed };
  await createOctoserve().run([...argv, ...flags], {
    stdout: { write },
    stderr: { write },
    env: {},
    cwd: folder.path,
    stdin,
  });
}
