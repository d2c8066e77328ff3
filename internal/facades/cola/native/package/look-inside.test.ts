import { describe, expect, it } from '@jest/globals';
import { OciError } from '../../../../../pkg/oci/index.ts';
import { makePackage, makeZip, type ZipEntry } from '../../../../testing/zip.ts';
import type { Inspection } from './inspection.ts';
import { inspectPackage } from './look-inside.ts';

const MANIFEST = { name: 'manifest.mf', content: '{"pkgName":"hello","version":"1.0.0"}' };

/** Pieces of a blob are only lent: the next one is in the same place. */
const LENT = Buffer.alloc(16 * 1024);

async function inspect(bytes: Uint8Array, reads: number[] = []): Promise<Inspection> {
  return inspectPackage(async function* read({ start, end }) {
    reads.push(end - start + 1);
    for (let at = start; at <= end; at += LENT.length) {
      const length = Math.min(LENT.length, end + 1 - at);
      LENT.set(bytes.subarray(at, at + length));
      yield LENT.subarray(0, length);
    }
  }, bytes.length);
}

const reasonsOf = async (...entries: ZipEntry[]): Promise<readonly string[]> =>
  (await inspect(makeZip(entries))).reasons;

describe('a look into a package', () => {
  it('finds nothing against one that command-launcher installs', async () => {
    expect(await inspect(makePackage('hello', '1.0.0'))).toEqual({
      packageName: 'hello',
      version: '1.0.0',
      reasons: [],
    });
  });

  it('reads a manifest in YAML, its scalars as they are written', async () => {
    const zip = makeZip([{ name: 'manifest.mf', content: 'pkgName: hello\nversion: 1.10\n', isDeflated: true }]);
    expect(await inspect(zip)).toEqual({ packageName: 'hello', version: '1.10', reasons: [] });
  });

  it('reads no more of a large one than its ends', async () => {
    const reads: number[] = [];
    const zip = makePackage('hello', '1.0.0', [{ name: 'large', content: Buffer.alloc(20_000_000, 'x') }]);
    expect((await inspect(zip, reads)).reasons).toEqual([]);
    expect(reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(500_000);
  });

  it('reads a directory of ten thousand entries in few pieces', async () => {
    const reads: number[] = [];
    const files = Array.from({ length: 10_000 }, (_, at) => ({ name: `bin/file-${at}` }));
    expect((await inspect(makePackage('hello', '1.0.0', files), reads)).reasons).toEqual([]);
    expect(reads.length).toBeLessThan(40);
  });

  it.each([
    ['no zip', Buffer.from('not a zip at all')],
    ['nothing', Buffer.alloc(0)],
    ['a gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0])],
    ['an empty zip', makeZip([])],
  ])('says that %s is no zip', async (_what, bytes) => {
    expect((await inspect(bytes)).reasons).toEqual(['it is not a zip']);
  });

  it('says that one is broken off', async () => {
    expect((await inspect(makePackage('hello', '1.0.0').subarray(0, 150))).reasons).toEqual([
      expect.stringContaining('it cannot be read as a zip'),
    ]);
  });

  it('says that the manifest is missing, or not at the root', async () => {
    expect(await reasonsOf({ name: 'readme' })).toEqual(['it has no manifest.mf at its root']);
    expect(await reasonsOf({ name: 'a/' }, { ...MANIFEST, name: 'a/manifest.mf' })).toEqual([
      'it has no manifest.mf at its root',
    ]);
  });

  it.each(['', '[', 'just text', '\xff', '{"a":1}'])('says that a manifest of %j is none', async (content) => {
    const bytes = Buffer.from(content, 'latin1');
    expect(await reasonsOf({ name: 'manifest.mf', content: bytes })).not.toEqual([]);
  });

  it('wants every folder before what is in it', async () => {
    expect(await reasonsOf(MANIFEST, { name: 'bin/a' }, { name: 'bin/b' })).toEqual([
      'bin/ is no entry of its own before bin/a',
    ]);
    expect(await reasonsOf(MANIFEST, { name: 'bin/a' }, { name: 'bin/' })).toEqual([
      'bin/ is no entry of its own before bin/a',
    ]);
    expect(await reasonsOf(MANIFEST, { name: 'a/b/' }, { name: 'a/' })).toEqual([
      'a/ is no entry of its own before a/b/',
    ]);
  });

  it.each(['../evil', 'a/../../evil', '/etc/passwd', 'c:\\evil'])('refuses a member named %s', async (name) => {
    expect(await reasonsOf(MANIFEST, { name })).toEqual([expect.stringContaining('it cannot be read as a zip')]);
  });

  it('refuses names that are there twice, what is encrypted, and entries that lie over each other', async () => {
    expect(await reasonsOf(MANIFEST, MANIFEST)).toEqual(['manifest.mf is there twice']);
    expect(await reasonsOf(MANIFEST, { name: 'a', isEncrypted: true, isDeflated: true })).toEqual(['a is encrypted']);
    expect(await reasonsOf(MANIFEST, { name: 'a', content: 'x'.repeat(100), claimedOffset: 3 })).toEqual([
      'its entries overlap',
    ]);
  });

  it('does not unpack what says that it is huge, and ends what is larger than it says', async () => {
    const bomb = { name: 'bomb', content: Buffer.alloc(1_000_000), isDeflated: true, claimedSize: 4_000_000_000 };
    expect(await reasonsOf(MANIFEST, bomb)).toEqual(['it unpacks to far more than it is']);
    const large = { name: 'manifest.mf', content: Buffer.alloc(10_000_000), isDeflated: true };
    expect(await reasonsOf(large)).toEqual(['manifest.mf is larger than 262144 bytes']);
    expect(await reasonsOf({ ...large, claimedSize: 1000 })).toEqual([
      expect.stringContaining('it cannot be read as a zip'),
    ]);
  });

  it('refuses a manifest whose aliases multiply', async () => {
    const lines = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]`);
    expect(await reasonsOf({ name: 'manifest.mf', content: ['a0: &a0 [x]', ...lines].join('\n') })).toEqual([
      'manifest.mf is neither JSON nor YAML',
    ]);
  });

  it('takes more entries than it looks at for a reason', async () => {
    const many = Array.from({ length: 50_001 }, (_, at) => ({ name: `f${at}` }));
    expect(await reasonsOf(...many)).toEqual(['it has more than 50000 entries']);
  });

  it('tells that storage does not answer, which says nothing of the package', async () => {
    const zip = makePackage('hello', '1.0.0');
    const away = inspectPackage(async function* read({ start, end }) {
      if (start > 0) throw new OciError('UNAVAILABLE');
      yield zip.subarray(start, end + 1);
    }, zip.length);
    await expect(away).rejects.toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });
});
