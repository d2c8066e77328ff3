import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { useRig, type ScriptedAnswer } from './fixtures.suite.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const R = '/api/v1/registry';
const OPS = {
  name: 'ops',
  description: 'Operations tools',
  admins: ['lead@example.org'],
  custom_values: { tier: 'gold' },
  packages: { rollback: {} },
  package_count: 1,
};
const ROLLBACK = { name: 'rollback', description: 'Rolls back', maintainers: ['sre'], versions: { '2.4.1': {} } };
const VERSION = {
  version: '2.4.1',
  checksum: HEX,
  url: 'https://dl.example.org/a.pkg',
  startPartition: 0,
  endPartition: 9,
};

const rig = useRig();
const { run } = rig;

describe('commands of cola-regctl (simulated server; acceptance case 38)', () => {
  it.each<[string, string, ScriptedAnswer, object | undefined, string]>([
    [
      'registry create ops --description d --admin a,b --admin "c d" --custom-value tier=gold',
      `POST ${R}`,
      { status: 201, body: OPS },
      { name: 'ops', description: 'd', admins: ['a', 'b', 'c d'], custom_values: { tier: 'gold' } },
      "✓ Created registry 'ops'\n",
    ],
    ['registry create ops', `POST ${R}`, { status: 201, body: OPS }, { name: 'ops' }, "✓ Created registry 'ops'\n"],
    ['registry list', `GET ${R}`, { status: 200, body: [] }, undefined, 'No registries found\n'],
    [
      'registry list',
      `GET ${R}`,
      { status: 200, body: [OPS] },
      undefined,
      'NAME  DESCRIPTION       PACKAGES\nops   Operations tools  1\n',
    ],
    [
      'registry get ops',
      `GET ${R}/ops`,
      { status: 200, body: OPS },
      undefined,
      'Name: ops\nDescription: Operations tools\nAdmins:\n  lead@example.org\nCustom Values:\n  tier: gold\n',
    ],
    [
      'registry update ops --description "" --clear-admins',
      `PUT ${R}/ops`,
      { status: 200, body: OPS },
      { description: '', admins: [] },
      "✓ Updated registry 'ops'\n",
    ],
    ['registry delete ops -y', `DELETE ${R}/ops`, { status: 204 }, undefined, "✓ Deleted registry 'ops'\n"],
    [
      'package create ops rollback --maintainer sre',
      `POST ${R}/ops/package`,
      { status: 201, body: ROLLBACK },
      { name: 'rollback', maintainers: ['sre'] },
      "✓ Created package 'rollback' in registry 'ops'\n",
    ],
    [
      'package list ops',
      `GET ${R}/ops/package`,
      { status: 200, body: [] },
      undefined,
      "No packages found in registry 'ops'\n",
    ],
    [
      'package list ops',
      `GET ${R}/ops/package`,
      { status: 200, body: [ROLLBACK] },
      undefined,
      'NAME      DESCRIPTION  VERSIONS\nrollback  Rolls back   1\n',
    ],
    [
      'package get ops rollback',
      `GET ${R}/ops/package/rollback`,
      { status: 200, body: ROLLBACK },
      undefined,
      'Name: rollback\nDescription: Rolls back\nMaintainers:\n  sre\nVersions: 1\n',
    ],
    [
      'package update ops rollback --clear-custom-values --clear-maintainers',
      `PUT ${R}/ops/package/rollback`,
      { status: 200, body: ROLLBACK },
      { maintainers: [], custom_values: {} },
      "✓ Updated package 'rollback' in registry 'ops'\n",
    ],
    [
      'package push ops rollback --description d',
      `POST ${R}/ops/package`,
      { status: 201, body: ROLLBACK },
      { name: 'rollback', description: 'd' },
      "✓ Created package 'rollback' in registry 'ops'\n",
    ],
    [
      'package delete ops rollback --force',
      `DELETE ${R}/ops/package/rollback`,
      { status: 204 },
      undefined,
      "✓ Deleted package 'rollback' from registry 'ops'\n",
    ],
    [
      `version create ops rollback 2.4.1 --checksum sha256:${HEX.toUpperCase()} --url https://dl.example.org/a.pkg --end-partition 3`,
      `POST ${R}/ops/package/rollback/version`,
      { status: 201, body: VERSION },
      {
        name: 'rollback',
        version: '2.4.1',
        checksum: HEX,
        url: 'https://dl.example.org/a.pkg',
        startPartition: 0,
        endPartition: 3,
      },
      "✓ Created version '2.4.1' for package 'rollback' in registry 'ops'\n",
    ],
    [
      'version list ops rollback',
      `GET ${R}/ops/package/rollback/version`,
      { status: 200, body: [] },
      undefined,
      "No versions found for package 'rollback' in registry 'ops'\n",
    ],
    [
      'version list ops rollback',
      `GET ${R}/ops/package/rollback/version`,
      { status: 200, body: [VERSION] },
      undefined,
      'VERSION  CHECKSUM              PARTITIONS\n2.4.1    0f1e2d3c4b5a69788...  0-9\n',
    ],
    [
      'version get ops rollback 1.0.0-rc.1+b7',
      `GET ${R}/ops/package/rollback/version/1.0.0-rc.1%2Bb7`,
      { status: 200, body: VERSION },
      undefined,
      `Version: 2.4.1\nChecksum: ${HEX}\nURL: https://dl.example.org/a.pkg\nPartition Range: 0-9\n`,
    ],
    [
      'version delete ops rollback 2.4.1 -y',
      `DELETE ${R}/ops/package/rollback/version/2.4.1`,
      { status: 204 },
      undefined,
      "✓ Deleted version '2.4.1' from package 'rollback' in registry 'ops'\n",
    ],
    [
      'apikey create ci --role publisher@ops',
      'POST /api/v1/apikeys',
      { status: 201, body: { id: '7', name: 'ci', role: 'publisher@ops', key: 'cola_x' } },
      { name: 'ci', role: 'publisher@ops' },
      'ID: 7\nName: ci\nRole: publisher@ops\nKey: cola_x\n',
    ],
    ['apikey list', 'GET /api/v1/apikeys', { status: 200, body: [] }, undefined, 'No API keys found\n'],
    ['apikey delete 7 -y', 'DELETE /api/v1/apikeys/7', { status: 204 }, undefined, "✓ Deleted API key '7'\n"],
  ])('%s', async (argv, request, answer, body, stdout) => {
    rig.server.answers = { [request]: answer };
    expect(await run(argv)).toMatchObject({ exitCode: 0, stdout });
    const [only, ...others] = rig.server.seen;
    expect(others).toEqual([]);
    expect(`${only?.method} ${only?.url}`).toBe(request);
    expect(only?.body).toBe(body === undefined ? '' : JSON.stringify(body));
    expect(only?.contentType).toBe(body === undefined ? undefined : 'application/json');
    expect(only?.authorization).toBeUndefined();
  });

  it('changes a package that is pushed again', async () => {
    rig.server.answers = {
      [`POST ${R}/ops/package`]: { status: 409, body: {} },
      [`PUT ${R}/ops/package/rollback`]: { status: 200, body: ROLLBACK },
    };
    expect((await run('package push ops rollback --description d')).stdout).toBe(
      "✓ Updated package 'rollback' in registry 'ops'\n",
    );
  });

  it('sends a file with its size, and believes no other checksum', async () => {
    await writeFile(join(rig.folder, 'a.pkg'), 'package');
    const path = `PUT ${R}/ops/package/rollback/version/1.0.0/content`;
    rig.server.answers = { [path]: { status: 201, body: { checksum: HEX } } };
    const wrong = await run('version push ops rollback 1.0.0 a.pkg --create --no-validate --end-partition 3');
    expect(wrong).toMatchObject({ exitCode: 1, stdout: '' });
    expect(wrong.stderr).toContain('holds other bytes than a.pkg');
    expect(rig.server.seen[0]).toMatchObject({
      url: `${path.slice(4)}?startPartition=0&endPartition=3&create=true&validate=false`,
      contentLength: '7',
      body: 'package',
    });
    const right = createHash('sha256').update('package').digest('hex');
    rig.server.answers = { [path]: { status: 201, body: { checksum: right } } };
    expect(await run('version push ops rollback 1.0.0 --artifact a.pkg')).toMatchObject({
      exitCode: 0,
      stdout: "✓ Created version '1.0.0' for package 'rollback' in registry 'ops'\n",
    });
  });

  it('speaks to --url before a command that has one of its own', async () => {
    rig.env['COLA_REGISTRY_URL'] = 'http://127.0.0.1:9';
    rig.server.answers = { [`POST ${R}/ops/package/a/version`]: { status: 201, body: VERSION } };
    const { exitCode } = await run(
      `--url ${rig.server.url}/ version create ops a 1 --checksum ${HEX} --url https://x.example/a`,
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(rig.server.seen[0]?.body ?? '')).toMatchObject({ url: 'https://x.example/a' });
  });
});

describe('failures of cola-regctl', () => {
  it.each([
    [404, 3],
    [409, 4],
    [401, 5],
    [403, 6],
    [400, 2],
    [429, 2],
    [503, 1],
  ])('answer %i is exit code %i (acceptance case 39)', async (status, code) => {
    rig.server.answers = { [`POST ${R}`]: { status, body: '{"error":{"code":"X"}}\n' } };
    const { exitCode, stdout, stderr } = await run('registry create ops');
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
    expect(stderr).toMatch(/^Error: failed to create registry: \{"error":\{"code":"X"\}\}\n/);
    expect(stderr.includes('cola-regctl login')).toBe(status === 401);
  });

  it.each<[string, number, string]>([
    ['registry create ops --custom-value tier', 2, "invalid custom value 'tier'"],
    ['registry create ops --custom-value =gold', 2, "invalid custom value '=gold'"],
    ['registry create ops --custom-value tier=', 2, "invalid custom value 'tier='"],
    ['registry update ops --admin a --clear-admins', 2, '--admin and --clear-admins cannot go together'],
    ['version create ops a 1 --checksum abc --url https://x', 2, 'checksum must be 64 hexadecimal characters'],
    [`version create ops a 1 --checksum ${HEX} --url https://x --start-partition -1`, 2, '--start-partition must be'],
    [`version create ops a 1 --checksum ${HEX}`, 1, 'needs --checksum and --url'],
    ['version push ops a 1 nowhere.pkg', 2, 'there is no file nowhere.pkg'],
    ['registry create', 1, "missing required argument 'name'"],
    ['registry create a b', 1, 'too many arguments'],
    ['registry list --nonsense', 1, "unknown option '--nonsense'"],
    ['registry list --timeout soon', 1, '--timeout takes a duration'],
    ['registry list --url ftp://x', 2, 'is no URL of a registry'],
    ['registry list --url http://u:p@x', 2, 'holds no user and password'],
    ['nonsense', 1, "unknown command 'nonsense'"],
  ])('%s: exit code %i, before anything is asked (acceptance case 39)', async (argv, code, text) => {
    const { exitCode, stdout, stderr } = await run(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
    expect(stderr).toMatch(/^Error: /);
    expect(stderr).toContain(text);
    expect(rig.server.seen).toEqual([]);
  });

  it('a server that is down is exit code 1 (acceptance case 39)', async () => {
    await rig.server.close();
    const { exitCode, stderr } = await run('registry list');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Error: http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/);
  });

  it('no URL is exit code 2, and says where one may come from', async () => {
    rig.env = { COLA_CONFIG_DIR: join(rig.folder, 'config') };
    const { exitCode, stderr } = await run('registry list');
    expect(exitCode).toBe(2);
    for (const way of ['--url', 'COLA_REGISTRY_URL', 'login']) expect(stderr).toContain(way);
  });

  it('an answer that is no JSON is exit code 1', async () => {
    rig.server.answers = { [`GET ${R}`]: { status: 200, body: '<html>' } };
    expect(await run('registry list')).toMatchObject({ exitCode: 1 });
  });

  it('says with --json on stdout too what failed (acceptance case 40)', async () => {
    rig.server.answers = { [`GET ${R}/x`]: { status: 404, body: 'gone' } };
    const { exitCode, stdout, stderr } = await run('registry get x --json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toEqual({ success: false, data: null, error: 'failed to get registry: gone' });
    expect(stderr).toBe('Error: failed to get registry: gone\n');
  });

  it.each(['--json', '--output json', '-o json'])(
    'gives the answer whole with %s (acceptance case 40)',
    async (flag) => {
      rig.server.answers = { [`GET ${R}`]: { status: 200, body: [OPS] } };
      const { exitCode, stdout } = await run(`registry list ${flag}`);
      expect(exitCode).toBe(0);
      expect(stdout).toBe(`${JSON.stringify({ success: true, data: [OPS] }, undefined, 2)}\n`);
    },
  );

  it('tells requests on stderr with --verbose, without their credentials', async () => {
    rig.server.answers = { [`GET ${R}`]: { status: 200, body: [] } };
    const { stderr } = await run('registry list -v --token alice:secret');
    expect(stderr).toBe(`[DEBUG] GET ${rig.server.url}/api/v1/registry\n`);
  });
});

describe('deletes of cola-regctl', () => {
  it.each([[['n']], [['']], [['yikes']], [[]]])(
    'do not happen after the answer %j (acceptance case 43)',
    async (stdin) => {
      expect(await run('registry delete ops', stdin)).toEqual({
        exitCode: 0,
        stdout:
          "⚠ This will delete registry 'ops' and all its packages and versions\nAre you sure? [y/N]: \nDeletion cancelled\n",
        stderr: '',
      });
      expect(rig.server.seen).toEqual([]);
    },
  );

  it.each(['y', 'YES'])('happen after the answer %s', async (answer) => {
    rig.server.answers = { [`DELETE ${R}/ops`]: { status: 204 } };
    expect((await run('registry delete ops', [answer])).stdout).toContain("✓ Deleted registry 'ops'\n");
  });

  it('ask on stderr where stdout is JSON', async () => {
    const { stdout, stderr } = await run('registry delete ops --json', ['n']);
    expect(JSON.parse(stdout)).toEqual({ success: true, data: { deleted: false } });
    expect(stderr).toContain('Are you sure?');
  });
});

describe('cola-regctl', () => {
  it('tells its version, and completes itself', async () => {
    expect((await run('--version')).stdout).toMatch(/^cola-regctl version \d+\.\d+\.\d+\n$/);
    expect((await run('completion bash')).stdout).toContain('registry create');
  });
});
