import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, type Digest, type UploadId } from '../../pkg/oci/index.ts';
import { bytesOf, endClean } from '../storage/fixtures.suite.ts';
import { TIMEOUTS } from '../storage/s3/client.ts';
import { openTestedS3, type TestedS3 } from '../storage/s3/fixtures.suite.ts';
import { FAULTS, STRANGERS, startFaultProxy, type FaultProxy } from '../testing/s3/fault-proxy.ts';
import { BY, bodyOf, openRig, pullBlob, repository, type Rig } from './fixtures.suite.ts';

const REPOSITORY = repository('team/app');
/** Each is a run of its own; others do as well. */
const SEEDS = [1, 2];
const CLIENTS = 4;
const PUSHES = 6;
const FAULTY_SHARE = 0.2;
const SIZES = [10, 5000, 130_000, 300_000, 700_000];

/** The same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function* breakingOff(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  throw new Error('the client is gone');
}

const codeOf = (failure: unknown): string => String((failure as { code?: unknown }).code);

describe('two servers on one bucket of which every fifth call goes wrong', () => {
  let tested: TestedS3;
  let proxy: FaultProxy;
  let rigs: readonly [Rig, Rig];

  beforeEach(async () => {
    tested = await openTestedS3({ timeouts: { ...TIMEOUTS, callMs: 250, copyMs: 250, stallMs: 250 } });
    proxy = await startFaultProxy(tested.server.endpoint);
    const open = () => tested.openAgain({ 'storage.s3.endpoint': proxy.endpoint });
    const [first, second] = [await open(), await open()];
    const one = await openRig({ wrapDriver: () => first });
    const other = await openRig({ wrapDriver: () => second, wrapCatalog: () => one.catalog });
    rigs = [one, other];
  });
  afterEach(async () => {
    for (const rig of rigs) await rig.close();
    await proxy.close();
    await endClean(tested);
  });

  it.each(SEEDS)(
    'keep all that they acknowledged, and nothing else in the end (seed %d)',
    async (seed) => {
      const random = createRandom(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      const uploads = () => pick(rigs).registry.uploads;
      const acknowledged = new Map<Digest, Buffer>();
      const refusals: string[] = [];

      async function pushOnce(bytes: Buffer): Promise<boolean> {
        const digest = digestOf(bytes);
        const known = random() < 0.8 ? { expectedBytes: bytes.length } : {};
        const way = random();
        if (way < 0.35) {
          await uploads().putWhole(BY, REPOSITORY, digest, bodyOf(bytes, known));
          return true;
        }
        const started = await uploads().start(BY, REPOSITORY, { algorithm: 'sha256' });
        if (started.kind !== 'started') throw new Error(started.kind);
        const { id } = started;
        if (way < 0.6) return finish(id, digest, bytes, 0);
        if (way < 0.7) {
          await uploads().finish(BY, REPOSITORY, id, digestOf(Buffer.from('wrong')), bodyOf(bytes, known));
          throw new Error('a wrong digest was accepted');
        }
        if (way < 0.75) {
          await uploads().append(BY, REPOSITORY, id, {
            stream: breakingOff(bytes.subarray(0, bytes.length / 2)),
            ...known,
          });
        }
        if (way < 0.8) {
          await uploads().append(BY, REPOSITORY, id, bodyOf(bytes));
          await uploads().cancel(BY, REPOSITORY, id);
          return false;
        }
        return inChunks(id, digest, bytes);
      }

      async function inChunks(id: UploadId, digest: Digest, bytes: Buffer): Promise<boolean> {
        let at = 0;
        for (let turn = 0; turn < 20; turn += 1) {
          const end = Math.min(bytes.length, at + 1 + Math.floor(random() * bytes.length));
          if (end === bytes.length) return finish(id, digest, bytes, at);
          try {
            const done = await uploads().append(BY, REPOSITORY, id, {
              ...bodyOf(bytes.subarray(at, end)),
              range: { start: at, end: end - 1 },
            });
            at = done.offsetBytes;
          } catch (failure) {
            refusals.push(codeOf(failure));
            if (!/UNAVAILABLE|TOOMANYREQUESTS/.test(codeOf(failure))) throw failure;
            at = await uploads().status(BY, REPOSITORY, id);
          }
        }
        return false;
      }

      async function finish(id: UploadId, digest: Digest, bytes: Buffer, from: number): Promise<boolean> {
        let at = from;
        for (let turn = 0; turn < 5; turn += 1) {
          try {
            const rest = bytes.subarray(at);
            const done = await uploads().finish(
              BY,
              REPOSITORY,
              id,
              digest,
              bodyOf(rest, { expectedBytes: rest.length }),
            );
            if (done.kind === 'finished') return true;
            at = done.offsetBytes;
          } catch (failure) {
            refusals.push(codeOf(failure));
            if (!/UNAVAILABLE|TOOMANYREQUESTS/.test(codeOf(failure))) throw failure;
            at = await uploads().status(BY, REPOSITORY, id);
          }
        }
        return false;
      }

      async function client(number: number): Promise<void> {
        for (let turn = 0; turn < PUSHES; turn += 1) {
          const bytes = bytesOf(pick(SIZES), `${seed} ${random() < 0.2 ? 'shared' : number} ${turn}`);
          try {
            if (await pushOnce(bytes)) acknowledged.set(digestOf(bytes), bytes);
          } catch (failure) {
            refusals.push(codeOf(failure));
          }
        }
      }

      proxy.inject(() => (random() < FAULTY_SHARE ? pick([...FAULTS, ...STRANGERS]) : undefined));
      await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
      proxy.inject(() => undefined);

      const expected = [
        'UNAVAILABLE',
        'TOOMANYREQUESTS',
        'BLOB_UPLOAD_UNKNOWN',
        'BLOB_UPLOAD_INVALID',
        'DIGEST_INVALID',
      ];
      expect(refusals.filter((code) => !expected.includes(code))).toEqual([]);
      expect(acknowledged.size).toBeGreaterThan(PUSHES);
      for (const [digest, bytes] of acknowledged) {
        for (const rig of rigs) expect((await pullBlob(rig, 'team/app', digest)).equals(bytes)).toBe(true);
      }
      for (const rig of rigs) rig.clock.nowMs = Date.now() + 48 * 60 * 60 * 1000;
      await rigs[0].registry.chores.sweepUploads();
      for (const [name, { bytes }] of tested.server.store.objects) {
        expect([name, name.endsWith(`/${digestOf(bytes).slice('sha256:'.length)}`)]).toEqual([name, true]);
      }
      expect(tested.server.store.uploads.size).toBe(0);
    },
    120_000,
  );
});
