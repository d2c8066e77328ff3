import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../pkg/oci/index.ts';
import type { Catalog, DumpRow } from '../catalog/index.ts';
import { RowWriter } from './row-writer.ts';

const row = (count: number): DumpRow => ({
  kind: 'blob',
  digest: digestOf(Buffer.from(String(count))),
  sizeBytes: count,
  createdMs: 0,
});

/** A catalog that keeps the sizes of the batches that it is given, and works on one at a time. */
function createBatches(failAt = Infinity) {
  const batches: number[] = [];
  let isBusy = false;
  const catalog = {
    run: async (_: string, { rows }: { readonly rows: readonly DumpRow[] }) => {
      if (isBusy) throw new Error('two batches at once');
      isBusy = true;
      await new Promise(setImmediate);
      isBusy = false;
      batches.push(rows.length);
      if (batches.length === failAt) throw new Error('full');
    },
  } as unknown as Pick<Catalog, 'run'>;
  return { batches, writer: new RowWriter(catalog) };
}

describe('RowWriter', () => {
  it('writes in batches, one after the other, and the rest at the end', async () => {
    const { batches, writer } = createBatches();
    await Promise.all(Array.from({ length: 4500 }, (_, count) => writer.add(row(count))));
    await writer.flush();
    expect(batches).toEqual([2000, 2000, 500]);
  });

  it('gathers the next batch while one is written, and then has no more room', async () => {
    const ends: (() => void)[] = [];
    const run = () => new Promise<void>((resolve) => ends.push(resolve));
    const writer = new RowWriter({ run } as Pick<Catalog, 'run'>);
    const batch = Array.from({ length: 2000 }, (_, count) => row(count));
    await writer.add(...batch);
    const second = writer.add(...batch);
    let isTaken = false;
    void second.then(() => (isTaken = true));
    await new Promise(setImmediate);
    expect({ begun: ends.length, isTaken }).toEqual({ begun: 1, isTaken: false });
    ends[0]?.();
    await new Promise(setImmediate);
    ends[1]?.();
    await second;
    expect(ends).toHaveLength(2);
  });

  it('keeps rows together that come together', async () => {
    const { batches, writer } = createBatches();
    await writer.add(...Array.from({ length: 1999 }, (_, count) => row(count)));
    await writer.add(row(1), row(2), row(3));
    await writer.flush();
    expect(batches).toEqual([2002]);
  });

  it('writes nothing more after a failure, and tells of it', async () => {
    const { batches, writer } = createBatches(1);
    await writer.add(row(1));
    await expect(writer.flush()).rejects.toThrow('full');
    await writer.add(row(2));
    await expect(writer.flush()).rejects.toThrow('full');
    expect(batches).toEqual([1]);
  });
});
