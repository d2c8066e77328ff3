import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import type { ExitCode, Reader } from '../../internal/cli/index.ts';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createOctoserve } from './octoserve.ts';

interface Ran {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: TempFolder;
beforeEach(async () => {
  folder = await openTempFolder('octoserve-people');
});
afterEach(() => folder.remove());

/** Answers each question for a secret with the next of these. */
const types = (isTTY: boolean, ...secrets: readonly string[]): Reader => {
  const left = [...secrets];
  const next = async () => left.shift();
  return { isTTY, secret: next, line: next };
};

async function run(words: string, { stdin, isTTY = false }: { stdin?: Reader; isTTY?: boolean } = {}): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  const settings = [`--storage.path=${join(folder.path, 'data')}`, '--storage.durability=os'];
  const exitCode = await createOctoserve().run([...words.split(' '), ...settings], {
    stdout: { isTTY, write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    ...(stdin && { stdin }),
    env: {},
    cwd: folder.path,
  });
  return { exitCode, stdout, stderr };
}

const json = async (words: string): Promise<readonly Record<string, unknown>[]> => {
  const { exitCode, stdout, stderr } = await run(`${words} --json`);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>[];
};
const explain = async (who: string, action: string, repository: string) => {
  const { exitCode, stdout, stderr } = await run(`auth explain --as ${who} --do ${action} --repo ${repository}`);
  return [exitCode, stdout.trim() || stderr.split('\n')[0]];
};
const PIPED = () => types(false, 'correct horse');

describe('octoserve user', () => {
  it('adds the first admin where there was nothing, with a password from standard input', async () => {
    const ran = await run('user add alice --admin --groups dev,ops', { stdin: PIPED() });
    expect([ran.exitCode, ran.stdout]).toEqual([0, 'alice is a user now.\n']);
    expect(await json('user list')).toMatchObject([
      { name: 'alice', hasPassword: true, disabled: false, groups: ['dev', 'ops'] },
    ]);
    expect(await explain('user:alice', 'admin', 'any/thing')).toEqual([
      0,
      'allowed: user:alice has the role admin on **',
    ]);
  });

  it('asks twice on a terminal', async () => {
    expect((await run('user add alice', { stdin: types(true, 'correct horse', 'correct horse') })).exitCode).toBe(0);
    const other = await run('user add bob', { stdin: types(true, 'correct horse', 'correct hose') });
    expect([other.exitCode, other.stderr]).toEqual([1, expect.stringContaining('not the same password')]);
    expect(await json('user list')).toHaveLength(1);
  });

  it.each([
    ['no password', types(false), 1, 'No password was given'],
    ['an empty one', types(false, ''), 1, 'No password was given'],
    ['a short one', types(false, 'short'), 2, 'at least 8 characters'],
  ])('adds nobody for %s', async (_, stdin, exitCode, message) => {
    const ran = await run('user add alice', { stdin });
    expect([ran.exitCode, ran.stderr]).toEqual([exitCode, expect.stringContaining(message)]);
    expect(await json('user list')).toEqual([]);
  });

  it.each([
    ['user add a:b', 'a name begins with'],
    ['user add alice --groups github:x', 'without : and ='],
    ['user add alice --roles writer@A', 'the pattern A is no pattern'],
  ])('refuses %s', async (words, message) => {
    const ran = await run(words, { stdin: PIPED() });
    expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('knows of no roles but those that there are', async () => {
    const ran = await run('user add alice --roles owner', { stdin: PIPED() });
    expect([ran.exitCode, ran.stderr]).toEqual([1, 'There is no role owner\n']);
  });

  it('says where the catalog cannot be made', async () => {
    await writeFile(join(folder.path, 'data'), 'no folder');
    const ran = await run('user list');
    expect([ran.exitCode, ran.stderr]).toEqual([1, `${join(folder.path, 'data/catalog.db')} cannot be made: EEXIST\n`]);
  });

  it('keeps a name to one user', async () => {
    await run('user add alice', { stdin: PIPED() });
    expect((await run('user add alice', { stdin: PIPED() })).exitCode).toBe(1);
  });

  it('gives roles by pattern', async () => {
    await run('user add alice --roles reader,writer@team/**', { stdin: PIPED() });
    expect(await json('binding list')).toEqual([
      { subject: 'user:alice', role: 'reader', pattern: '**' },
      { subject: 'user:alice', role: 'writer', pattern: 'team/**' },
    ]);
  });

  it('hands a link over in a file of its owner alone, and shows it on a terminal only', async () => {
    const ran = await run('user add alice --link');
    const path = join(folder.path, 'invitation-alice.txt');
    const link = await readFile(path, 'utf8');
    expect(link).toMatch(/^http:\/\/localhost:5000\/auth\/invitation\?token=octi_[\w-]{43}\n$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(`${ran.stdout}${ran.stderr}`).not.toContain('octi_');
    expect((await run('user invite alice')).exitCode).toBe(1); // the file is there
    const shown = await run('user invite alice --server.public_url=https://reg.example.com', { isTTY: true });
    expect(shown.stdout).toMatch(/https:\/\/reg\.example\.com\/auth\/invitation\?token=octi_/);
  });

  it('disables, lets in again, changes passwords and deletes', async () => {
    await run('user add alice --admin', { stdin: PIPED() });
    await run('user disable alice');
    expect(await explain('user:alice', 'pull', 'a')).toEqual([1, 'There is no user:alice who could sign in']);
    await run('user disable alice --undo');
    expect((await explain('user:alice', 'pull', 'a'))[0]).toBe(0);
    expect((await run('user passwd alice', { stdin: types(false, 'another one') })).exitCode).toBe(0);
    expect((await run('user delete alice')).exitCode).toBe(0);
    for (const words of ['user delete alice', 'user disable alice', 'user passwd alice', 'user invite alice']) {
      const ran = await run(words, { stdin: PIPED() });
      expect([ran.exitCode, ran.stderr]).toEqual([1, 'There is no user alice\n']);
    }
  });
});

describe('octoserve key', () => {
  it('prints a key once, and never again', async () => {
    const ran = await run('key create ci --repositories team/** --actions pull,push --expires 90d');
    const key = ran.stdout.trim();
    expect(key).toMatch(/^octk_[\w-]{43}$/);
    const [row] = await json('key list');
    expect(row).toMatchObject({ name: 'ci', repositories: ['team/**'], actions: ['pull', 'push'] });
    expect(JSON.stringify(row)).not.toContain(key);
    expect(await explain('key:ci', 'push', 'team/app')).toEqual([0, 'allowed: it was given pull, push on team/**']);
    expect((await explain('key:ci', 'delete', 'team/app'))[0]).toBe(1);
  });

  it('limits a key to what its owner may', async () => {
    await run('user add alice --roles reader', { stdin: PIPED() });
    await run('key create hers --owner alice --repositories ** --actions pull,push');
    await run('key create less --owner alice --repositories team/** --actions pull');
    expect((await explain('key:hers', 'pull', 'a/b'))[0]).toBe(0);
    expect(await explain('key:hers', 'push', 'a/b')).toEqual([1, 'denied: no rule allows it']);
    const limited = 'denied: its owner may, but the key is limited to pull on team/**';
    expect(await explain('key:less', 'pull', 'a/b')).toEqual([1, limited]);
  });

  it.each([
    ['key create ci --actions pull', 2],
    ['key create ci --repositories a --actions fly', 2],
    ['key create ci --repositories A --actions pull', 2],
    ['key create ci --repositories a --actions pull --expires soon', 2],
    ['key create ci --repositories a --actions pull --expires 2001-01-01', 2],
    ['key create ci --repositories a --actions pull --owner nobody', 1],
    ['key revoke ci', 1],
  ])('refuses %s', async (words, exitCode) => {
    expect((await run(words)).exitCode).toBe(exitCode);
    expect(await json('key list')).toEqual([]);
  });

  it('revokes', async () => {
    await run('key create ci --repositories ** --actions pull');
    expect((await run('key revoke ci')).exitCode).toBe(0);
    expect((await explain('key:ci', 'pull', 'a'))[0]).toBe(1);
  });
});

describe('octoserve role and binding', () => {
  it('make roles, bind them, and take them back', async () => {
    expect((await run('role set adder pull,push,create')).exitCode).toBe(0);
    expect((await json('role list')).at(-1)).toEqual({
      name: 'adder',
      actions: ['pull', 'push', 'create'],
      builtIn: false,
    });
    await run('binding add group:dev adder team-a/**');
    expect(await explain('group:dev', 'create', 'team-a/app')).toEqual([
      0,
      'allowed: group:dev has the role adder on team-a/**',
    ]);
    expect((await explain('group:dev', 'update', 'team-a/app'))[0]).toBe(1);
    const bound = await run('role delete adder');
    expect([bound.exitCode, bound.stderr]).toEqual([1, expect.stringContaining('bound to group:dev')]);
    await run('binding remove group:dev adder team-a/**');
    expect((await run('role delete adder')).exitCode).toBe(0);
  });

  it.each([
    ['role set Adder pull', 2],
    ['role set adder fly', 2],
    ['role set reader delete', 1],
    ['role delete reader', 1],
    ['role delete adder', 1],
    ['binding add alice reader **', 2],
    ['binding add user:alice reader A', 2],
    ['binding add user:alice owner **', 1],
    ['binding remove user:alice reader **', 1],
    ['auth explain --as user:alice --do fly --repo a', 2],
    ['auth explain --as user:alice --do pull --repo A', 2],
    ['auth explain --as user:alice --do pull', 2],
    ['auth explain --as nobody --do pull --repo a', 1],
  ])('refuse %s', async (words, exitCode) => {
    expect((await run(words)).exitCode).toBe(exitCode);
  });

  it('explain what the configuration gives anybody', async () => {
    const words = 'auth explain --as anonymous --do pull --repo public/app --auth.anonymous=public/**';
    expect((await run(words)).stdout).toBe('allowed: anonymous has the role reader on public/**\n');
  });

  it('leave in the log who did it', async () => {
    await run('role set adder pull');
    const { stdout } = await run('audit --json');
    expect(stdout).toMatch(/"principal":"local:[^"]+".*"action":"role\.put".*"name":"adder"/);
  });
});

describe('octoserve workload', () => {
  const SET = 'workload set app --preset github --audience here --claims repository=acme/app --repositories acme/*';

  it('keeps a rule, lists it and deletes it', async () => {
    expect(await run(SET)).toMatchObject({ exitCode: 0, stdout: 'The rule app is kept.\n' });
    expect(await json('workload list')).toEqual([
      {
        name: 'app',
        isConfigured: false,
        problems: [],
        issuer: 'https://token.actions.githubusercontent.com',
        audience: 'here',
        algorithms: ['RS256'],
        claims: [{ claim: 'repository', pattern: 'acme/app' }],
        singleUse: true,
        access: { repositories: ['acme/*'], actions: ['pull', 'push', 'create', 'update'] },
      },
    ]);
    expect(await run(`${SET} --many-uses --actions pull`)).toMatchObject({ exitCode: 0 });
    expect(await json('workload list')).toMatchObject([{ singleUse: false, access: { actions: ['pull'] } }]);
    expect((await run('workload list')).stdout).toMatch(/^app +catalog +https:\S+ +repository=acme\/app +acme\/\*$/m);
    expect(await explain('workload:app', 'push', 'acme/x')).toEqual([1, expect.any(String)]);
    expect(await run('workload delete app')).toMatchObject({ exitCode: 0 });
    expect(await run('workload delete app')).toMatchObject({ exitCode: 1 });
    expect(await json('workload list')).toEqual([]);
  });

  it('says what is wrong with one', async () => {
    const ran = await run('workload set app --preset github --audience here --claims repository=acme*');
    expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringContaining('whose jobs')]);
    expect((await run('workload set app --preset travis')).exitCode).toBe(2);
    expect(await json('workload list')).toEqual([]);
  });
});
