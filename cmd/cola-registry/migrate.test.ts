import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createColaRegistry } from './cola-registry.ts';

const CONTENT = { '/a-1.0.0.pkg': 'first', '/a-2.0.0.pkg': 'second', '/b-1.pkg': 'third' };
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

let folder: TempFolder;
let files: Server;
let site: string;
let asked: string[];
beforeEach(async () => {
  folder = await openTempFolder('cola-migrate');
  asked = [];
  files = createServer((req, res) => {
    asked.push(req.url ?? '');
    const text = CONTENT[req.url as keyof typeof CONTENT];
    res.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await new Promise((resolve) => files.close(resolve));
  await folder.remove();
});

async function run(...argv: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const settings = ['--storage.path=data', '--storage.durability=os'].map((flag) =>
    flag.replace('data', join(folder.path, 'data')),
  );
  const exitCode = await createColaRegistry().run([...argv, ...settings], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: { COLA_REGISTRY_STORAGE_URI: 'file://not-meant-here.json' },
    cwd: folder.path,
  });
  return { exitCode, stdout, stderr };
}

const version = (name: string, number: string, path: string, more: object = {}) => ({
  name,
  version: number,
  checksum: `sha256:${sha(CONTENT[path as keyof typeof CONTENT] ?? '')}`,
  url: `${site}${path}`,
  startPartition: 0,
  endPartition: 9,
  ...more,
});

async function writeDocument(more: object = {}): Promise<void> {
  const tree = {
    registries: {
      ops: {
        name: 'ops',
        description: 'Operations tools',
        admins: ['lead'],
        custom_values: { tier: 'gold' },
        packages: {
          a: {
            name: 'a',
            description: 'A',
            maintainers: ['sre'],
            versions: {
              '1.0.0': version('a', '1.0.0', '/a-1.0.0.pkg'),
              '2.0.0': version('a', '2.0.0', '/a-2.0.0.pkg', { endPartition: 3 }),
              ...more,
            },
          },
          b: { name: 'b', description: '', versions: { '1': version('b', '1', '/b-1.pkg') } },
        },
      },
      empty: { name: 'empty', description: '', packages: {} },
    },
  };
  await writeFile(join(folder.path, 'r.json'), JSON.stringify(tree));
}

const exported = async (): Promise<{ registries: Record<string, never> }> => {
  const { exitCode } = await run('export', '--to', 'file://./out.json', '--server.public_url=https://cola.example.org');
  expect(exitCode).toBe(0);
  return JSON.parse(await readFile(join(folder.path, 'out.json'), 'utf8')) as { registries: Record<string, never> };
};

describe('cola-registry migrate', () => {
  it('brings every version with its bytes, and changes nothing the second time (acceptance case 58)', async () => {
    await writeDocument();
    expect(await run('migrate', '--from', 'file://./r.json', '--fetch')).toEqual({
      exitCode: 0,
      stdout:
        'Made 2 registries, 2 packages and 3 versions (3 with their bytes); 0 versions were there already; 0 could not be brought.\n',
      stderr: '',
    });
    expect(asked).toEqual(['/a-1.0.0.pkg', '/a-2.0.0.pkg', '/b-1.pkg']);
    const blob = sha('first');
    expect(
      await readFile(join(folder.path, 'data/blobs/sha256', blob.slice(0, 2), blob.slice(2, 4), blob), 'utf8'),
    ).toBe('first');
    const before = await exported();
    expect(before).toMatchObject({
      registries: {
        ops: {
          admins: ['lead'],
          custom_values: { tier: 'gold' },
          packages: {
            a: {
              maintainers: ['sre'],
              versions: {
                '1.0.0': { checksum: blob, url: `https://cola.example.org/v2/cola/ops/a/blobs/sha256:${blob}` },
                '2.0.0': { endPartition: 3 },
              },
            },
          },
        },
        empty: { packages: {} },
      },
    });

    const again = await run('migrate', '--from', 'file://./r.json', '--fetch', '--json');
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({
      registries: 0,
      packages: 0,
      versions: 0,
      fetched: 0,
      kept: 3,
      failed: 0,
    });
    expect(asked).toHaveLength(3);
    expect(await exported()).toEqual(before);
  });

  it('tells of a checksum that is wrong, and brings the others, exit code 1 (acceptance case 58)', async () => {
    await writeDocument({ '3.0.0': version('a', '3.0.0', '/a-1.0.0.pkg', { checksum: sha('other') }) });
    const { exitCode, stdout, stderr } = await run('migrate', '--from', 'file://./r.json', '--fetch');
    expect(exitCode).toBe(1);
    expect(stderr).toBe('ops/a 3.0.0: what its URL gives has another checksum\n');
    expect(stdout).toContain('3 versions (3 with their bytes); 0 versions were there already; 1 could not be brought.');
    expect(Object.keys((await exported()).registries['ops']?.['packages']?.['a']?.['versions'] ?? {})).toEqual([
      '1.0.0',
      '2.0.0',
    ]);
  });

  it.each<[string, object, string]>([
    ['a file that is not there', { url: '/none.pkg' }, '/none.pkg cannot be fetched: it answers 404'],
    ['a partition that is no byte', { endPartition: 256 }, 'clients read partitions from 0 to 255'],
    ['the name of another package', { name: 'b' }, 'it names the package "b"'],
    ['no checksum', { checksum: 'abc' }, 'its checksum is no SHA-256'],
  ])('brings no version with %s', async (_, odd, why) => {
    const more = 'url' in odd ? { url: `${site}/none.pkg` } : odd;
    await writeDocument({ '3.0.0': version('a', '3.0.0', '/a-1.0.0.pkg', more) });
    const { exitCode, stderr } = await run('migrate', '--from', 'r.json', '--fetch');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(why);
  });

  it('keeps URLs without --fetch, and brings the bytes of such versions with it later', async () => {
    await writeDocument();
    expect((await run('migrate', '--from', 'r.json')).stdout).toContain('3 versions (0 with their bytes)');
    expect(asked).toEqual([]);
    expect(await exported()).toMatchObject({
      registries: { ops: { packages: { b: { versions: { '1': { url: `${site}/b-1.pkg` } } } } } },
    });
    expect((await run('migrate', '--from', 'r.json', '--fetch')).stdout).toContain('3 versions (3 with their bytes)');
    expect((await run('migrate', '--from', 'r.json', '--fetch')).stdout).toContain('3 versions were there already');
  });

  it('leaves a version alone that is there with another checksum', async () => {
    await writeDocument();
    await run('migrate', '--from', 'r.json', '--fetch');
    await writeDocument({ '1.0.0': version('a', '1.0.0', '/a-1.0.0.pkg', { checksum: sha('other') }) });
    const { exitCode, stderr } = await run('migrate', '--from', 'r.json', '--fetch');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'ops/a 1.0.0: it is there with another checksum\n' });
  });

  it.each([
    [['migrate'], 1, 'Error: migrate needs --from'],
    [['migrate', '--from', 'ftp://x'], 1, 'Error: unsupported storage scheme'],
    [['migrate', '--from', 'nowhere.json'], 2, 'there is none'],
    [['migrate', '--from', 'bad.json'], 2, 'the document cannot be read'],
    [['export'], 1, 'Error: export needs --to'],
    [['export', '--to', 'bad.json'], 2, 'the document cannot be read'],
  ])('%j ends with %i', async (argv, code, why) => {
    await writeFile(join(folder.path, 'bad.json'), '{bad');
    const { exitCode, stderr } = await run(...argv);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(why);
    expect(await readFile(join(folder.path, 'bad.json'), 'utf8')).toBe('{bad');
    await expect(stat(join(folder.path, 'nowhere.json'))).rejects.toThrow('ENOENT');
  });

  it('exports no file that is kept here without the URL that it has', async () => {
    await writeDocument();
    await run('migrate', '--from', 'r.json', '--fetch');
    const { exitCode, stderr } = await run('export', '--to', 'out.json');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('COLA_REGISTRY_PUBLIC_URL');
  });
});
