import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { StorageError } from '../types.ts';
import { codeOf, orAbsent } from './failures.ts';
import type { FileSystem } from './file-system.ts';

export const FOLDER_MODE = 0o755;
/** So many folders are remembered (65,536 hold the blobs of one algorithm); past that all are looked at afresh. */
const REMEMBERED = 100_000;

/** Of one folder: what began before a change may not cover it, so whoever comes meanwhile needs the one after. */
interface FolderSyncs {
  readonly underWay: Promise<void>;
  next?: Promise<void>;
}

/**
 * The folders below the root. Each is looked at once before it is trusted: a symbolic link planted in place of one is
 * refused, as is one that was there before the server started. Who can put a link in place of a folder that is trusted
 * already can write to the data folder as this process does, and needs no link.
 */
export class Folders {
  readonly #root: string;
  readonly #system: FileSystem;
  readonly #durable: boolean;
  readonly #mode: number;
  readonly #trusted = new Set<string>();
  /** Folders that are there and whose own entry is on stable storage; or will be, when the promise resolves. */
  readonly #made = new Map<string, Promise<void>>();
  readonly #syncs = new Map<string, FolderSyncs>();

  /** `root` is an absolute path without symbolic links; `durable`: false leaves stable storage to the system. */
  constructor(root: string, system: FileSystem, durable: boolean, mode = FOLDER_MODE) {
    this.#mode = mode;
    this.#root = root;
    this.#system = system;
    this.#durable = durable;
  }

  path(key: string): string {
    return join(this.#root, key);
  }

  /** Whether the folder is there, reached through real folders only. */
  async has(folder: string): Promise<boolean> {
    if (this.#trusted.has(folder)) return true;
    const parent = dirname(folder);
    if (parent !== '.' && !(await this.has(parent))) return false;
    const found = await orAbsent(this.#system.paths.stat(this.path(folder)));
    if (!found) return false;
    if (found.kind !== 'folder') throw new StorageError('broken', `${folder} in the data folder is not a folder`);
    this.#remember();
    this.#trusted.add(folder);
    return true;
  }

  /** Runs `act` with the folder made; once more where the folder was removed meanwhile. */
  async within<T>(folder: string, act: () => Promise<T>): Promise<T> {
    await this.make(folder);
    try {
      return await act();
    } catch (failure) {
      if (codeOf(failure) !== 'ENOENT') throw failure;
      this.#trusted.clear();
      this.#made.clear();
      await this.make(folder);
      return act();
    }
  }

  /** Makes the folder and those above it; their entries are on stable storage when it resolves. */
  make(folder: string): Promise<void> {
    const known = this.#made.get(folder);
    if (known) return known;
    const making = this.#make(folder);
    this.#remember();
    this.#made.set(folder, making);
    making.catch(() => this.#made.delete(folder));
    return making;
  }

  /**
   * Puts the folder's entries on stable storage. While one sync is under way, all who ask share the next; where it fails
   * they fail with it, since the system tells of a failure once, and what failed may have been theirs.
   */
  sync(folder: string): Promise<void> {
    if (!this.#durable) return Promise.resolve();
    const syncs = this.#syncs.get(folder);
    if (!syncs) return this.#beginSync(folder);
    return (syncs.next ??= syncs.underWay.then(() => this.#beginSync(folder)));
  }

  #beginSync(folder: string): Promise<void> {
    const underWay = this.#sync(folder);
    const syncs: FolderSyncs = { underWay };
    this.#syncs.set(folder, syncs);
    const end = (): void => {
      if (!syncs.next) this.#syncs.delete(folder); // else that takes the place
    };
    underWay.then(end, () => this.#syncs.delete(folder));
    return underWay;
  }

  async #sync(folder: string): Promise<void> {
    const { files } = this.#system;
    const opened = await files.open(
      this.path(folder),
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    );
    try {
      await files.sync(opened, 'all');
    } finally {
      await files.close(opened).catch(() => undefined); // nothing was written through it
    }
  }

  async #make(folder: string): Promise<void> {
    const parent = dirname(folder);
    if (parent !== '.') await this.make(parent);
    if (!this.#trusted.has(folder) && !(await this.#create(folder))) await this.has(folder);
    await this.sync(parent); // also where it was there: who made it may not have come so far
  }

  /** False where there is something by that name already: another process may have been faster. */
  async #create(folder: string): Promise<boolean> {
    try {
      await this.#system.paths.mkdir(this.path(folder), this.#mode);
    } catch (failure) {
      if (codeOf(failure) === 'EEXIST') return false;
      throw failure;
    }
    this.#trusted.add(folder);
    return true;
  }

  #remember(): void {
    if (this.#trusted.size + this.#made.size < 2 * REMEMBERED) return;
    this.#trusted.clear();
    this.#made.clear();
  }
}
