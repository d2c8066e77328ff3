import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CatalogError, openCatalog, type Catalog } from '../catalog/index.ts';
import { createLimit } from './limit.ts';
import { shareLimits } from './limit-sharing.ts';

const MINUTE = 60_000;

describe('limits that processes share', () => {
  const clock = { nowMs: 0 };
  let catalog: Catalog;
  let run: jest.SpiedFunction<Catalog['run']>;
  beforeEach(async () => {
    clock.nowMs = 1000 * MINUTE;
    catalog = await openCatalog({ 'catalog.type': 'sqlite' } as never, { path: '', durability: 'os', memory: true });
    run = jest.spyOn(catalog, 'run');
  });
  const closers: (() => void)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) close();
    await catalog.close();
  });

  function openProcess(points = 80) {
    const limit = createLimit({ name: 'x', points, windowMs: MINUTE, isShared: true, clock: () => clock.nowMs });
    const sharing = shareLimits({ limits: [limit], catalog, clock: () => clock.nowMs });
    closers.push(() => sharing.close());
    const take = async (key: string, count: number): Promise<number> => {
      let passed = 0;
      for (let turn = 0; turn < count; turn += 1) if ((await limit.take(key)) === 0) passed += 1;
      return passed;
    };
    return { limit, sharing, take };
  }

  it('count together what passed in each of them', async () => {
    const [one, two, three] = [openProcess(), openProcess(), openProcess()];
    expect(await one.take('a', 30)).toBe(30);
    expect(await two.take('a', 30)).toBe(30);
    for (const { sharing } of [one, two, one]) await sharing.exchange();
    expect(await two.take('a', 100)).toBe(20);
    await two.sharing.exchange();
    expect(await three.take('a', 10)).toBe(10);
    await three.sharing.exchange();
    expect(await three.take('a', 10)).toBe(0);
  });

  it('are never beyond the limit by more than passed since the last exchange, and an eighth for each process', async () => {
    const processes = Array.from({ length: 4 }, () => openProcess());
    let passed = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      for (const { take, sharing } of processes) {
        passed += await take('a', 2);
        await sharing.exchange();
      }
    }
    expect(passed).toBeGreaterThanOrEqual(80);
    expect(passed).toBeLessThanOrEqual(80 + 4 * 10 + 4 * 2);
  });

  it('write nothing for a request, and nothing at all of who does little', async () => {
    const { take, sharing } = openProcess();
    await take('a', 9);
    await sharing.exchange();
    expect(run).not.toHaveBeenCalled();
    await take('a', 1);
    await take('b', 70);
    await sharing.exchange();
    await sharing.exchange();
    expect(run).toHaveBeenCalledTimes(1);
    expect(run.mock.calls[0]?.[1]).toMatchObject({ shares: [{ add: 10 }, { add: 70 }] });
  });

  it('do not tell the catalog whom they are about', async () => {
    const { take, sharing } = openProcess();
    await take('user:alice', 20);
    await sharing.exchange();
    expect(JSON.stringify(run.mock.calls)).not.toContain('alice');
  });

  it('go on alone while the catalog is away, and exchange again when it is back', async () => {
    const [one, two] = [openProcess(), openProcess()];
    run.mockRejectedValueOnce(new CatalogError('busy', 'away'));
    await one.take('a', 40);
    await one.sharing.exchange();
    await one.take('a', 1);
    await one.sharing.exchange();
    await two.take('a', 10);
    await two.sharing.exchange();
    expect(await two.take('a', 100)).toBe(80 - 41 - 10);
  });

  it('begin anew with each span of time', async () => {
    const { take, sharing } = openProcess();
    await take('a', 40);
    await sharing.exchange();
    clock.nowMs += MINUTE;
    await take('a', 20);
    await sharing.exchange();
    expect(run.mock.calls.map(([, args]) => args)).toMatchObject([
      { shares: [{ endsMs: 1001 * MINUTE, add: 40 }] },
      { shares: [{ endsMs: 1002 * MINUTE, add: 20 }] },
    ]);
  });
});
