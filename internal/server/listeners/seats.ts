import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Of the files that the system lets a process open, so many parts of four may be connections. */
const SOCKET_QUARTERS = 3;
/** So many connections beyond the bound are kept for as long as it takes to tell them, one for each so many within it. */
const SURPLUS_PART = 8;

/** How many files this process may have open; undefined where the system does not tell. */
export function openFilesLimit(limits = readLimits()): number | undefined {
  const found = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return found === undefined ? undefined : Number(found);
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // no Linux
  }
}

/**
 * The connections of a process, over all its listeners. Within the bound each has a seat. Beyond it, a connection is
 * kept only to be told so: its first request is refused, and whoever has a seat gives it up with the next answer.
 */
export class Seats {
  /** How many there are. */
  readonly count: number;
  /** The most connections of a listener: beyond, they are ended unseen, so that files can always be opened. */
  readonly most: number;
  #taken = 0;

  /** `wanted`: 0 for as many as the system allows, which `limits` says as the kernel does. */
  constructor(wanted: number, limits?: string) {
    const openFiles = openFilesLimit(limits);
    const allowed = openFiles === undefined ? Infinity : Math.floor((openFiles * SOCKET_QUARTERS) / 4);
    const asked = wanted === 0 ? Infinity : wanted;
    this.most = Math.min(asked + Math.ceil(asked / SURPLUS_PART), allowed);
    this.count = Math.min(asked, Math.floor((this.most * SURPLUS_PART) / (SURPLUS_PART + 1)));
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether there are more connections than seats. */
  get isOver(): boolean {
    return this.#taken > this.count;
  }

  /** To be told of each connection as it comes. */
  take(socket: Socket): void {
    this.#taken += 1;
    socket.once('close', () => (this.#taken -= 1));
  }
}
