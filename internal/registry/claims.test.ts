import { once } from 'node:events';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import { claimUpload, type Claim, type Claimed } from './claims.ts';
import { BY, newUploadId, repository, useRig } from './fixtures.suite.ts';

const REPOSITORY = repository('team/app');
const SECOND = 1000;

/** One byte of a body arrives. */
async function byte(claim: Claim): Promise<void> {
  const guarded = claim.guard(Readable.from([Buffer.from('x')]));
  const pieces = guarded[Symbol.asyncIterator]();
  await pieces.next();
}

describe('claimUpload', () => {
  const rig = useRig();
  let id: UploadId;

  const claim = (startBytes?: number, where: RepositoryName = REPOSITORY, by = BY): Promise<Claimed> =>
    claimUpload({ catalog: rig.catalog, clock: () => rig.clock.nowMs }, by, where, id, startBytes);
  const held = async (startBytes?: number): Promise<Claim> => {
    const claimed = await claim(startBytes);
    if (claimed.kind !== 'claimed') throw new Error(`the claim is ${claimed.kind}`);
    return claimed;
  };
  const offset = async (): Promise<number | undefined> => (await rig.catalog.queries.findUpload(id))?.offsetBytes;

  beforeEach(async () => {
    id = newUploadId();
    await rig.catalog.run('createUpload', {
      by: BY,
      nowMs: rig.clock.nowMs,
      id,
      repository: REPOSITORY,
      algorithm: 'sha256',
      limitEach: 10,
      limitAll: 10,
    });
  });

  it('lets nobody else in while it is held, and tells them the durable offset', async () => {
    await (await held()).end({ offsetBytes: 7 });
    await held();
    expect(await claim()).toMatchObject({ kind: 'refused', upload: { offsetBytes: 7 } });
  });

  it('refuses bytes that start elsewhere than where the session stands', async () => {
    await (await held()).end({ offsetBytes: 7 });
    for (const start of [0, 6, 8, Number.MAX_SAFE_INTEGER]) {
      expect(await claim(start)).toMatchObject({ kind: 'refused', upload: { offsetBytes: 7 } });
    }
    expect(await claim(7)).toMatchObject({ kind: 'claimed' });
  });

  it('does not know the session in another repository, nor for another principal', async () => {
    expect(await claim(undefined, repository('team/other'))).toEqual({ kind: 'unknown' });
    expect(await claim(undefined, REPOSITORY, { ...BY, principal: 'mallory' })).toEqual({ kind: 'unknown' });
    expect(await claim()).toMatchObject({ kind: 'claimed' });
  });

  it('passes on after half a minute of silence', async () => {
    await held();
    rig.clock.nowMs += 30 * SECOND - 1;
    expect(await claim()).toMatchObject({ kind: 'refused' });
    rig.clock.nowMs += 1;
    expect(await claim()).toMatchObject({ kind: 'claimed' });
  });

  it('stays for as long as bytes move', async () => {
    const claimed = await held();
    for (let turn = 0; turn < 5; turn += 1) {
      rig.clock.nowMs += 12 * SECOND;
      await byte(claimed);
      expect(await claim()).toMatchObject({ kind: 'refused' });
    }
    expect(claimed.signal.aborted).toBe(false);
  });

  it('is renewed at intervals, not with every byte', async () => {
    let renewals = 0;
    const counting: Catalog = {
      ...rig.catalog,
      run: (name, args) => {
        if (name === 'renewUpload') renewals += 1;
        return rig.catalog.run(name, args);
      },
    };
    const deps = { catalog: counting, clock: () => rig.clock.nowMs };
    const claimed = await claimUpload(deps, BY, REPOSITORY, id);
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    for (let turn = 0; turn < 1000; turn += 1) {
      rig.clock.nowMs += 25;
      await byte(claimed);
    }
    expect(renewals).toBe(2);
  });

  it('lets no byte through that comes after a silence in which it may have passed on', async () => {
    const silent = await held();
    async function* halting(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('in time');
      rig.clock.nowMs += 25 * SECOND;
      yield Buffer.from('too late');
    }
    const passed: string[] = [];
    const reading = (async () => {
      for await (const chunk of silent.guard(halting())) passed.push(Buffer.from(chunk).toString());
    })();
    await expect(reading).rejects.toThrow('not renewed in time');
    expect(passed).toEqual(['in time']);
    expect(silent.signal.aborted).toBe(true);
  });

  it('ends as if lost where the end of the body comes after such a silence', async () => {
    const silent = await held();
    async function* halting(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('in time');
      rig.clock.nowMs += 25 * SECOND;
    }
    const pieces = silent.guard(halting())[Symbol.asyncIterator]();
    await pieces.next();
    await expect(pieces.next()).rejects.toThrow('not renewed in time');
    expect(silent.signal.aborted).toBe(true);
  });

  it('says that the claim before it lapsed, and only then', async () => {
    expect(await claim()).toMatchObject({ lapsed: false });
    rig.clock.nowMs += 31 * SECOND;
    const second = await held();
    expect(second.lapsed).toBe(true);
    await second.end({ offsetBytes: 0 });
    expect(await claim()).toMatchObject({ lapsed: false });
  });

  it('is trusted no longer than its last renewal that succeeded', async () => {
    const away: Catalog = {
      ...rig.catalog,
      run: (name, args) => (name === 'renewUpload' ? Promise.reject(new Error('away')) : rig.catalog.run(name, args)),
    };
    const claimed = await claimUpload({ catalog: away, clock: () => rig.clock.nowMs }, BY, REPOSITORY, id);
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    rig.clock.nowMs += 20 * SECOND;
    await byte(claimed);
    rig.clock.nowMs += 5 * SECOND;
    await expect(byte(claimed)).rejects.toThrow('not renewed in time');
  });

  it('tells its holder when the session is gone', async () => {
    const claimed = await held();
    await rig.catalog.run('cancelUpload', { by: BY, nowMs: rig.clock.nowMs, id, repository: REPOSITORY });
    rig.clock.nowMs += 11 * SECOND;
    const told = once(claimed.signal, 'abort');
    await byte(claimed);
    await told;
    expect(claimed.signal.reason).toEqual(new Error('the upload was cancelled, or another request took it over'));
  });

  it('cannot be ended by one who lost it: the offset is the new holder’s', async () => {
    const zombie = await held();
    rig.clock.nowMs += 31 * SECOND;
    const holder = await held();
    expect(await zombie.end({ offsetBytes: 999 })).toBe(false);
    expect(await offset()).toBe(0);
    expect(await holder.end({ offsetBytes: 5 })).toBe(true);
    expect(await zombie.end({ offsetBytes: 999 })).toBe(false);
    expect(await offset()).toBe(5);
  });

  it('ends once: a second call changes nothing and answers alike', async () => {
    const claimed = await held();
    expect(await claimed.end({ offsetBytes: 5 })).toBe(true);
    await (await held(5)).end({ offsetBytes: 9 });
    expect(await claimed.end({ offsetBytes: 5 })).toBe(true);
    expect(await offset()).toBe(9);
  });

  it('survives a renewal that fails', async () => {
    const failing: Catalog = {
      ...rig.catalog,
      run: (name, args) => (name === 'renewUpload' ? Promise.reject(new Error('away')) : rig.catalog.run(name, args)),
    };
    const claimed = await claimUpload({ catalog: failing, clock: () => rig.clock.nowMs }, BY, REPOSITORY, id);
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    rig.clock.nowMs += 11 * SECOND;
    await byte(claimed);
    expect(await claimed.end({ offsetBytes: 3 })).toBe(true);
    expect(claimed.signal.aborted).toBe(false);
  });
});
