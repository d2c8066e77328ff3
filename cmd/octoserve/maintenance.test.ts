import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { encodedOf, parseTag, type Digest } from '../../pkg/oci/index.ts';
import { BY, byTag, pushImage, repository, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { createSamples, type SampleImage } from '../../internal/testing/images.ts';
import { useWorkshop } from './fixtures.suite.ts';

jest.setTimeout(60_000); // each command opens and closes its stores, and there are several in a test

const samples = createSamples('cmd');
const image = samples.image();
const workshop = useWorkshop((rig) => pushImage(rig as Rig, 'team/app', image, '1.0'));

async function push(another: SampleImage, ...tags: readonly string[]): Promise<void> {
  await workshop.live((rig) => pushImage(rig as Rig, 'team/app', another, ...tags));
}
const catalogPath = (): string => join(workshop.data, 'catalog.db');
const blobPath = (digest: Digest): string => {
  const hex = encodedOf(digest);
  return join(workshop.data, 'blobs/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
};
const catalogs = async (): Promise<readonly string[]> =>
  (await readdir(workshop.data)).filter((name) => name.startsWith('catalog.db')).toSorted();

describe('octoserve rebuild', () => {
  it('makes a catalog anew that was lost', async () => {
    await workshop.fill();
    const lost = await workshop.logical();
    await rm(catalogPath());
    expect(await workshop.run('rebuild')).toEqual({
      exitCode: 0,
      stdout: 'Restored 1 manifest and 1 tag.\n',
      stderr: '',
    });
    expect(await workshop.logical()).toBe(lost);
  });

  it('refuses a catalog that is not empty, and moves it aside when it is told to', async () => {
    await workshop.fill();
    const refused = await workshop.run('rebuild');
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^The catalog is not empty\nWith --replace/);
    const { exitCode, stderr } = await workshop.run('rebuild', '--replace');
    expect(exitCode).toBe(0);
    const [now, aside, ...others] = await catalogs();
    expect([now, others]).toEqual(['catalog.db', []]);
    expect(aside).toMatch(/^catalog\.db\.\d{8}T\d{6}Z$/);
    expect(stderr).toContain(`${aside} now.`);
    expect(await workshop.logical(join(workshop.data, aside!))).toBe(await workshop.logical());
  });

  it('replaces a file that is no catalog any more', async () => {
    await workshop.fill();
    const lost = await workshop.logical();
    await writeFile(catalogPath(), 'not a database'.repeat(1000));
    expect(await workshop.run('rebuild')).toMatchObject({ exitCode: 1 });
    expect(await workshop.run('rebuild', '--replace')).toMatchObject({ exitCode: 0 });
    expect(await workshop.logical()).toBe(lost);
  });

  it('touches nothing while a server has the catalog open', async () => {
    await workshop.fill();
    await workshop.live(async () => {
      const { exitCode, stderr } = await workshop.run('rebuild', '--replace');
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/open\nStop the server first/);
      await workshop.run('dump', '--output', 'c.dump');
      const loaded = await workshop.run('load', 'c.dump', '--replace');
      expect(loaded).toMatchObject({ exitCode: 1, stderr });
    });
    expect(await catalogs()).toEqual(['catalog.db']);
  });

  it('lists what it could not restore, exit 1', async () => {
    const bad = samples.image();
    await workshop.fill();
    await push(bad, 'bad');
    await rm(blobPath(bad.manifest.digest));
    await rm(blobPath(image.blobs[1]!.digest));
    const { exitCode, lines } = await workshop.lines('rebuild', '--replace');
    expect(exitCode).toBe(1);
    const common = { repository: 'team/app' };
    const name = bad.manifest.digest;
    expect(lines).toEqual(
      expect.arrayContaining([
        { kind: 'manifest unreadable', ...common, name, detail: 'its content is missing' },
        { kind: 'tag without manifest', ...common, name: 'bad', digest: name },
        { kind: 'blob missing', ...common, name: image.manifest.digest, digest: image.blobs[1]!.digest },
      ]),
    );
    const summary = { kind: 'summary', manifests: 1, tags: 1, skipped: 2, damaged: 1 };
    expect(lines.at(-1)).toEqual({ ...summary, sequence: expect.any(Number) });
    const { stdout } = await workshop.run('rebuild', '--replace');
    expect(stdout).toContain(`tag without manifest: team/app:bad ${name}\n`);
    expect(stdout).toContain(`manifest unreadable: team/app@${name} (its content is missing)\n`);
    expect(stdout).toMatch(/2 records could not be restored, 1 blob must be pushed again\.\n$/);
  });

  it('changes nothing where there are no records', async () => {
    await workshop.fill();
    await mkdir(join(workshop.cwd, 'empty'));
    const settings = [`--storage.path=${join(workshop.cwd, 'empty')}`, `--catalog.path=${catalogPath()}`];
    const { exitCode, stderr } = await workshop.run('rebuild', '--replace', ...settings);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('There are no records in storage');
    expect(await catalogs()).toEqual(['catalog.db']);
  });

  it('moves no database of PostgreSQL aside, exit 2', async () => {
    await workshop.fill();
    const settings = ['--catalog.type=postgres', '--catalog.url=postgres://nobody:x@127.0.0.1:1/none'];
    const { exitCode, stderr } = await workshop.run('rebuild', '--replace', ...settings);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--replace moves a SQLite file aside');
  });
});

describe('octoserve verify', () => {
  it('finds nothing wrong, exit 0', async () => {
    await workshop.fill();
    expect(await workshop.run('verify', '--content')).toEqual({
      exitCode: 0,
      stdout: 'Looked at 4 blobs, 1 manifest and 1 tag: nothing is wrong.\n',
      stderr: '',
    });
  });

  it('tells what is wrong, exit 1, and mends what can be, exit 0', async () => {
    await workshop.fill();
    await rm(join(workshop.data, 'manifests/team!app/1.0'));
    const found = await workshop.run('verify');
    expect(found).toMatchObject({ exitCode: 1 });
    expect(found.stdout).toBe(
      'record missing: team/app:1.0\nLooked at 4 blobs, 1 manifest and 1 tag: 1 problem, 0 of them mended.\n',
    );
    const mended = await workshop.run('verify', '--repair');
    expect(mended).toMatchObject({ exitCode: 0 });
    expect(mended.stdout).toMatch(/^record missing, mended: team\/app:1\.0\n/);
    expect(await workshop.run('verify')).toMatchObject({ exitCode: 0 });
  });

  it('is exit 1 with --repair where something is left', async () => {
    await workshop.fill();
    await truncate(blobPath(image.blobs[1]!.digest), 5);
    const { exitCode, lines } = await workshop.lines('verify', '--repair');
    expect(exitCode).toBe(1);
    expect(lines).toEqual([
      { kind: 'blob of wrong size', digest: image.blobs[1]!.digest, detail: 'it has 5 bytes, not 100' },
      expect.objectContaining({ kind: 'summary', blobs: 4, manifests: 1, tags: 1, problems: 1, mended: 0 }),
    ]);
  });

  it('lists orphans, which are nothing wrong', async () => {
    await workshop.fill();
    await workshop.live((_, { storage }) => {
      const { digest, bytes } = samples.blob();
      return storage.blobs.put(digest, bytes);
    });
    const { exitCode, stdout } = await workshop.run('verify');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^orphan: sha256:[0-9a-f]{64} 100 bytes\n.* nothing is wrong\. 1 orphan \(100 bytes\)/);
  });

  it('makes no catalog where there is none', async () => {
    await workshop.fill();
    await rm(catalogPath());
    const { exitCode, stderr } = await workshop.run('verify', '--repair');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`There is no catalog at ${catalogPath()}`);
    expect(await catalogs()).toEqual([]);
  });

  it('looks at no storage in memory', async () => {
    const { exitCode, stderr } = await workshop.run('verify', '--storage.type=memory');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('storage.type is memory');
  });
});

describe('octoserve dump and load', () => {
  const elsewhere = (): string => `--storage.path=${join(workshop.cwd, 'elsewhere')}`;

  it('write a catalog to a file and make it again elsewhere', async () => {
    await workshop.fill();
    expect(await workshop.run('dump', '--output', 'c.dump')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Wrote \d+ rows to c\.dump\.\n$/),
    });
    expect(await workshop.run('load', 'c.dump', elsewhere())).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Loaded \d+ rows from c\.dump\.\n$/),
    });
    const text = await readFile(join(workshop.cwd, 'c.dump'), 'utf8');
    expect((await workshop.run('dump', elsewhere())).stdout).toBe(text);
    expect(await readdir(workshop.cwd)).toEqual(['c.dump', 'data', 'elsewhere']);
  });

  it('tell programs how many rows there were', async () => {
    await workshop.fill();
    const dumped = JSON.parse((await workshop.run('dump', '--output', 'c.dump', '--json')).stdout) as { rows: number };
    const loaded = JSON.parse((await workshop.run('load', 'c.dump', '--json', elsewhere())).stdout) as {
      rows: Record<string, number>;
    };
    expect(loaded.rows).toMatchObject({ repository: 1, blob: 4, membership: 3, manifest: 1, tag: 1 });
    expect(Object.values(loaded.rows).reduce((sum, count) => sum + count)).toBe(dumped.rows);
  });

  it('are consistent while a server goes on', async () => {
    await workshop.fill();
    await workshop.live(async (rig) => {
      const before = await workshop.logical();
      await rig.registry.manifests.delete(BY, repository('team/app'), byTag('1.0'));
      expect(await workshop.logical()).not.toBe(before);
    });
  });

  it('load into no catalog that holds anything, unless it is to be replaced', async () => {
    await workshop.fill();
    await workshop.run('dump', '--output', 'c.dump');
    await push(samples.image(), '2.0');
    expect(await workshop.run('load', 'c.dump')).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await workshop.run('load', 'c.dump', '--replace')).toMatchObject({ exitCode: 0 });
    expect(await catalogs()).toHaveLength(2);
    expect((await workshop.run('dump')).stdout).toBe(await readFile(join(workshop.cwd, 'c.dump'), 'utf8'));
  });

  it('leave everything as it is where a dump cannot be loaded', async () => {
    await workshop.fill();
    await workshop.run('dump', '--output', 'c.dump');
    await truncate(join(workshop.cwd, 'c.dump'), 300);
    const { exitCode, stderr } = await workshop.run('load', 'c.dump', '--replace');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^c\.dump cannot be loaded: /);
    expect(await catalogs()).toEqual(['catalog.db']);
    await workshop.run('dump', '--logical', '--output', 'l.dump');
    expect((await workshop.run('load', 'l.dump', '--replace')).stderr).toContain('a logical dump is for comparing');
  });

  it('say which file is missing or cannot be written', async () => {
    await workshop.fill();
    expect(await workshop.run('load', 'none.dump')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^none\.dump cannot be read: ENOENT\nName the file/),
    });
    expect(await workshop.run('load', 'data')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^data is not a file\n/),
    });
    expect(await workshop.run('dump', '--output', 'no/folder/c.dump')).toMatchObject({
      exitCode: 1,
      stderr: 'no/folder/c.dump cannot be written: ENOENT\n',
    });
    expect(await workshop.run('load')).toMatchObject({ exitCode: 2 });
  });

  it('refuse to work with a catalog that was only filled in part', async () => {
    await workshop.fill();
    await workshop.run('dump', '--output', 'c.dump');
    await workshop.live(async (_, { catalog }) => {
      const lease = { name: 'restore', holder: 'rebuild', nowMs: 1, untilMs: Number.MAX_SAFE_INTEGER };
      await catalog.run('takeLease', lease);
    });
    for (const argv of [['dump'], ['verify'], ['load', 'c.dump']]) {
      const { exitCode, stderr } = await workshop.run(...argv);
      expect({ argv, exitCode }).toEqual({ argv, exitCode: 1 });
      expect(stderr).toContain('The catalog is not complete: octoserve rebuild was interrupted');
    }
    expect(await workshop.run('rebuild')).toMatchObject({ exitCode: 0 });
    expect(await workshop.run('verify')).toMatchObject({ exitCode: 0 });
  });
});

describe('octoserve migrate-storage', () => {
  it('copies a folder to another, and goes on where it was', async () => {
    await workshop.fill();
    const first = await workshop.run('migrate-storage', '--to-path', 'other');
    expect(first).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^Copied 4 blobs \([\d,]+ bytes\) and 2 records; 0 were there already, 0 could/),
      stderr: '',
    });
    const { lines } = await workshop.lines('migrate-storage', '--to-path', 'other');
    expect(lines).toEqual([{ kind: 'summary', blobs: 0, bytes: 0, records: 0, there: 6, skipped: 0, stale: 0 }]);
    const rebuilt = await workshop.run('rebuild', `--storage.path=${join(workshop.cwd, 'other')}`);
    expect(rebuilt.stdout).toBe('Restored 1 manifest and 1 tag.\n');
  });

  it('takes the other storage from a configuration', async () => {
    await workshop.fill();
    const storage = { path: join(workshop.cwd, 'other') };
    await writeFile(join(workshop.cwd, 'other.json'), JSON.stringify({ storage }));
    expect(await workshop.run('migrate-storage', '--to', 'other.json')).toMatchObject({ exitCode: 0 });
    expect(await readdir(storage.path)).toEqual(['blobs', 'manifests', 'uploads']);
  });

  it.each([
    ['a folder', ['--from-path', 'data']],
    ['a configuration', ['--from', 'old.json']],
  ])('takes content from %s that it is given', async (_, argv) => {
    await workshop.fill();
    await writeFile(join(workshop.cwd, 'old.json'), JSON.stringify({ storage: { path: workshop.data } }));
    const own = `--storage.path=${join(workshop.cwd, 'new')}`;
    expect(await workshop.run('migrate-storage', own, ...argv)).toMatchObject({ exitCode: 0 });
    expect((await workshop.run('rebuild', own)).stdout).toBe('Restored 1 manifest and 1 tag.\n');
  });

  it.each([
    ['rebuild', []],
    ['migrate-storage', ['--to-path', 'other']],
  ])('makes no folder to read from where there is none (%s)', async (name, argv) => {
    const missing = join(workshop.cwd, 'missing');
    const { exitCode, stderr } = await workshop.run(name, ...argv, `--storage.path=${missing}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(`no folder ${missing}\n`) });
    expect(await readdir(workshop.cwd)).toEqual([]);
  });

  it('copies nothing onto itself, over links neither', async () => {
    await workshop.fill();
    await symlink('data', join(workshop.cwd, 'alias'));
    for (const argv of [
      ['--to-path', 'data'],
      ['--from-path', 'alias'],
    ]) {
      const { exitCode, stderr } = await workshop.run('migrate-storage', ...argv);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('are the same storage') });
    }
  });

  it('tells of records there whose names are gone, for which verify sees to it', async () => {
    await workshop.fill();
    await workshop.run('migrate-storage', '--to-path', 'other');
    await workshop.live((rig) => rig.registry.manifests.delete(BY, repository('team/app'), byTag('1.0')));
    const { exitCode, stdout } = await workshop.run('migrate-storage', '--to-path', 'other');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(' 1 record there must go: ') });
    const settings = [`--storage.path=${join(workshop.cwd, 'other')}`, `--catalog.path=${catalogPath()}`];
    expect((await workshop.run('verify', '--repair', ...settings)).stdout).toContain(
      'record stale, mended: team/app:1.0',
    );
    expect(await workshop.run('verify', ...settings)).toMatchObject({ exitCode: 0 });
  });

  it('leaves out what is damaged, exit 1', async () => {
    await workshop.fill();
    await writeFile(blobPath(image.blobs[1]!.digest), Buffer.alloc(100, 1));
    const { exitCode, lines } = await workshop.lines('migrate-storage', '--to-path', 'other');
    expect(exitCode).toBe(1);
    expect(lines[0]).toMatchObject({ kind: 'blob of wrong content', digest: image.blobs[1]!.digest });
  });

  it.each([
    [2, []],
    [2, ['--to', 'a.json', '--to-path', 'b']],
    [2, ['--to', 'a.json', '--from-path', 'b']],
    [1, ['--to', 'none.json']],
    [1, ['--to', 'memory.json']],
    [1, ['--to', 'wrong.json']],
  ])('is exit %i for %j', async (exitCode, argv) => {
    await writeFile(join(workshop.cwd, 'memory.json'), '{"storage":{"type":"memory"}}');
    await writeFile(join(workshop.cwd, 'wrong.json'), '{"storage":{"pth":"x"}}');
    expect(await workshop.run('migrate-storage', ...argv)).toMatchObject({ exitCode, stdout: '' });
  });
});

describe('octoserve import octoserve', () => {
  async function writeOld({ manifest, blobs }: SampleImage): Promise<string> {
    const old = join(workshop.cwd, 'old');
    const folder = join(old, 'manifests/team_app');
    await mkdir(folder, { recursive: true });
    for (const name of ['1.0', manifest.digest]) await writeFile(join(folder, name), manifest.bytes);
    for (const { digest, bytes } of blobs) {
      const hex = encodedOf(digest);
      const parent = join(old, 'blobs/sha256', hex.slice(0, 2), hex.slice(2, 4));
      await mkdir(parent, { recursive: true });
      await writeFile(join(parent, hex), bytes);
    }
    return old;
  }

  it('imports a folder, and asks for names that it cannot tell', async () => {
    await writeOld(image);
    const { exitCode, stdout } = await workshop.run('import', 'octoserve', 'old');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^note: team_app \(.*--name team_app=team\/app\)\n/);
    expect(stdout).toMatch(/Imported 1 manifest, 1 tag and 3 blobs \([\d,]+ bytes\); 0 of what is there could not be/);
    await workshop.live(async (_, { catalog }) => {
      expect(await catalog.queries.findTag(repository('team_app'), parseTag('1.0'))).toBeDefined();
    });
  });

  it('imports under the names that it is given, and tells programs', async () => {
    await writeOld(image);
    const argv = ['import', 'octoserve', 'old', '--name', 'team_app=team/app'];
    const dry = await workshop.lines(...argv, '--dry-run');
    const counts = { kind: 'summary', manifests: 1, tags: 1, blobs: 3, skipped: 0 };
    expect(dry).toEqual({ exitCode: 0, lines: [expect.objectContaining({ ...counts, dryRun: true })] });
    expect(await workshop.lines(...argv)).toEqual({
      exitCode: 0,
      lines: [expect.objectContaining({ ...counts, dryRun: false })],
    });
    await workshop.live(async (_, { catalog }) => {
      const tag = await catalog.queries.findTag(repository('team/app'), parseTag('1.0'));
      expect(tag?.digest).toBe(image.manifest.digest);
    });
  });

  it('lists what could not be imported and why, exit 1', async () => {
    const old = await writeOld(image);
    await writeFile(join(old, 'manifests/team_app/readme'), 'hello');
    const { exitCode, stdout } = await workshop.run('import', 'octoserve', 'old', '--name', 'team_app=team/app');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('not imported: team/app:readme (it is no manifest)\n');
  });

  it.each([
    [1, ['none']],
    [1, ['old/manifests/team_app/1.0']],
    [1, ['old/manifests']],
    [2, []],
    [2, ['old', '--name', 'team_app']],
    [2, ['old', '--name', 'team_app=Team/App']],
  ])('is exit %i for %j', async (exitCode, argv) => {
    await writeOld(image);
    expect(await workshop.run('import', 'octoserve', ...argv)).toMatchObject({ exitCode, stdout: '' });
  });
});
