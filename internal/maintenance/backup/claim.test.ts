import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { backupNameAt } from '../../storage/index.ts';
import { claimTarget } from './claim.ts';
import { openBackupRig, type BackupRig } from './fixtures.suite.ts';

const NAME = backupNameAt(0);
const LATER = backupNameAt(3_600_000);
const MINUTE = 60_000;

describe('the claim of a target', () => {
  let rig: BackupRig;
  beforeEach(async () => {
    rig = await openBackupRig();
    jest.useFakeTimers({ now: 0, doNotFake: ['setImmediate', 'nextTick'] });
  });
  afterEach(async () => {
    jest.useRealTimers();
    await rig.close();
  });
  const claim = (name = NAME, registry = 'mine') =>
    claimTarget({ files: rig.target.backups, name, registry, clock: Date.now });

  it('holds for as long as its holder lives, however long that works', async () => {
    const mine = await claim();
    await jest.advanceTimersByTimeAsync(60 * MINUTE);
    await expect(claim(LATER, 'another')).rejects.toMatchObject({ failure: 'busy' });
    await mine.check();
    expect(mine.lost.aborted).toBe(false);
    await mine.end();
    await (await claim(LATER, 'another')).end();
  });

  it('passes on when its holder is silent, which hears of that', async () => {
    const mine = await claim();
    jest.setSystemTime(11 * MINUTE); // it stood still
    const other = await claim(LATER, 'another');
    await expect(mine.check()).rejects.toMatchObject({ failure: 'busy' });
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(mine.lost.aborted).toBe(true);
    await other.check();
    await Promise.all([mine.end(), other.end()]);
  });

  it('of the same registry is over when that begins anew', async () => {
    const killed = await claim();
    await rig.target.backups.put(NAME, 'dump', Buffer.from('half'));
    const mine = await claim(LATER);
    expect(await rig.target.backups.read(NAME, 'dump')).toBeUndefined();
    await expect(killed.check()).rejects.toMatchObject({ failure: 'busy' });
    await Promise.all([killed.end(), mine.end()]);
  });

  it('outlives a target that is away for a moment', async () => {
    const { backups } = rig.target;
    let away = false;
    const files = {
      ...backups,
      put: (...args: Parameters<typeof backups.put>) =>
        away ? Promise.reject(new Error('away')) : backups.put(...args),
    };
    const mine = await claimTarget({ files, name: NAME, registry: 'mine', clock: Date.now });
    away = true;
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    expect(mine.lost.aborted).toBe(false);
    away = false;
    await jest.advanceTimersByTimeAsync(20 * MINUTE);
    await expect(claim(LATER, 'another')).rejects.toMatchObject({ failure: 'busy' });
    await mine.end();
  });
});
