import { describe, expect, it } from '@jest/globals';
import { CatalogError, type Catalog, type CommandName } from '../catalog/index.ts';
import { createDiskGuard, findMinFree } from '../registry/index.ts';
import { parseBytes } from '../config/index.ts';
import { spareDeletes } from './sparing-catalog.ts';

describe('storage.min_free', () => {
  it.each([
    ['2%', { kind: 'share', percent: 2 }],
    ['0.5%', { kind: 'share', percent: 0.5 }],
    ['1MiB', { kind: 'bytes', bytes: 1024 * 1024 }],
    ['100', { kind: 'bytes', bytes: 100 }],
    ['much', undefined],
  ])('reads %s', (text, expected) => {
    expect(findMinFree(text, parseBytes)).toEqual(expected);
  });

  it('lets come in what is more than is to stay free', async () => {
    const clock = { nowMs: 0 };
    let [freeBytes, reserved] = [100, 0];
    const guard = createDiskGuard({
      space: {
        free: async () => ({ freeBytes, totalBytes: 1000, reservedBytes: reserved }),
        keepReserve: async (sizeBytes) => void (reserved = sizeBytes),
        releaseReserve: async () => reserved > 0,
      },
      minFree: { kind: 'share', percent: 5 },
      reserveBytes: 20,
      clock: () => clock.nowMs,
    });
    const fits = async (bytes: number): Promise<boolean> => {
      const hold = await guard.hold();
      return hold.take(bytes).then(
        () => (hold.release(), true),
        () => false,
      );
    };
    expect([await fits(31), await fits(30)]).toEqual([false, true]);
    await guard.keepReserve();
    expect(reserved).toBe(20);
    freeBytes = 60;
    clock.nowMs += 1000;
    expect([await fits(11), await fits(10)]).toEqual([false, true]);
    freeBytes = 50;
    clock.nowMs += 1000;
    await expect(guard.hold()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(await guard.isLow()).toBe(true);
    // The reserve was given: it is no room for uploads, and held back again when there is enough for that.
    [freeBytes, reserved] = [70, 0];
    clock.nowMs += 1000;
    await guard.keepReserve();
    expect(await guard.isLow()).toBe(true);
    expect(reserved).toBe(0);
    freeBytes = 71;
    clock.nowMs += 1000;
    await guard.keepReserve();
    expect(reserved).toBe(20);
  });
});

describe('a catalog on a full disk', () => {
  const full = new CatalogError('full', 'no room');
  /** Has no room until the reserve is given. */
  function fullCatalog() {
    const state = { hasReserve: true, isFull: true, runs: 0 };
    const catalog = {
      run: async () => {
        state.runs += 1;
        if (state.isFull) throw full;
        return { kind: 'deleted' };
      },
    } as unknown as Catalog;
    const spared = spareDeletes(catalog, async () => {
      const had = state.hasReserve;
      state.hasReserve = false;
      state.isFull = !had;
      return had;
    });
    return { state, run: (name: CommandName) => spared.run(name, {} as never) };
  }

  it('is given the reserve for a delete, once', async () => {
    const { state, run } = fullCatalog();
    expect(await run('deleteManifest')).toEqual({ kind: 'deleted' });
    state.isFull = true;
    await expect(run('deleteManifest')).rejects.toBe(full);
  });

  it('is not given it for anything that adds', async () => {
    const { state, run } = fullCatalog();
    await expect(run('putManifest')).rejects.toBe(full);
    expect(state).toMatchObject({ hasReserve: true, runs: 1 });
  });
});
