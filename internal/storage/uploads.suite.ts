import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, type Digest, type UploadId } from '../../pkg/oci/index.ts';
import { createBlobStore } from './blobs.ts';
import type { Driver, Staging } from './driver.ts';
import {
  bodyOf,
  brokenBodyOf,
  bytesOf,
  failureIn,
  newUploadId,
  readAll,
  readOnce,
  type TestedDriver,
} from './fixtures.suite.ts';
import { HashStates } from './hash-states.ts';
import { HashThreads } from './hashing.ts';
import { BLOBS, UPLOADS } from './layout.ts';
import { SlotPool } from './slots.ts';
import { StorageError, type AppendOptions, type UploadManager, type UploadPosition } from './types.ts';
import { createUploadManager } from './uploads.ts';

const MIB = 1024 * 1024;
const HELLO = Buffer.from('helloworld');
const LARGE = bytesOf(3 * MIB + 5);
const OPTIONS: AppendOptions = { algorithm: 'sha256', sync: true };
const START = { offsetBytes: 0 };

/** An earlier offset of an upload that went on, as a request knows it that did not hear of that. */
const within = ({ state }: UploadPosition, offsetBytes: number): UploadPosition => ({
  offsetBytes,
  ...(state !== undefined && { state }),
});

/** What the UploadManager keeps over any driver. */
export function describeUploads(name: string, open: () => Promise<TestedDriver>): void {
  let tested: TestedDriver;
  let driver: Driver;

  describe(`Uploads contract: ${name}`, () => {
    let id: UploadId;
    let threads: HashThreads;
    let slots: SlotPool;
    let rereads: number;
    let nowMs: number;
    let uploads: UploadManager;
    let managers: UploadManager[];
    const slotPool = (limit: number): SlotPool => new SlotPool(limit, () => Buffer.from(new SharedArrayBuffer(MIB)));
    const manager = (staging: Partial<Staging> = {}, stateLimit = 16): UploadManager => {
      const made = createUploadManager({
        driver: {
          objects: driver.objects,
          staging: {
            ...driver.staging,
            open: (...args) => {
              rereads += 1;
              return driver.staging.open(...args);
            },
            ...staging,
          },
        },
        threads,
        slots,
        states: new HashStates(stateLimit),
        clock: () => nowMs,
      });
      managers.push(made);
      return made;
    };
    const stored = (digest: Digest): Promise<Buffer | undefined> =>
      readOnce(createBlobStore(driver.objects).open(digest));

    beforeEach(async () => {
      tested = await open();
      driver = tested.driver;
      id = newUploadId();
      managers = [];
      threads = new HashThreads(1);
      slots = slotPool(4);
      rereads = 0;
      nowMs = 0;
      uploads = manager();
    });
    afterEach(async () => {
      for (const made of managers) await made.discard(id);
      const left: string[] = [];
      for await (const upload of uploads.list()) left.push(upload.id);
      const inUse = { slots: slots.inUse, hashes: threads.inUse };
      await threads.close();
      left.push(...(await tested.end()));
      expect({ left, ...inUse }).toEqual({ left: [], slots: 0, hashes: 0 });
    });

    const sizes = [0, 1, 10, 65_536, 262_144, 262_145, MIB, MIB + 1, 3 * MIB + 5];
    it.each(sizes.flatMap((size) => [[size, 'announced'] as const, [size, 'not announced'] as const]))(
      'takes a body of %d bytes, %s, and publishes it',
      async (size, how) => {
        const bytes = LARGE.subarray(0, size);
        const expected = how === 'announced' ? { expectedBytes: size } : {};
        const appended = await uploads.append(id, START, bodyOf(bytes), { ...OPTIONS, ...expected });
        expect(appended).toMatchObject({ kind: 'complete', position: { offsetBytes: size, digest: digestOf(bytes) } });
        await uploads.publish(id, appended.position, digestOf(bytes));
        expect((await stored(digestOf(bytes)))?.equals(bytes)).toBe(true);
      },
    );

    it.each([
      ['more', 10],
      ['less', 2 * MIB],
      ['much more than a small one', 262_144],
    ])('stays right where %s came than was announced', async (_, expectedBytes) => {
      const bytes = LARGE.subarray(0, MIB + 7);
      const { position } = await uploads.append(id, START, bodyOf(bytes), { ...OPTIONS, expectedBytes });
      expect(position).toMatchObject({ offsetBytes: bytes.length, digest: digestOf(bytes) });
    });

    it('computes sha512 too', async () => {
      for (const bytes of [HELLO, LARGE]) {
        const { position } = await uploads.append(id, START, bodyOf(bytes), { algorithm: 'sha512', sync: false });
        expect(position.digest).toBe(digestOf(bytes, 'sha512'));
      }
    });

    it('takes a body that comes in single bytes', async () => {
      const bytes = LARGE.subarray(0, 20_000);
      const { position } = await uploads.append(id, START, bodyOf(bytes, 1), OPTIONS);
      expect(position).toMatchObject({ offsetBytes: 20_000, digest: digestOf(bytes) });
    });

    it('takes a chunk that is larger than a slot', async () => {
      for (const limit of [4, 0]) {
        slots = slotPool(limit);
        const { position } = await manager().append(id, START, bodyOf(LARGE, LARGE.length), OPTIONS);
        expect(position.digest).toBe(digestOf(LARGE));
      }
    });

    it.each([0, 1, 2])('needs no more than %d slots, and waits for none', async (limit) => {
      slots = slotPool(limit);
      const { position } = await manager().append(id, START, bodyOf(LARGE), OPTIONS);
      expect(position.digest).toBe(digestOf(LARGE));
    });

    const parts = [
      [HELLO, HELLO],
      [LARGE, LARGE],
      [LARGE, HELLO, LARGE],
      [HELLO, LARGE, HELLO],
    ].map((bodies) => ({ bodies, named: bodies.map((body) => (body === HELLO ? 'small' : 'large')).join(', ') }));

    it.each(parts)('goes on with the hash over several appends: $named', async ({ bodies }) => {
      let position = START;
      for (const body of bodies) ({ position } = await uploads.append(id, position, bodyOf(body), OPTIONS));
      expect(position).toMatchObject({
        offsetBytes: Buffer.concat(bodies).length,
        digest: digestOf(Buffer.concat(bodies)),
      });
      expect(rereads).toBe(bodies[0] === HELLO && bodies[1] === LARGE ? 1 : 0);
    });

    it.each(parts)('reads what is stored once where the hash is not at hand: $named', async ({ bodies }) => {
      const forgetful = manager({}, 0);
      let position = START;
      for (const body of bodies) ({ position } = await forgetful.append(id, position, bodyOf(body), OPTIONS));
      const whole = Buffer.concat(bodies);
      expect(await forgetful.digest(id, position, 'sha256')).toBe(digestOf(whole));
      expect(rereads).toBe(1);
    });

    it('knows the digest of a position without reading, where it says it', async () => {
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      expect(await manager().digest(id, position, 'sha256')).toBe(digestOf(LARGE));
      expect(rereads).toBe(0);
      expect(await uploads.digest(id, { offsetBytes: position.offsetBytes }, 'sha256')).toBe(digestOf(LARGE));
      expect(rereads).toBe(0);
      expect(await uploads.digest(id, position, 'sha512')).toBe(digestOf(LARGE, 'sha512'));
      expect(rereads).toBe(1);
      expect(await uploads.digest(id, START, 'sha512')).toBe(digestOf(Buffer.alloc(0), 'sha512'));
    });

    it('does not forget the digest when a body brings nothing', async () => {
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      const elsewhere = await manager().append(id, position, bodyOf(Buffer.alloc(0)), OPTIONS);
      expect(elsewhere).toEqual({ kind: 'complete', position });
      expect(rereads).toBe(0);
    });

    it('discards what lies past the position, and its hash with it', async () => {
      const whole = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      const { position } = await uploads.append(id, within(whole.position, 5), bodyOf(Buffer.from(' you')), OPTIONS);
      const expected = LARGE.subarray(0, 5).toString('latin1') + ' you';
      expect(await uploads.digest(id, position, 'sha256')).toBe(digestOf(Buffer.from(expected, 'latin1')));
    });

    it.each([
      ['small', HELLO],
      ['large', LARGE],
    ])('keeps what came of a %s body that breaks off, and goes on from there', async (_, bytes) => {
      const cause = new Error('reset');
      const broken = await uploads.append(id, START, brokenBodyOf(bytes, cause), OPTIONS);
      const position = { offsetBytes: bytes.length, digest: digestOf(bytes) };
      expect(broken).toMatchObject({ kind: 'broken', position, cause });
      const whole = Buffer.concat([bytes, HELLO]);
      expect(await uploads.append(id, broken.position, bodyOf(HELLO), OPTIONS)).toMatchObject({
        kind: 'complete',
        position: { offsetBytes: whole.length, digest: digestOf(whole) },
      });
      expect(rereads).toBe(0);
    });

    it.each([
      ['small', HELLO],
      ['large', LARGE],
    ])('writes no more of a %s body once the signal aborts', async (_, bytes) => {
      const controller = new AbortController();
      async function* body(): AsyncGenerator<Uint8Array> {
        yield* bodyOf(bytes);
        controller.abort('claim lost');
        await new Promise(() => undefined);
      }
      const options = { ...OPTIONS, signal: controller.signal };
      const appended = await uploads.append(id, START, body(), options);
      const written = bytes === HELLO ? 0 : 3 * MIB;
      const position = { offsetBytes: written, digest: digestOf(bytes.subarray(0, written)) };
      expect(appended).toMatchObject({ kind: 'broken', cause: 'claim lost', position });
    });

    it('stops an earlier append to the same upload before the next one writes', async () => {
      const received = Promise.withResolvers<void>();
      async function* stalled(): AsyncGenerator<Uint8Array> {
        yield* bodyOf(bytesOf(2 * MIB + 5, 'stalled'));
        received.resolve();
        await new Promise(() => undefined);
      }
      const earlier = uploads.append(id, START, stalled(), OPTIONS);
      const failure = failureIn(earlier);
      await received.promise;
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      expect(await failure).toMatchObject({ name: 'StorageError', failure: 'busy' });
      await uploads.publish(id, position, digestOf(LARGE));
      expect((await stored(digestOf(LARGE)))?.equals(LARGE)).toBe(true);
    });

    it('stops an append to an upload that is discarded', async () => {
      const started = Promise.withResolvers<void>();
      async function* stalled(): AsyncGenerator<Uint8Array> {
        yield HELLO;
        started.resolve();
        await new Promise(() => undefined);
      }
      const failure = failureIn(uploads.append(id, START, stalled(), OPTIONS));
      await started.promise;
      await uploads.discard(id);
      expect(await failure).toMatchObject({ name: 'StorageError', failure: 'busy' });
    });

    it('takes the same content from several clients at once', async () => {
      const ids = Array.from({ length: 8 }, newUploadId);
      await Promise.all(
        ids.map(async (each) => {
          const { position } = await uploads.append(each, START, bodyOf(LARGE), OPTIONS);
          expect(position.digest).toBe(digestOf(LARGE));
          await uploads.publish(each, position, digestOf(LARGE));
          await uploads.discard(each);
        }),
      );
      expect((await stored(digestOf(LARGE)))?.equals(LARGE)).toBe(true);
    });

    it('publishes twice, and leaves that alone when the upload goes on', async () => {
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      await uploads.publish(id, position, digestOf(LARGE));
      await uploads.publish(id, position, digestOf(LARGE));
      await uploads.append(id, within(position, 5), bodyOf(HELLO), OPTIONS);
      expect((await stored(digestOf(LARGE)))?.equals(LARGE)).toBe(true);
    });

    it.each([
      ['small', HELLO],
      ['large', LARGE],
    ])('takes a %s body straight to its destination, and shows it there once published', async (_, bytes) => {
      const options = { ...OPTIONS, sync: false, expectedBytes: bytes.length, destination: digestOf(bytes) };
      const { position } = await uploads.append(id, START, bodyOf(bytes), options);
      expect(await stored(digestOf(bytes))).toBeUndefined();
      await uploads.publish(id, position, digestOf(bytes));
      expect((await stored(digestOf(bytes)))?.equals(bytes)).toBe(true);
    });

    it('writes nothing of a small body that goes to a destination before it is published, and nothing twice', async () => {
      const options = { ...OPTIONS, sync: false, destination: digestOf(HELLO) };
      const { kind, position } = await uploads.append(id, START, bodyOf(HELLO), options);
      expect({ kind, position }).toEqual({
        kind: 'complete',
        position: { offsetBytes: HELLO.length, digest: digestOf(HELLO), bytes: HELLO },
      });
      const keys = async (): Promise<readonly string[]> => {
        const found: string[] = [];
        for (const prefix of [UPLOADS, BLOBS]) for await (const { key } of driver.objects.list(prefix)) found.push(key);
        return found;
      };
      expect(await keys()).toEqual([]);
      await uploads.publish(id, position, digestOf(HELLO));
      await uploads.publish(id, position, digestOf(HELLO), { replace: true });
      expect(await keys()).toHaveLength(1);
      expect(await stored(digestOf(HELLO))).toEqual(HELLO);
    });

    it('keeps nothing of a small body that was to go to a destination and broke off', async () => {
      const options = { ...OPTIONS, sync: false, expectedBytes: 20, destination: digestOf(HELLO) };
      const broken = await uploads.append(id, START, brokenBodyOf(HELLO, new Error('reset')), options);
      expect(broken).toMatchObject({ kind: 'broken', position: START, cause: { message: 'reset' } });
    });

    it('shows nothing of a body that was to go to a destination and broke off', async () => {
      const options = { ...OPTIONS, sync: false, expectedBytes: LARGE.length + 1, destination: digestOf(LARGE) };
      const broken = await uploads.append(id, START, brokenBodyOf(LARGE, new Error('reset')), options);
      expect(broken.kind).toBe('broken');
      expect(await stored(digestOf(LARGE))).toBeUndefined();
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      await uploads.publish(id, position, digestOf(LARGE));
      expect((await stored(digestOf(LARGE)))?.equals(LARGE)).toBe(true);
    });

    it('sweeps nothing of an upload that goes on', async () => {
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      expect(await uploads.sweep(Number.MAX_SAFE_INTEGER)).toBe(0);
      await uploads.publish(id, position, digestOf(LARGE));
    });

    it('publishes over content of the wrong size', async () => {
      await createBlobStore(driver.objects).put(digestOf(LARGE), HELLO);
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      await uploads.publish(id, position, digestOf(LARGE));
      expect((await stored(digestOf(LARGE)))?.equals(LARGE)).toBe(true);
    });

    it.each([
      ['in pieces', {}],
      ['straight', { sync: false, expectedBytes: LARGE.length, destination: digestOf(LARGE) }],
    ])('publishes %s over content of the right size that is wrong, where it is to be replaced', async (_, more) => {
      const wrong = Buffer.from(LARGE);
      wrong[LARGE.length - 1]! ^= 1;
      await createBlobStore(driver.objects).put(digestOf(LARGE), wrong);
      const { position } = await uploads.append(id, START, bodyOf(LARGE), { ...OPTIONS, ...more });
      for (let times = 0; times < 2; times += 1) {
        await uploads.publish(id, position, digestOf(LARGE), { replace: true });
        expect((await stored(digestOf(LARGE)))?.equals(LARGE)).toBe(true);
      }
    });

    it('publishes the empty blob of an upload that never had a byte', async () => {
      const empty = Buffer.alloc(0);
      await uploads.publish(id, START, digestOf(empty));
      expect(await stored(digestOf(empty))).toEqual(empty);
    });

    it('lists uploads, each once, and forgets one that is discarded', async () => {
      const ids = [newUploadId(), newUploadId()];
      for (const each of ids) await uploads.append(each, START, bodyOf(HELLO), OPTIONS);
      const listed: string[] = [];
      for await (const upload of uploads.list()) listed.push(upload.id);
      expect(listed.toSorted()).toEqual(ids.toSorted());
      for (const each of ids) await uploads.discard(each);
      await uploads.discard(ids[0]!);
    });

    it('fails as the driver fails, tells the body, and goes on afterwards', async () => {
      let returned = 0;
      const failing = manager({
        grow: async (...args) => {
          const growing = await driver.staging.grow(...args);
          let written = 0;
          const write = async (chunk: Uint8Array): Promise<void> => {
            written += 1;
            if (written === 2) throw new StorageError('full', 'no room');
            return growing.write(chunk);
          };
          return { ...growing, write };
        },
      });
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield HELLO.subarray(0, 5000);
        } finally {
          returned += 1;
        }
      }
      await expect(failing.append(id, START, endless(), OPTIONS)).rejects.toMatchObject({ failure: 'full' });
      expect(returned).toBe(1);
      const { position } = await failing.append(id, START, bodyOf(HELLO), OPTIONS);
      expect(position).toMatchObject({ offsetBytes: 10, digest: digestOf(HELLO) });
    });

    it('fails where the hash thread ends, and the next append starts another', async () => {
      async function* body(): AsyncGenerator<Uint8Array> {
        yield* bodyOf(LARGE);
        await threads.close();
        yield* bodyOf(LARGE);
      }
      await expect(uploads.append(id, START, body(), OPTIONS)).rejects.toMatchObject({ failure: 'broken' });
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      expect(position.digest).toBe(digestOf(LARGE));
      await threads.close();
      expect(await uploads.digest(id, within(position, LARGE.length), 'sha256')).toBe(digestOf(LARGE));
    });

    it('does not digest an upload whose bytes are gone', async () => {
      await expect(uploads.digest(id, { offsetBytes: 5 }, 'sha256')).rejects.toMatchObject({ failure: 'broken' });
    });

    it('lets what was published be read while it is uploaded again', async () => {
      const { position } = await uploads.append(id, START, bodyOf(LARGE), OPTIONS);
      await uploads.publish(id, position, digestOf(LARGE));
      const content = await createBlobStore(driver.objects).open(digestOf(LARGE));
      const again = newUploadId();
      const [whole, other] = await Promise.all([
        readAll(content!),
        uploads.append(again, START, bodyOf(LARGE), OPTIONS),
      ]);
      await uploads.publish(again, other.position, digestOf(LARGE));
      await uploads.discard(again);
      await content?.close();
      expect(whole.equals(LARGE)).toBe(true);
    });
  });
}
