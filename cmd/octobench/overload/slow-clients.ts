import { connect, type Socket } from 'node:net';

// Many clients that read or write 1 KiB a second each: forked by `slow.ts`, which tells it what to do and asks what
// became of them; ended by the end of its channel.

/** What the clients do; plain data. */
export interface SlowSpec {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
  /** The heads of what they send, one for each client or the same for all: a whole request, or one whose body is written slowly. */
  readonly heads: readonly string[];
  readonly kind: 'read' | 'write';
}

/** What became of them. */
export interface SlowState {
  /** That the server has ended, or answered before it should. */
  readonly lost: number;
  /** Bytes that were read, or written as bodies. */
  readonly bytes: number;
}

export type ToSlow = Readonly<{ kind: 'begin'; spec: SlowSpec }> | Readonly<{ kind: 'count' }>;
export type FromSlow = Readonly<{ kind: 'begun' }> | Readonly<{ kind: 'state'; state: SlowState }>;

const PIECE_BYTES = 1024;
const PACE_MS = 1000;
const PIECE = Buffer.alloc(PIECE_BYTES, 's');
const WHOLE = /^HTTP\/1\.1 200 /;

const lost = new Set<Socket>();
let bytes = 0;

/** Resolves when the client is at work: its first bytes have come, or gone. */
function begin({ host, port, kind, heads }: SlowSpec, index: number): Promise<void> {
  return new Promise((begun) => {
    let isFirst = true;
    const socket: Socket = connect({
      host,
      port,
      onread: {
        buffer: Buffer.alloc(PIECE_BYTES),
        callback: (length, buffer) => {
          const head = isFirst ? Buffer.from(buffer).toString('latin1', 0, length) : '';
          if (kind === 'write' || (isFirst && !WHOLE.test(head))) lost.add(socket);
          if (isFirst) begun();
          isFirst = false;
          bytes += length;
          return kind === 'write'; // false: no more until it is asked for
        },
      },
    });
    const lose = (): void => {
      lost.add(socket);
      begun();
    };
    socket.on('error', lose).on('close', lose);
    socket.on('connect', () => {
      socket.write(heads[index % heads.length] ?? '');
      const turn = (): void => {
        if (socket.destroyed) return;
        if (kind === 'read') return void socket.resume();
        bytes += PIECE_BYTES;
        socket.write(PIECE, () => begun());
      };
      turn();
      // Not all in the same moment.
      setTimeout(() => setInterval(turn, PACE_MS), (PACE_MS * (index % 100)) / 100);
    });
  });
}

const tell = (message: FromSlow): void => void process.send?.(message);

process.on('message', (message: ToSlow) => {
  if (message.kind === 'count') return tell({ kind: 'state', state: { lost: lost.size, bytes } });
  const { spec } = message;
  void Promise.all(Array.from({ length: spec.clients }, (_, index) => begin(spec, index))).then(() =>
    tell({ kind: 'begun' }),
  );
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined); // a terminal tells the whole group: the parent decides
