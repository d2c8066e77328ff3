import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Exchange } from './exchange.ts';

/** Milliseconds without a byte moved; 0: no limit. A transfer that keeps moving is never cut. */
export interface Inactivity {
  /** While a request comes in, and for its head as a whole. */
  readonly readMs: number;
  /** While the answer goes out. */
  readonly writeMs: number;
  /** Between requests of a kept connection. */
  readonly idleMs: number;
}

/** Watches the connections of a server; `enter` is to be told of each request. */
export interface InactivityWatch {
  enter(exchange: Exchange): void;
  /** The exchange that was begun last on a connection. */
  exchangeOn(connection: Duplex): Exchange | undefined;
}

/**
 * Whether a silence is the client's: we wait for the rest of its request, or for it to read the answer. While the server
 * itself works (hashing, syncing) a silence is nobody's fault, nor when half of it was that.
 */
function isSilenceOfClient({ res, waitsForBody, waitedForBodyMs }: Exchange, readMs: number): boolean {
  if (res.writableFinished) return true; // idle between requests
  if (res.writableLength > 0) return true;
  return waitsForBody && waitedForBodyMs >= readMs / 2;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

export function watchInactivity(server: Server, { readMs, writeMs, idleMs }: Inactivity): InactivityWatch {
  const current = new WeakMap<Duplex, Exchange>();
  server.requestTimeout = 0;
  server.headersTimeout = readMs;
  server.keepAliveTimeout = idleMs;
  server.setTimeout(readMs, (socket: Socket) => {
    const exchange = current.get(socket);
    if (!exchange || isSilenceOfClient(exchange, readMs)) socket.destroy();
    else socket.setTimeout(exchange.req.complete ? writeMs : readMs);
  });
  return {
    enter(exchange) {
      const { req } = exchange;
      current.set(req.socket, exchange);
      if (readMs === writeMs) return;
      const answering = (): void => void req.socket.setTimeout(writeMs);
      if (hasBody(req)) req.once('end', answering);
      else answering(); // nobody reads such a request to its end
    },
    exchangeOn: (connection) => current.get(connection),
  };
}
