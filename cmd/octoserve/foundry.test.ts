import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { parseRepositoryName } from '../../pkg/oci/index.ts';
import { createArtifacts } from '../../internal/artifacts/index.ts';
import { createFoundryFolder, openFoundryFolder } from '../../internal/maintenance/index.ts';
import { useWorkshop, type Workshop } from './fixtures.suite.ts';

interface Version {
  readonly package: string;
  readonly version: string;
  readonly text: string;
  /** As Go prints it. */
  readonly uploaded: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const VERSIONS: readonly Version[] = [
  { package: 'tool', version: '2.1.0', text: 'hello', uploaded: '2025-03-04 05:06:07.610499251 +0000 UTC' },
  { package: 'MyTool', version: 'nightly', text: '', uploaded: '2025-03-04 05:06:08 +0000 UTC' },
  { package: 'a%2Fb', version: '1.0.0%2Bx', text: 'hello', uploaded: '2025-03-04 05:06:09.5 +0000 UTC' },
];

/** As the reference server would have written it (simulated from foundry contract, section 6). */
async function writeReference(folder: string, versions: readonly Version[]): Promise<void> {
  await mkdir(join(folder, 'tmp'), { recursive: true });
  const database = new DatabaseSync(join(folder, 'registry.db'));
  database.exec(`
    CREATE TABLE packages (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL);
    CREATE TABLE artifacts (id INTEGER PRIMARY KEY AUTOINCREMENT, package_id INTEGER NOT NULL, version TEXT NOT NULL,
      hash TEXT NOT NULL, size INTEGER NOT NULL, uploaded_at TIMESTAMP NOT NULL, UNIQUE(package_id, version));
  `);
  for (const { package: name, version, text, uploaded } of versions) {
    const path = blobOf(folder, sha256(text));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    database.prepare('INSERT OR IGNORE INTO packages (name) VALUES (?)').run(name);
    database
      .prepare(
        'INSERT INTO artifacts (package_id, version, hash, size, uploaded_at) SELECT id, ?, ?, ?, ? FROM packages WHERE name = ?',
      )
      .run(version, sha256(text), Buffer.byteLength(text), uploaded, name);
  }
  database.close();
}

const blobOf = (folder: string, hash: string): string => join(folder, 'blobs', hash.slice(0, 2), hash);

describe('octoserve import foundry', () => {
  const workshop = useWorkshop(async () => undefined);
  const reference = () => join(workshop.cwd, 'foundry');

  /** What is kept of the versions, by repository and tag. */
  async function kept(from: Workshop): Promise<object[]> {
    const found: object[] = [];
    await from.live(async ({ registry }, { catalog }) => {
      const artifacts = createArtifacts({ registry, catalog });
      for (const { repository, tag, facts } of await artifacts.listBelow(parseRepositoryName('foundry'), {
        limit: 99,
      })) {
        found.push({ repository, tag, file: facts?.['file'], created: facts?.['created'] });
      }
    });
    return found;
  }

  it('case 30: brings all versions with their hash, size and time, and changes nothing when it is run again', async () => {
    await workshop.fill();
    await writeReference(reference(), VERSIONS);
    const first = await workshop.run('import', 'foundry', 'foundry');
    expect([first.exitCode, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toBe('Imported 3 versions (10 bytes); 0 were there already, 0 could not be imported.\n');
    const expected = [
      { repository: 'foundry/a/b', tag: '1.0.0_x', text: 'hello', created: '2025-03-04T05:06:09.500Z' },
      { repository: 'foundry/tool', tag: '2.1.0', text: 'hello', created: '2025-03-04T05:06:07.610499251Z' },
      { repository: 'foundry/x--9lsl8rrfdg', tag: 'nightly', text: '', created: '2025-03-04T05:06:08.000Z' },
    ].map(({ text, ...rest }) => ({ ...rest, file: [`sha256:${sha256(text)}`, text.length] }));
    expect(await kept(workshop)).toEqual(expected);
    const again = await workshop.run('import', 'foundry', 'foundry');
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      'Imported 0 versions (0 bytes); 3 were there already, 0 could not be imported.\n',
    ]);
    expect(await kept(workshop)).toEqual(expected);
  });

  it('tells what is missing, corrupt or of a name that is none, and imports the rest', async () => {
    await workshop.fill();
    const more = [
      { ...VERSIONS[0], version: 'missing', text: 'missing' },
      { ...VERSIONS[0], version: 'corrupt', text: 'corrupt' },
      { ...VERSIONS[0], package: '..%2fescape' },
    ] as readonly Version[];
    await writeReference(reference(), [...more, ...VERSIONS]);
    await writeFile(blobOf(reference(), sha256('corrupt')), 'CORRUPT');
    await rm(blobOf(reference(), sha256('missing')));
    const { exitCode, lines } = await workshop.lines('import', 'foundry', 'foundry', '--json');
    expect(exitCode).toBe(1);
    expect(lines).toEqual([
      { kind: 'not imported', detail: 'tool@missing: its blob is missing' },
      { kind: 'not imported', detail: expect.stringContaining('tool@corrupt: its blob is corrupt') },
      { kind: 'not imported', detail: '..%2fescape@2.1.0: the name of its package is none that is accepted here' },
      { kind: 'summary', versions: 3, bytes: 10, unchanged: 0, skipped: 3, dryRun: false },
    ]);
  });

  it('writes nothing with --dry-run', async () => {
    await workshop.fill();
    await writeReference(reference(), VERSIONS);
    const { stdout } = await workshop.run('import', 'foundry', 'foundry', '--dry-run');
    expect(stdout).toContain('Would import 3 versions');
    expect(await kept(workshop)).toEqual([]);
  });

  it('refuses a folder that is none of a Foundry server', async () => {
    await workshop.fill();
    await mkdir(reference());
    const { exitCode, stderr } = await workshop.run('import', 'foundry', 'foundry');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('foundry holds no registry.db')]);
  });
});

describe('octoserve export foundry', () => {
  const workshop = useWorkshop(async () => undefined);

  it('writes what was imported as the reference server keeps it', async () => {
    await workshop.fill();
    await writeReference(join(workshop.cwd, 'foundry'), VERSIONS);
    await workshop.run('import', 'foundry', 'foundry');
    const { exitCode, stdout } = await workshop.run('export', 'foundry', 'out');
    expect([exitCode, stdout]).toEqual([0, 'Exported 3 versions of 3 packages (10 bytes); 0 could not be exported.\n']);
    const out = join(workshop.cwd, 'out');
    expect((await readdir(out)).toSorted()).toEqual(['blobs', 'registry.db', 'tmp']);
    expect(await readFile(blobOf(out, sha256('hello')), 'utf8')).toBe('hello');
    expect(await readdir(join(out, 'tmp'))).toEqual([]);
    const folder = await openFoundryFolder(out);
    expect([...(folder?.rows() ?? [])]).toEqual([
      { package: 'tool', version: '2.1.0', uploadedAt: '2025-03-04T05:06:07.610499251Z', ...fileOf('hello') },
      { package: 'MyTool', version: 'nightly', uploadedAt: '2025-03-04T05:06:08Z', ...fileOf('') },
      { package: 'a/b', version: '1.0.0+x', uploadedAt: '2025-03-04T05:06:09.5Z', ...fileOf('hello') },
    ]);
    folder?.close();
  });

  const fileOf = (text: string) => ({ hash: sha256(text), sizeBytes: text.length });

  it('writes into no folder that holds something', async () => {
    await workshop.fill();
    await mkdir(join(workshop.cwd, 'out'));
    await writeFile(join(workshop.cwd, 'out', 'mine'), '');
    const { exitCode, stderr } = await workshop.run('export', 'foundry', 'out');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('out is not empty')]);
    expect(existsSync(join(workshop.cwd, 'out', 'registry.db'))).toBe(false);
    const below = await workshop.run('export', 'foundry', 'out/mine/below');
    expect([below.exitCode, below.stderr]).toEqual([1, 'out/mine/below cannot be made: ENOTDIR\n']);
  });
});

describe('a folder for the reference server', () => {
  const workshop = useWorkshop(async () => undefined);

  async function* once(text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }

  it('keeps no content that is not what its hash says', async () => {
    const path = join(workshop.cwd, 'out');
    const folder = await createFoundryFolder(path);
    await expect(folder?.putBlob(sha256('one'), once('other'))).rejects.toThrow(sha256('other'));
    expect([existsSync(blobOf(path, sha256('one'))), await readdir(join(path, 'tmp'))]).toEqual([false, []]);
    folder?.close();
  });
});
