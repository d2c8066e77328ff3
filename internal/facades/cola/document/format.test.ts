import { describe, expect, it } from '@jest/globals';
import { renderIndex, listedVersions } from '../rules/index-json.ts';
import { DocumentUnreadable, formatDocument, parseDocument } from './format.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const version = (more: object = {}) => ({
  name: 'rollback',
  version: '2.4.1',
  checksum: HEX,
  url: 'https://dl.example.org/rollback-2.4.1.pkg',
  startPartition: 0,
  endPartition: 9,
  ...more,
});
const withVersions = (versions: object) => ({
  registries: {
    ops: {
      name: 'ops',
      description: 'Operations tools',
      admins: ['lead'],
      custom_values: { tier: 'gold' },
      packages: { rollback: { name: 'rollback', description: '', maintainers: ['sre'], versions } },
    },
  },
});
const parse = (tree: unknown) => parseDocument(Buffer.from(JSON.stringify(tree)));
const indexOf = (tree: object): object[] => {
  const registry = parse(tree).registries.get('ops');
  const versions = registry ? listedVersions(registry) : [];
  return JSON.parse(renderIndex(versions, ({ source }) => (source.kind === 'url' ? source.url : ''))) as object[];
};

describe('the document of registries', () => {
  it('comes back as it was written', () => {
    const tree = withVersions({ '2.4.1': version(), '10.0.0': version({ version: '10.0.0' }) });
    const { registries, oddities } = parse(tree);
    expect(oddities).toEqual([]);
    const text = Buffer.from(formatDocument(registries)).toString();
    expect(text).toBe(JSON.stringify(tree, undefined, 2));
  });

  it('is of the reference where there is nothing', () => {
    expect(Buffer.from(formatDocument(new Map())).toString()).toBe('{\n  "registries": {}\n}');
  });

  it.each([{}, { registries: null }, { registries: { ops: { packages: null } } }])(
    'may lack what is empty: %j',
    (tree) => {
      expect(indexOf(tree)).toEqual([]);
    },
  );

  it('is read with prefixed checksums, which the index has bare (acceptance case 34)', () => {
    expect(indexOf(withVersions({ '2.4.1': version({ checksum: `sha256:${HEX.toUpperCase()}` }) }))).toEqual([
      version(),
    ]);
  });

  it.each([
    [{ endPartition: 256 }, 'clients read partitions from 0 to 255'],
    [{ startPartition: -1 }, 'clients read partitions from 0 to 255'],
    [{ name: 'other' }, 'it names the package "other"'],
    [{ name: '' }, 'it names the package ""'],
  ])('keeps %j, says so, and does not list it', (odd, why) => {
    const tree = withVersions({ '2.4.1': version(odd), '1.0.0': version({ version: '1.0.0' }) });
    const { registries, oddities } = parse(tree);
    expect(oddities).toEqual([expect.stringContaining(`ops/rollback 2.4.1 is left out of the index: ${why}`)]);
    expect(indexOf(tree)).toEqual([version({ version: '1.0.0' })]);
    expect(JSON.parse(Buffer.from(formatDocument(registries)).toString())).toEqual(tree);
  });

  it('keeps a checksum that is none, and says so', () => {
    expect(parse(withVersions({ '2.4.1': version({ checksum: 'abc' }) })).oddities).toEqual([
      expect.stringContaining('its checksum is no SHA-256'),
    ]);
  });

  it('orders what the reference left in disorder', () => {
    const { registries } = parse({
      registries: { b: {}, a: { packages: { z: {}, y: { versions: { '10': {}, '9': {} } } } } },
    });
    expect([...registries.keys()]).toEqual(['a', 'b']);
    const packages = registries.get('a')?.packages ?? [];
    expect(packages.map(({ name, versions }) => [name, versions.map((one) => one.version)])).toEqual([
      ['y', ['9', '10']],
      ['z', []],
    ]);
  });

  it.each([
    ['', 'JSON'],
    ['{"registries":{}', 'JSON'],
    ['[]', 'it is no object'],
    ['{"registries":[]}', 'registries is no object'],
    ['{"registries":{"ops":5}}', 'registry ops is no object'],
    ['{"registries":{"ops":{"admins":"x"}}}', 'the admins of ops are no list'],
    ['{"registries":{"ops":{"description":5}}}', 'the description of ops is no text'],
    ['{"registries":{"ops":{"packages":{"a":{"versions":{"1":{"startPartition":1.5}}}}}}}', 'is no whole number'],
  ])('is refused, and so never written over: %j', (text, why) => {
    const read = () => parseDocument(Buffer.from(text));
    expect(read).toThrow(DocumentUnreadable);
    expect(read).toThrow(why);
  });

  it('is refused where it is no UTF-8', () => {
    expect(() => parseDocument(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))).toThrow('it is no UTF-8');
  });
});
