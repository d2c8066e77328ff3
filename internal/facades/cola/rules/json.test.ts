import { describe, expect, it } from '@jest/globals';
import type { Registry, Version } from '../store.ts';
import { listedVersions, renderIndex } from './index-json.ts';
import { registryJson } from './json.ts';
import { findOverlap, overlaps } from './partitions.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const urlOf = (version: Version): string => (version.source.kind === 'url' ? version.source.url : 'https://here/blob');

const version = (name: string, number: string, more: Partial<Version> = {}): Version => ({
  name,
  version: number,
  checksum: HEX,
  source: { kind: 'url', url: `https://dl.example.org/${name}-${number}.pkg` },
  startPartition: 0,
  endPartition: 9,
  createdMs: undefined,
  sizeBytes: undefined,
  digest: undefined,
  isInstallable: undefined,
  warnings: [],
  isListed: true,
  ...more,
});

const registry = (...versions: Version[]): Registry => ({
  name: 'ops',
  description: 'Operations tools',
  people: ['lead@example.org'],
  customValues: new Map([
    ['10', 'x'],
    ['tier', 'gold'],
    ['2', 'y'],
  ]),
  packages: [{ name: 'rollback', description: '', people: [], customValues: new Map(), versions }],
});

describe('JSON of the COLA API', () => {
  it('has the fields in their order, and versions in theirs, numbers or not', () => {
    const json = registryJson(
      registry(version('rollback', '1.0.0'), version('rollback', '2', { createdMs: 0, sizeBytes: 7 })),
      urlOf,
    );
    const entry = (number: string): string =>
      `"name":"rollback","version":"${number}","checksum":"${HEX}","url":"https://dl.example.org/rollback-${number}.pkg","startPartition":0,"endPartition":9`;
    expect(json).toBe(
      '{"name":"ops","description":"Operations tools","admins":["lead@example.org"],"custom_values":{"10":"x","tier":"gold","2":"y"},' +
        '"packages":{"rollback":{"name":"rollback","description":"","versions":{' +
        `"1.0.0":{${entry('1.0.0')},"created_at":null,"size":null,"digest":null,"source":"url","installable":null,"warnings":[]},` +
        `"2":{${entry('2')},"created_at":"1970-01-01T00:00:00.000Z","size":7,"digest":null,"source":"url","installable":null,"warnings":[]}` +
        '},"version_count":2}},"package_count":1}',
    );
  });
});

describe('index.json', () => {
  it('is an empty list where there is nothing', () => {
    expect(renderIndex([], urlOf)).toBe('[]');
  });

  it('holds what is listed, with exactly six fields an entry', () => {
    const listed = listedVersions(
      registry(version('rollback', '1.0.0'), version('rollback', '2', { isListed: false })),
    );
    const entries = JSON.parse(renderIndex(listed, urlOf)) as object[];
    expect(entries.map((entry) => Object.keys(entry))).toEqual([
      ['name', 'version', 'checksum', 'url', 'startPartition', 'endPartition'],
    ]);
  });

  it('shows one partition alone, and checksums with their algorithm, to who asks for it', () => {
    const versions = [version('a', '1', { endPartition: 3 }), version('a', '2', { startPartition: 4 })];
    expect(JSON.parse(renderIndex(versions, urlOf, { partition: 4, isPrefixed: true }))).toMatchObject([
      { version: '2', checksum: `sha256:${HEX}` },
    ]);
  });
});

describe('partitions', () => {
  it.each([
    [0, 3, 4, 9, false],
    [0, 4, 4, 9, true],
    [0, 9, 2, 3, true],
    [9, 0, 0, 9, false],
    [0, 9, 9, 0, false],
  ])('%i-%i and %i-%i overlap: %s', (a, b, c, d, expected) => {
    const [one, other] = [
      { startPartition: a, endPartition: b },
      { startPartition: c, endPartition: d },
    ];
    expect(overlaps(one, other)).toBe(expected);
    expect(findOverlap(one, [other])).toBe(expected ? other : undefined);
  });
});
