import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** What the thread is asked, and what it answers; `ticket` tells one question from another. */
export interface BcryptQuestion {
  readonly ticket: number;
  readonly hash: string;
  readonly password: string;
}

export interface BcryptAnswer {
  readonly ticket: number;
  readonly matches: boolean;
}

parentPort?.on('message', ({ ticket, hash, password }: BcryptQuestion) => {
  parentPort?.postMessage({ ticket, matches: compareSync(password, hash) } satisfies BcryptAnswer);
});
