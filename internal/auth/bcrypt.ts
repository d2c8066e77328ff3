import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BcryptAnswer, BcryptQuestion } from './bcrypt-worker.ts';

const HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
// 2^16 rounds take seconds: a file that asks for more would keep everybody out.
const DEAREST = 16;

/** How dear the hash is: each one more takes twice as long. */
export const bcryptCost = (hash: string): number => Number(HASH.exec(hash)?.[1]);

/** Whether it is a bcrypt hash that can be checked in a reasonable time. */
export function isBcrypt(hash: string): boolean {
  const cost = bcryptCost(hash);
  return cost >= 4 && cost <= DEAREST;
}

/** What bcrypt knows of a password; what is longer would be cut without a word. */
export const LONGEST_BCRYPT_BYTES = 72;
const USUAL_COST = 10;

/** A hash for a file of users. To be given 72 bytes at most. */
export async function hashBcrypt(password: string): Promise<string> {
  const { hash } = await import('bcryptjs');
  return hash(password, USUAL_COST);
}

export interface BcryptThread {
  matches(hash: string, password: string): Promise<boolean>;
  close(): Promise<void>;
}

/** `.ts` when run from the sources, `.js` when built: the name inside a URL is not rewritten by the compiler. */
const WORKER_FILE = new URL(`./bcrypt-worker${extname(import.meta.filename)}`, import.meta.url);

/**
 * Checks hashes in a thread of its own, which is started with the first one: bcrypt here is JavaScript, and would stop
 * every other request for a tenth of a second. One at a time.
 */
export function createBcryptThread(): BcryptThread {
  const waiting = new Map<
    number,
    { readonly resolve: (matches: boolean) => void; readonly reject: (error: Error) => void }
  >();
  let worker: Worker | undefined;
  let lastTicket = 0;

  function fail(error: Error): void {
    worker = undefined; // the next question starts another
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function start(): Worker {
    // Flags of this process (--input-type, a debugger's) are not meant for the thread.
    const started = new Worker(WORKER_FILE, { name: 'bcrypt', execArgv: [] });
    started.unref();
    started.on('message', ({ ticket, matches }: BcryptAnswer) => {
      waiting.get(ticket)?.resolve(matches);
      waiting.delete(ticket);
      if (waiting.size === 0) started.unref();
    });
    started.on('error', fail);
    started.on('exit', () => fail(new Error('the bcrypt thread ended')));
    return started;
  }

  return {
    matches: (hash, password) =>
      new Promise((resolve, reject) => {
        const ticket = ++lastTicket;
        worker ??= start();
        if (waiting.size === 0) worker.ref();
        waiting.set(ticket, { resolve, reject });
        worker.postMessage({ ticket, hash, password } satisfies BcryptQuestion);
      }),
    close: async () => {
      const last = worker;
      worker = undefined;
      await last?.terminate();
    },
  };
}
