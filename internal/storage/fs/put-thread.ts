import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Key } from '../driver.ts';
import { StorageError } from '../types.ts';
import type { PutFailure, PutReply, PutRequest, PutSettings } from './put-worker.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (failure: unknown) => void;
}

/** One life of the thread. */
interface Life {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
  /** Hears when nothing waits any more. */
  onIdle: () => void;
}

/**
 * A thread that puts small files in their places, each in one go: on the way through Node's pool of threads a file takes
 * six to twelve turns, which cost more than all else of a small push. It starts when it is first needed, again where it
 * ended, and does not keep an idle process alive.
 */
export class PutThread {
  readonly #settings: PutSettings;
  readonly #start: (settings: PutSettings) => Worker;
  #life: Life | undefined;
  #tickets = 0;

  /** `start` is there for tests. */
  constructor(settings: PutSettings, start = startPutWorker) {
    this.#settings = settings;
    this.#start = start;
  }

  /** Rejects as the same in this thread would; `broken` where the thread ended before it answered. */
  put(key: Key, bytes: Uint8Array): Promise<void> {
    const { worker, waiting } = (this.#life ??= this.#begin());
    const sent = new Uint8Array(bytes); // of its own: posting a view would send all of the buffer that it is part of
    return new Promise((resolve, reject) => {
      const ticket = (this.#tickets += 1);
      if (waiting.size === 0) worker.ref();
      waiting.set(ticket, { resolve, reject });
      worker.postMessage({ ticket, key, bytes: sent } satisfies PutRequest, [sent.buffer]);
    });
  }

  /** Ends the thread when it has done what it was asked. */
  async close(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    if (life.waiting.size > 0) await new Promise<void>((resolve) => (life.onIdle = resolve));
    await life.worker.terminate();
  }

  #begin(): Life {
    const life: Life = { worker: this.#start(this.#settings), waiting: new Map(), onIdle: () => undefined };
    const { worker, waiting } = life;
    worker.unref();
    worker.on('message', (replies: readonly PutReply[]) => {
      for (const { ticket, failure } of replies) {
        const caller = waiting.get(ticket);
        waiting.delete(ticket);
        if (failure) caller?.reject(failureOf(failure));
        else caller?.resolve();
      }
      if (waiting.size > 0) return;
      worker.unref();
      life.onIdle();
    });
    worker.on('error', (cause) => this.#end(life, cause));
    worker.on('exit', () => this.#end(life));
    return life;
  }

  #end(life: Life, cause?: unknown): void {
    if (this.#life === life) this.#life = undefined;
    const failure = new StorageError('broken', 'the thread that writes files ended', cause);
    for (const { reject } of life.waiting.values()) reject(failure);
    life.waiting.clear();
    life.onIdle();
  }
}

function failureOf({ message, code, kind }: PutFailure): Error {
  if (kind) return new StorageError(kind, message);
  return code ? Object.assign(new Error(message), { code }) : new Error(message);
}

/** The thread's program: `.ts` beside `.ts`, `.js` beside what was built, which no compiler rewrites in a URL. */
function startPutWorker(settings: PutSettings): Worker {
  const program = new URL(`./put-worker${extname(import.meta.filename)}`, import.meta.url);
  return new Worker(program, {
    name: 'files',
    workerData: settings,
    execArgv: [], // flags of this process (--input-type, a debugger's) are not meant for the thread
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
}
