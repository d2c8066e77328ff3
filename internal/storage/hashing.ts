import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Algorithm } from '../../pkg/oci/index.ts';
import type { HashReply, HashRequest } from './hash-worker.ts';
import { StorageError } from './types.ts';

/** A hash that is fed piece by piece, and may go on after its digest so far was asked for. */
export interface RunningHash {
  /** `place`: in the caller's thread, for little; `thread`: in one of its own, for much. */
  readonly runs: 'place' | 'thread';
  /** False where its state was lost with its thread. */
  readonly alive: boolean;
  /** Counts in the order of the calls; the bytes may not change until it settles. */
  update(bytes: Uint8Array): Promise<void>;
  /** The digest of all so far, in hex. */
  digest(): Promise<string>;
  /** Lets the state go. */
  drop(): void;
}

export function hashInPlace(algorithm: Algorithm): RunningHash {
  const hash = createHash(algorithm);
  return {
    runs: 'place',
    alive: true,
    update: async (bytes) => void hash.update(bytes),
    digest: async () => hash.copy().digest('hex'),
    drop: () => undefined,
  };
}

/** A few threads that each run many hashes. They start when first needed, and do not keep an idle process alive. */
export class HashThreads {
  readonly #limit: number;
  readonly #start: () => Worker;
  #threads: HashThread[] = [];
  #next = 0;

  /** `start` is there for tests. */
  constructor(limit: number, start: () => Worker = startHashWorker) {
    this.#limit = limit;
    this.#start = start;
  }

  create(algorithm: Algorithm): RunningHash {
    this.#threads = this.#threads.filter(({ alive }) => alive);
    if (this.#threads.length < this.#limit) this.#threads.push(new HashThread(this.#start()));
    this.#next = (this.#next + 1) % this.#threads.length;
    return this.#threads[this.#next]!.create(algorithm);
  }

  /** How many hashes the threads hold the state of. */
  get inUse(): number {
    return this.#threads.reduce((sum, thread) => sum + (thread.alive ? thread.inUse : 0), 0);
  }

  /** Ends the threads; what waits for them fails. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.close()));
  }
}

interface Waiting {
  resolve(reply: HashReply): void;
  reject(failure: StorageError): void;
}

class HashThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #hashes = new Set<number>();
  #ended: StorageError | undefined;
  #numbers = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.unref();
    worker.on('message', (reply: HashReply) => this.#settle(reply.ticket)?.resolve(reply));
    worker.on('error', (cause) => this.#end(cause));
    worker.on('exit', () => this.#end());
  }

  get alive(): boolean {
    return !this.#ended;
  }

  get inUse(): number {
    return this.#hashes.size;
  }

  create(algorithm: Algorithm): RunningHash {
    const hash = (this.#numbers += 1);
    this.#hashes.add(hash);
    this.#worker.postMessage({ kind: 'create', hash, algorithm } satisfies HashRequest);
    const isAlive = (): boolean => this.alive;
    return {
      runs: 'thread',
      get alive() {
        return isAlive();
      },
      update: async (bytes) => {
        const sent = sendable(bytes);
        await this.#ask((ticket) => ({ kind: 'update', hash, ticket, bytes: sent }), sent);
      },
      digest: async () => (await this.#ask((ticket) => ({ kind: 'digest', hash, ticket }))).hex ?? '',
      drop: () => {
        if (this.#hashes.delete(hash)) this.#worker.postMessage({ kind: 'drop', hash } satisfies HashRequest);
      },
    };
  }

  async close(): Promise<void> {
    this.#end();
    await this.#worker.terminate();
  }

  #ask(request: (ticket: number) => HashRequest, sent?: Uint8Array): Promise<HashReply> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      const ticket = (this.#numbers += 1);
      if (this.#waiting.size === 0) this.#worker.ref(); // a process that waits for a hash is not idle
      this.#waiting.set(ticket, { resolve, reject });
      this.#worker.postMessage(request(ticket), sent?.buffer instanceof ArrayBuffer ? [sent.buffer] : []);
    });
  }

  #settle(ticket: number): Waiting | undefined {
    const waiting = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    if (this.#waiting.size === 0) this.#worker.unref();
    return waiting;
  }

  #end(cause?: unknown): void {
    this.#ended ??= new StorageError('broken', 'the hash thread ended', cause);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

/** Shared memory as it is; else a copy to be handed over: posting a view would clone all of the buffer that it is part of. */
function sendable(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof SharedArrayBuffer ? bytes : new Uint8Array(bytes);
}

/** The thread's program: `.ts` beside `.ts`, `.js` beside what was built, which no compiler rewrites in a URL. */
function startHashWorker(): Worker {
  const program = new URL(`./hash-worker${extname(import.meta.filename)}`, import.meta.url);
  return new Worker(program, { name: 'hash', resourceLimits: { maxYoungGenerationSizeMb: 4 } }); // it makes nothing new
}
