import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Origin } from '../../registry/index.ts';
import type { ColaStore, Described, NewVersion } from './store.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const BY: Origin = { principal: 'user:alice', address: '192.0.2.1', requestId: 'request' };
const NOTHING: Described = { description: '', people: [], customValues: new Map() };
const FIELDS: Described = { description: 'd', people: ['a'], customValues: new Map([['k', 'v']]) };

const version = (number: string, more: Partial<NewVersion> = {}): NewVersion => ({
  version: number,
  checksum: HEX,
  url: `https://dl.example.org/tool-${number}.pkg`,
  startPartition: 0,
  endPartition: 9,
  ...more,
});

export interface OpenedStore {
  readonly store: ColaStore;
  close(): Promise<void>;
}

/** What the routes rely on, whatever registries are kept in. */
export function describeColaStore(
  name: string,
  open: (rules: { readonly refusesOverlaps: boolean }) => Promise<OpenedStore>,
): void {
  describe(`COLA's store: ${name}`, () => {
    let opened: OpenedStore;
    let store: ColaStore;
    beforeEach(async () => {
      opened = await open({ refusesOverlaps: false });
      ({ store } = opened);
    });
    afterEach(() => opened.close());

    async function makePackage(registry = 'ops', packageName = 'tool'): Promise<void> {
      await store.createRegistry(BY, registry, NOTHING);
      await store.createPackage(BY, registry, packageName, NOTHING);
    }

    it('is empty at first, and has no index of what is not there', async () => {
      expect(await store.listRegistries()).toEqual([]);
      expect(await store.getRegistryIndex('ops')).toBeUndefined();
      await expect(store.check()).resolves.toBeUndefined();
    });

    it('keeps what is said of registries and packages, by name', async () => {
      await store.createRegistry(BY, 'web', NOTHING);
      const made = await store.createRegistry(BY, 'ops', FIELDS);
      expect(made).toEqual({ kind: 'created', value: { name: 'ops', ...FIELDS, packages: [] } });
      await store.createPackage(BY, 'ops', 'b', NOTHING);
      expect(await store.createPackage(BY, 'ops', 'a', FIELDS)).toMatchObject({
        kind: 'created',
        value: { name: 'a', ...FIELDS },
      });
      const registries = await store.listRegistries();
      expect(registries.map((registry) => [registry.name, registry.packages.map((one) => one.name)])).toEqual([
        ['ops', ['a', 'b']],
        ['web', []],
      ]);
      expect(await store.getRegistry('ops')).toEqual({ kind: 'found', value: registries[0] });
      expect(await store.listPackages('ops')).toEqual({ kind: 'found', value: registries[0]?.packages });
      expect(await store.getPackage('ops', 'a')).toEqual({
        kind: 'found',
        value: { name: 'a', ...FIELDS, versions: [] },
      });
    });

    it('makes nothing twice', async () => {
      await makePackage();
      expect(await store.createRegistry(BY, 'ops', FIELDS)).toEqual({ kind: 'exists' });
      expect(await store.createPackage(BY, 'ops', 'tool', FIELDS)).toEqual({ kind: 'exists' });
      const all = await Promise.all(
        Array.from({ length: 5 }, () => store.createVersion(BY, 'ops', 'tool', version('1.0.0'))),
      );
      expect(all.map(({ kind }) => kind).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
        'created',
        'exists',
        'exists',
        'exists',
        'exists',
      ]);
      const other = version('1.0.0', { url: 'https://elsewhere.example.org/x' });
      expect(await store.createVersion(BY, 'ops', 'tool', other)).toEqual({ kind: 'exists' });
      expect(await store.getVersion('ops', 'tool', '1.0.0')).toMatchObject({
        value: { source: { url: version('1.0.0').url } },
      });
    });

    it('names the outermost thing that is not there', async () => {
      await makePackage();
      const absent = (what: string) => ({ kind: 'absent', what });
      expect(await store.getRegistry('none')).toEqual(absent('registry'));
      expect(await store.listPackages('none')).toEqual(absent('registry'));
      expect(await store.getPackage('none', 'tool')).toEqual(absent('registry'));
      expect(await store.getPackage('ops', 'none')).toEqual(absent('package'));
      expect(await store.createPackage(BY, 'none', 'tool', NOTHING)).toEqual(absent('registry'));
      expect(await store.listVersions('ops', 'none')).toEqual(absent('package'));
      expect(await store.getVersion('none', 'tool', '1')).toEqual(absent('registry'));
      expect(await store.getVersion('ops', 'tool', '1')).toEqual(absent('version'));
      expect(await store.createVersion(BY, 'none', 'tool', version('1'))).toEqual(absent('registry'));
      expect(await store.createVersion(BY, 'ops', 'none', version('1'))).toEqual(absent('package'));
      expect(await store.updateRegistry(BY, 'none', {})).toEqual(absent('registry'));
      expect(await store.updatePackage(BY, 'ops', 'none', {})).toEqual(absent('package'));
      expect(await store.deleteRegistry(BY, 'none')).toEqual(absent('registry'));
      expect(await store.deletePackage(BY, 'ops', 'none')).toEqual(absent('package'));
      expect(await store.deleteVersion(BY, 'ops', 'tool', '1')).toEqual(absent('version'));
    });

    it('changes what is given and nothing else', async () => {
      await store.createRegistry(BY, 'ops', FIELDS);
      await store.createPackage(BY, 'ops', 'tool', FIELDS);
      await store.createVersion(BY, 'ops', 'tool', version('1'));
      const changed = await store.updateRegistry(BY, 'ops', { description: 'new' });
      expect(changed).toMatchObject({
        kind: 'updated',
        value: { ...FIELDS, description: 'new', packages: [{ name: 'tool' }] },
      });
      const cleared = await store.updatePackage(BY, 'ops', 'tool', { people: [], customValues: new Map() });
      expect(cleared).toMatchObject({
        value: { description: 'd', people: [], customValues: new Map(), versions: [{ version: '1' }] },
      });
      expect(await store.getPackage('ops', 'tool')).toEqual({
        kind: 'found',
        value: cleared.kind === 'updated' && cleared.value,
      });
    });

    it('tells versions in their order, and lists them in the index', async () => {
      await makePackage('ops', 'b');
      await store.createPackage(BY, 'ops', 'a', NOTHING);
      for (const number of ['1.10', '1.2.0', '1.0.0-rc.1+b7'])
        await store.createVersion(BY, 'ops', 'b', version(number));
      await store.createVersion(BY, 'ops', 'a', version('2', { startPartition: 3, endPartition: 255 }));
      const found = await store.listVersions('ops', 'b');
      expect(found.kind === 'found' && found.value.map((one) => one.version)).toEqual([
        '1.0.0-rc.1+b7',
        '1.2.0',
        '1.10',
      ]);
      const index = await store.getRegistryIndex('ops');
      expect(
        index?.versions.map((one) => `${one.name} ${one.version} ${one.startPartition}-${one.endPartition}`),
      ).toEqual(['a 2 3-255', 'b 1.0.0-rc.1+b7 0-9', 'b 1.2.0 0-9', 'b 1.10 0-9']);
      expect(index?.versions[0]).toMatchObject({
        checksum: HEX,
        source: { kind: 'url', url: version('2').url },
        isListed: true,
      });
    });

    it('gives the index another stamp with every change, and the same without one', async () => {
      await makePackage();
      const changes = [
        () => store.createVersion(BY, 'ops', 'tool', version('1.0.0')),
        () => store.createVersion(BY, 'ops', 'tool', version('1.0.1')),
        () => store.deleteVersion(BY, 'ops', 'tool', '1.0.0'),
        () => store.deletePackage(BY, 'ops', 'tool'),
      ];
      const stamps = [await store.indexStamp('ops')];
      for (const change of changes) {
        await change();
        stamps.push(await store.indexStamp('ops'));
        expect((await store.getRegistryIndex('ops'))?.stamp).toBe(await store.indexStamp('ops'));
      }
      expect(new Set(stamps).size).toBe(changes.length + 1);
    });

    it('wants a URL where it has not got the bytes', async () => {
      await makePackage();
      expect(await store.createVersion(BY, 'ops', 'tool', version('1', { url: undefined }))).toEqual({
        kind: 'noContent',
      });
    });

    it('takes a version again that was deleted, and deletes all of what is within', async () => {
      await makePackage();
      await store.createVersion(BY, 'ops', 'tool', version('1.0.0'));
      expect(await store.deleteVersion(BY, 'ops', 'tool', '1.0.0')).toEqual({ kind: 'deleted' });
      expect((await store.createVersion(BY, 'ops', 'tool', version('1.0.0'))).kind).toBe('created');
      expect(await store.deletePackage(BY, 'ops', 'tool')).toEqual({ kind: 'deleted' });
      expect(await store.getVersion('ops', 'tool', '1.0.0')).toEqual({ kind: 'absent', what: 'package' });
      await makePackage();
      await store.createVersion(BY, 'ops', 'tool', version('1.0.0'));
      expect(await store.deleteRegistry(BY, 'ops')).toEqual({ kind: 'deleted' });
      expect(await store.getVersion('ops', 'tool', '1.0.0')).toEqual({ kind: 'absent', what: 'registry' });
      expect(await store.listRegistries()).toEqual([]);
    });
  });

  describe(`COLA's store where partitions may not overlap: ${name}`, () => {
    it('refuses a version for some of the same, and names the other', async () => {
      const opened = await open({ refusesOverlaps: true });
      const { store } = opened;
      try {
        await store.createRegistry(BY, 'ops', NOTHING);
        await store.createPackage(BY, 'ops', 'tool', NOTHING);
        await store.createVersion(BY, 'ops', 'tool', version('1.0.0', { endPartition: 4 }));
        const clash = await store.createVersion(BY, 'ops', 'tool', version('1.1.0', { startPartition: 4 }));
        expect(clash).toEqual({ kind: 'overlap', with: '1.0.0' });
        expect(await store.createVersion(BY, 'ops', 'tool', version('1.0.0'))).toEqual({ kind: 'exists' });
        expect((await store.createVersion(BY, 'ops', 'tool', version('1.1.0', { startPartition: 5 }))).kind).toBe(
          'created',
        );
      } finally {
        await opened.close();
      }
    });
  });
}
