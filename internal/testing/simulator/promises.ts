import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import type { Database } from './postgres/sessions.ts';
import type { Values } from './postgres/rows.ts';
import type { Disk } from './disk.ts';
import { sampleOf } from './content.ts';
import type { World } from './world.ts';

/** A blob of a repository. */
interface Place {
  readonly repository: RepositoryName;
  readonly digest: Digest;
}

/** What a client was told, and what it may therefore rely on. */
interface Told extends Place {
  readonly untilMs: number;
}

const textOf = ({ repository, digest }: Place): string => `${repository} ${digest}`;

/**
 * What must hold after each step. Of the rows only what is committed counts, of the files what is in its place: that is
 * what a crash just then would leave.
 */
export class Promises {
  readonly #world: World;
  readonly #database: Database;
  readonly #disk: Disk;
  readonly #told = new Map<string, Told>();
  /** When the lease of a place last ended, in steps: what was told by a request that began before is not to be relied on. */
  readonly #ended = new Map<string, number>();
  /** When a manifest that references a blob was last committed, wherever. */
  readonly #referenced = new Map<Digest, number>();

  /** How often something was told, and what all was like when it was found to be whole. */
  #tellings = 0;
  #checked = '';

  constructor(world: World, database: Database, disk: Disk) {
    this.#world = world;
    this.#database = database;
    this.#disk = disk;
  }

  /** A request that began at `sinceStep` was told that the blob is there, and that it stays so long. */
  tell(place: Place, sinceStep: number, untilMs: number): void {
    if ((this.#ended.get(textOf(place)) ?? -1) >= sinceStep) return;
    const before = this.#told.get(textOf(place))?.untilMs ?? 0;
    this.#told.set(textOf(place), { ...place, untilMs: Math.max(before, untilMs) });
    this.#tellings += 1;
  }

  /** Whether a client may rely on the blob just now. */
  isTold(place: Place): boolean {
    const told = this.#told.get(textOf(place));
    return told !== undefined && told.untilMs > this.#world.nowMs;
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

  /** Whether nothing has referenced the blob since that step: only then does a HEAD keep it. */
  isLooseSince(digest: Digest, step: number): boolean {
    const isReferenced = this.#database.engine.committed('manifest_blobs').some((row) => row['digest'] === digest);
    return !isReferenced && (this.#referenced.get(digest) ?? -1) < step;
  }

  /** What is broken; undefined where all holds. Looks only where something has changed since it looked last. */
  check(): string | undefined {
    const { engine } = this.#database;
    const state = `${engine.moment} ${this.#disk.changes} ${this.#tellings}`;
    if (state === this.#checked) return undefined;
    this.#checked = state;
    return this.#look();
  }

  #look(): string | undefined {
    const { engine } = this.#database;
    const repositories = new Map(engine.committed('repositories').map(({ id, name }) => [id, name as RepositoryName]));
    const blobs = new Map(engine.committed('blobs').map((row) => [row['digest'] as Digest, row]));
    for (const { manifest, digest } of engine.committed('manifest_blobs')) {
      const problem = this.#problemWith(digest as Digest, blobs);
      if (problem) return `${String(digest)}, which manifest ${String(manifest)} references, ${problem}`;
    }
    const held = new Set(
      engine.committed('repository_blobs').map(({ repository_id, digest }) => {
        return `${repositories.get(repository_id)} ${String(digest)}`;
      }),
    );
    for (const told of this.#told.values()) {
      if (told.untilMs <= this.#world.nowMs) continue;
      const problem = held.has(textOf(told)) ? this.#problemWith(told.digest, blobs) : 'is not held by the repository';
      if (problem) return `${textOf(told)}, of which a client was told that it is there, ${problem}`;
    }
    return undefined;
  }

  #problemWith(digest: Digest, blobs: ReadonlyMap<Digest, Values>): string | undefined {
    const row = blobs.get(digest);
    if (!row) return 'has no row';
    if (row['deleting_ms'] !== null) return 'is being deleted';
    if (row['size_bytes'] !== sampleOf(digest).size) return 'has a wrong size';
    return this.#disk.contents.has(digest) ? undefined : 'has no content';
  }
}
