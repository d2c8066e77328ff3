import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { unreachable, type Algorithm } from '../../pkg/oci/index.ts';

/** What a hash thread is asked; `hash` numbers one of the many running hashes. Those with a `ticket` are answered. */
export type HashRequest =
  | Readonly<{ kind: 'create'; hash: number; algorithm: Algorithm }>
  | Readonly<{ kind: 'update'; hash: number; ticket: number; bytes: Uint8Array }>
  | Readonly<{ kind: 'digest'; hash: number; ticket: number }>
  | Readonly<{ kind: 'drop'; hash: number }>;

/** `hex` answers a `digest`. */
export type HashReply = Readonly<{ ticket: number; hex?: string }>;

const hashes = new Map<number, Hash>();

function running(id: number): Hash {
  const hash = hashes.get(id);
  if (!hash) throw new Error(`no hash ${id}`); // a bug of the other side: ends the thread, which fails all that wait
  return hash;
}

function answer(request: HashRequest): HashReply | undefined {
  switch (request.kind) {
    case 'create':
      hashes.set(request.hash, createHash(request.algorithm));
      return undefined;
    case 'update':
      running(request.hash).update(request.bytes);
      return { ticket: request.ticket };
    case 'digest':
      return { ticket: request.ticket, hex: running(request.hash).copy().digest('hex') };
    case 'drop':
      hashes.delete(request.hash);
      return undefined;
    default:
      return unreachable(request);
  }
}

parentPort?.on('message', (request: HashRequest) => {
  const reply = answer(request);
  if (reply) parentPort?.postMessage(reply);
});
