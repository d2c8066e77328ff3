import { randomUUID } from 'node:crypto';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Key } from '../driver.ts';
import { StorageError, type StorageFailure } from '../types.ts';
import { BLOCKING } from './blocking.ts';
import { codeOf } from './failures.ts';
import { Folders } from './folders.ts';
import { put } from './put.ts';
import { ReadBuffers } from './read-buffers.ts';
import type { Store } from './store.ts';

/** What the thread works on: `root` is an absolute path without symbolic links. */
export interface PutSettings {
  readonly root: string;
  readonly durable: boolean;
  readonly mode: number;
}

export type PutRequest = Readonly<{ ticket: number; key: Key; bytes: Uint8Array }>;

/** Errors lose what is ours on their way between threads: `code` is the system's name, `kind` a StorageError's. */
export type PutFailure = Readonly<{ message: string; code: string; kind?: StorageFailure | undefined }>;
export type PutReply = Readonly<{ ticket: number; failure?: PutFailure | undefined }>;

function serve(port: MessagePort, { root, durable, mode }: PutSettings): void {
  const store: Store = {
    system: BLOCKING,
    folders: new Folders(root, BLOCKING, durable, mode),
    buffers: new ReadBuffers(),
    durable,
    uuid: randomUUID,
  };
  let replies: PutReply[] = [];

  // What was asked at one time is answered at one time.
  function reply(answer: PutReply): void {
    if (replies.length === 0) setImmediate(flush);
    replies.push(answer);
  }
  function flush(): void {
    port.postMessage(replies);
    replies = [];
  }

  port.on('message', ({ ticket, key, bytes }: PutRequest) => {
    put(store, key, bytes).then(
      () => reply({ ticket }),
      (failure: unknown) => reply({ ticket, failure: told(failure) }),
    );
  });
}

function told(failure: unknown): PutFailure {
  return {
    message: failure instanceof Error ? failure.message : 'the file could not be written',
    code: codeOf(failure),
    kind: failure instanceof StorageError ? failure.failure : undefined,
  };
}

if (parentPort) serve(parentPort, workerData as PutSettings);
