import { TAKEOVER_MS } from '../../catalog/deletions.ts';
import type { Driver, Key, Objects, Staging } from '../../storage/driver.ts';
import { BLOBS, blobKey, findStored } from '../../storage/layout.ts';
import { openMemory } from '../../storage/memory/driver.ts';
import type { Digest } from '../../../pkg/oci/index.ts';
import { sampleOf } from './content.ts';
import type { Random } from './random.ts';
import type { Process, World } from './world.ts';

/** Storage as all processes share it. */
export class Disk {
  readonly #world: World;
  readonly #memory: Driver;
  /** Whether content of the right size stays where the same is published again, as in a bucket. */
  readonly #isBucket: boolean;
  /** The content that is in its place. */
  readonly contents = new Set<Digest>();
  /** What is not as it was pushed, or lost, through no fault of ours. */
  readonly damaged = new Set<Digest>();
  /** What ever went bad, which it does once: not again while somebody mends it. */
  readonly spoilt = new Set<Digest>();
  /** How often that changed. */
  changes = 0;

  constructor(world: World, isBucket: boolean) {
    this.#world = world;
    this.#isBucket = isBucket;
    this.#memory = openMemory({ clock: () => world.nowMs });
  }

  /** The driver of a process: each call is a step of its own. */
  openDriver(process: Process): Driver {
    const { objects, staging } = this.#memory;
    const inTurn =
      <Args extends readonly unknown[], Result>(label: string, act: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        await this.#world.turn(process, label);
        return act(...args);
      };
    const own: Objects = {
      stat: inTurn('stat', (key) => objects.stat(key)),
      open: inTurn('open', (key) => objects.open(key)),
      put: inTurn('put', (key, bytes) => this.#keep(key, objects.put(key, bytes))),
      remove: (key) => this.#remove(process, key),
      list: (prefix) => objects.list(prefix),
    };
    const growing: Staging = {
      grow: inTurn('grow', (...to) => staging.grow(...to)),
      open: inTurn('open', (...from) => staging.open(...from)),
      publish: inTurn('publish', async (from, to, sizeBytes, state, replace) => {
        const stays = this.#isBucket && !replace && (await objects.stat(to))?.sizeBytes === sizeBytes;
        if (!stays) await this.#keep(to, staging.publish(from, to, sizeBytes, state, replace));
      }),
      discard: inTurn('discard', (...what) => staging.discard(...what)),
    };
    return { ...this.#memory, objects: own, staging: growing };
  }

  async #keep(key: Key, act: Promise<void>): Promise<void> {
    await act;
    const digest = digestIn(key);
    if (digest) this.contents.add(digest);
    if (digest) this.damaged.delete(digest);
    this.changes += 1;
  }

  /** A bit flips in some content, its end is cut off, or all of it is lost. */
  async spoil(random: Random): Promise<void> {
    const sound = [...this.contents].filter((digest) => !this.spoilt.has(digest));
    if (sound.length === 0) return;
    const digest = random.pick(sound);
    const { objects } = this.#memory;
    const bytes = Buffer.from(sampleOf(digest).bytes);
    bytes[random.below(bytes.length)]! ^= 1;
    const isLost = random.chance(25);
    if (isLost) {
      await objects.remove(blobKey(digest));
      this.contents.delete(digest);
    } else await objects.put(blobKey(digest), random.chance(30) ? bytes.subarray(1) : bytes);
    this.damaged.add(digest);
    this.spoilt.add(digest);
    this.changes += 1;
  }

  /** Takes its time, but less than the half of a deletion's time that is there for that. */
  async #remove(process: Process, key: Key): Promise<void> {
    const removal = Symbol(key);
    this.#world.removals.set(removal, { process, begunMs: this.#world.nowMs });
    try {
      await this.#world.turn(process, 'remove');
    } finally {
      this.#world.removals.delete(removal);
    }
    await this.#memory.objects.remove(key);
    const digest = digestIn(key);
    if (digest) this.contents.delete(digest);
    if (digest) this.damaged.delete(digest);
    this.changes += 1;
  }
}

/** How long a removal may be under way: what is left of a deletion's time when it begins at the last moment. */
export const LONGEST_REMOVAL_MS = TAKEOVER_MS / 2 - 1;

function digestIn(key: Key): Digest | undefined {
  const stored = key.startsWith(`${BLOBS}/`) ? findStored(key) : undefined;
  return stored?.kind === 'blob' ? stored.digest : undefined;
}
