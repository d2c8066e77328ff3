import type { Digest } from '../../../pkg/oci/index.ts';
import type { Database } from './postgres/sessions.ts';
import { DamagePromises } from './damage-promises.ts';
import type { Disk } from './disk.ts';
import { sampleOf } from './content.ts';
import { ManifestPromises } from './manifest-promises.ts';
import { readState, textOf, type Place, type State } from './state.ts';
import type { World } from './world.ts';

/** What a client was told, and what it may therefore rely on. */
interface Told extends Place {
  readonly untilMs: number;
}

/**
 * What must hold after each step. Of the rows only what is committed counts, of the files what is in its place: that is
 * what a crash just then would leave.
 */
export class Promises {
  readonly #world: World;
  readonly #database: Database;
  readonly #disk: Disk;
  readonly #manifests: ManifestPromises;
  readonly #damages: DamagePromises;
  readonly #told = new Map<string, Told>();
  /** When the lease of a place last ended, in steps: what was told by a request that began before is not to be relied on. */
  readonly #ended = new Map<string, number>();
  /** When a manifest that references a blob was last committed, wherever. */
  readonly #referenced = new Map<Digest, number>();
  /** What repositories referenced when that was looked at last. */
  #references: ReadonlySet<string> = new Set();
  /** How often something was told, and what all was like when it was found to be whole. */
  #tellings = 0;
  #checked = '';

  constructor(world: World, database: Database, disk: Disk) {
    this.#world = world;
    this.#database = database;
    this.#disk = disk;
    this.#manifests = new ManifestPromises(world);
    this.#damages = new DamagePromises(world, disk);
  }

  /** A request that began at `sinceStep` was told that the blob is there, and that it stays so long. */
  tell(place: Place, sinceStep: number, untilMs: number): void {
    if ((this.#ended.get(textOf(place)) ?? -1) >= sinceStep) return;
    const before = this.#told.get(textOf(place))?.untilMs ?? 0;
    this.#told.set(textOf(place), { ...place, untilMs: Math.max(before, untilMs) });
    this.#tellings += 1;
  }

  /** Whether a client may rely on it just now. */
  isTold(place: Place): boolean {
    const told = this.#told.get(textOf(place));
    return told !== undefined && told.untilMs > this.#world.nowMs;
  }

  /** Whether a client may have relied on it all the time since that step. */
  isToldSince(place: Place, step: number): boolean {
    return this.isTold(place) && (this.#ended.get(textOf(place)) ?? -1) < step;
  }

  /** The repository has deleted the blob, in this step. */
  end(place: Place): void {
    this.#told.delete(textOf(place));
    this.#ended.set(textOf(place), this.#world.steps);
  }

  /** A manifest of the repository references the blob, since this step: that keeps it now. */
  reference(place: Place): void {
    this.end(place);
    this.#referenced.set(place.digest, this.#world.steps);
  }

  /** A manifest without a tag was pushed, and rules leave it alone so long. */
  tellPushed(place: Place, sinceStep: number, untilMs: number): void {
    this.#manifests.tell(place, sinceStep, untilMs);
    this.#tellings += 1;
  }

  /** A client is about to delete the manifest: from now on it may be gone. */
  allowGone(place: Place): void {
    this.#manifests.allowGone(place);
  }

  /** Whether a request that began at that step may have been refused the content, since it went bad. */
  mayBeRefused(digest: Digest, sinceStep: number): boolean {
    return this.#damages.isHurtSince(digest, sinceStep);
  }

  /** To be called when a request that began at that step was told that the content is there. */
  refuseKnown(digest: Digest, sinceStep: number): void {
    if (this.#damages.isKnownSince(digest, sinceStep))
      throw new Error(`a client is told that ${digest} is there, which is known to be damaged`);
  }

  /** To be called when nobody does anything, and nobody was interrupted. */
  checkQuiet(): string | undefined {
    return this.#damages.checkQuiet(readState(this.#database.engine));
  }

  /** Whether what is quarantined is what is damaged: to be called after a pass, when nobody does anything. */
  checkScrubbed(): string | undefined {
    return this.#damages.checkScrubbed(readState(this.#database.engine));
  }

  /** Whether nothing has referenced the blob since that step: only then does a HEAD keep it. */
  isLooseSince(digest: Digest, step: number): boolean {
    const isReferenced = this.#database.engine.committed('manifest_blobs').some((row) => row['digest'] === digest);
    return !isReferenced && (this.#referenced.get(digest) ?? -1) < step;
  }

  /** What is broken; undefined where all holds. Looks only where something has changed since it looked last. */
  check(): string | undefined {
    const { engine } = this.#database;
    const now = `${engine.moment} ${this.#disk.changes} ${this.#tellings}`;
    if (now === this.#checked) return undefined;
    this.#checked = now;
    const state = readState(engine);
    this.#noteReferences(state);
    return this.#findLost(state) ?? this.#manifests.check(state) ?? this.#damages.check(state);
  }

  /** Whoever pushed hears of it later than it is so. */
  #noteReferences({ references }: State): void {
    const now = new Set<string>();
    for (const { place } of references) {
      const text = textOf(place);
      now.add(text);
      if (!this.#references.has(text)) this.reference(place);
    }
    this.#references = now;
  }

  #findLost(state: State): string | undefined {
    for (const { place, manifest } of state.references) {
      const problem = this.#problemWith(place.digest, state);
      if (problem) return `${place.digest}, which manifest ${manifest} references, ${problem}`;
    }
    for (const told of this.#told.values()) {
      if (told.untilMs <= this.#world.nowMs) continue;
      const isHeld = told.isManifest === true || state.held.has(textOf(told));
      const problem = isHeld ? this.#problemWith(told.digest, state) : 'is not held by the repository';
      if (problem) return `${textOf(told)}, of which a client was told that it is there, ${problem}`;
    }
    return undefined;
  }

  #problemWith(digest: Digest, { blobs }: State): string | undefined {
    const row = blobs.get(digest);
    if (!row) return 'has no row';
    if (row['deleting_ms'] !== null) return 'is being deleted';
    if (row['size_bytes'] !== sampleOf(digest).size) return 'has a wrong size';
    const isThere = this.#disk.contents.has(digest) || this.#disk.damaged.has(digest);
    return isThere ? undefined : 'has no content';
  }
}
