import type { Digest } from '../../../pkg/oci/index.ts';
import { BLOBS } from './content.ts';
import type { Disk } from './disk.ts';
import type { State } from './state.ts';
import type { World } from './world.ts';

/** What clients may rely on of content that can go bad on the disk. */
export class DamagePromises {
  readonly #world: World;
  readonly #disk: Disk;
  /** Damaged, or quarantined though it is not: nobody need be given it. */
  #hurt: ReadonlySet<Digest> = new Set();
  /** When content was last hurt that is not any more, in steps. */
  readonly #healed = new Map<Digest, number>();
  /** Damaged content that is known to be, since it has been quarantined as it is: since when, in steps. */
  readonly #known = new Map<Digest, number>();

  constructor(world: World, disk: Disk) {
    this.#world = world;
    this.#disk = disk;
  }

  /** Whether it was damaged or quarantined at any time since that step: then it may have been refused. */
  isHurtSince(digest: Digest, step: number): boolean {
    return this.#hurt.has(digest) || (this.#healed.get(digest) ?? -1) >= step;
  }

  /** Whether it was known to be damaged all the time since that step: then nobody may be told that it is there. */
  isKnownSince(digest: Digest, step: number): boolean {
    return (this.#known.get(digest) ?? Infinity) <= step;
  }

  /** What is broken; undefined where all holds. */
  check({ blobs, quarantined, references, held }: State): string | undefined {
    const { damaged } = this.#disk;
    if (damaged.size === 0 && quarantined.size === 0 && this.#hurt.size === 0) return undefined;
    const hurt = new Set([...damaged, ...quarantined]);
    for (const digest of this.#hurt) if (!hurt.has(digest)) this.#healed.set(digest, this.#world.steps);
    this.#hurt = hurt;
    for (const digest of this.#known.keys()) if (!damaged.has(digest)) this.#known.delete(digest);
    for (const digest of damaged) {
      const row = blobs.get(digest);
      if (row && quarantined.has(digest)) {
        if (!this.#known.has(digest)) this.#known.set(digest, this.#world.steps);
      } else if (row && row['deleting_ms'] === null && this.#known.has(digest)) {
        const isUsed =
          references.some(({ place }) => place.digest === digest) || [...held].some((text) => text.endsWith(digest));
        if (isUsed) return `${digest}, which is known to be damaged, is given to who asks for it`;
      }
    }
    return undefined;
  }

  /** To be called when nobody does anything, and nobody was interrupted: a pass leaves nothing quarantined that is sound. */
  checkQuiet({ quarantined }: State): string | undefined {
    // Who pushes a manifest may bring its bytes before that is refused.
    const sound = BLOBS.find(({ digest }) => quarantined.has(digest) && this.#isSound(digest))?.digest;
    return sound && `${sound} stays quarantined, and nothing is wrong with it`;
  }

  /** To be called after a pass, when nobody does anything: whether what is quarantined is what is damaged. */
  checkScrubbed({ blobs, quarantined }: State): string | undefined {
    for (const digest of this.#disk.damaged) {
      if (blobs.has(digest) && !quarantined.has(digest)) return `${digest} is damaged, and was not found`;
    }
    for (const digest of quarantined) {
      if (this.#isSound(digest)) return `${digest} is quarantined, and nothing is wrong with it`;
    }
    return undefined;
  }

  /** What is not there is not: the walk for orphans may have found it just before it was collected. */
  #isSound(digest: Digest): boolean {
    return this.#disk.contents.has(digest) && !this.#disk.damaged.has(digest);
  }
}
