import type { Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'node:net';
import type { Exchange, InactivityWatch } from '../../http/index.ts';

/** The connections of one server, and how they end when it stops. */
export interface Connections {
  /** To be told of each request before it is answered. */
  enter(exchange: Exchange): void;
  /** Stops accepting; resolves when every request has been answered and every connection has ended. */
  drain(): Promise<void>;
  /** Ends every connection at once. */
  cut(): void;
}

/** A client that thinks its connection is kept may be sending its next request: so long it is waited for. */
const GRACE_MS = 500;

/**
 * While a server drains, each answer says `Connection: close`, and a connection without a request is ended only after
 * a moment: a client that is busy learns to go elsewhere instead of finding its request cut off.
 */
export function watchConnections(server: HttpServer, watch: InactivityWatch, readMs: number): Connections {
  const sockets = new Set<Socket>();
  let isDraining = false;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('connection', keep);
  server.on('secureConnection', keep); // what speaks HTTP over one of the former

  /** The last answer for now: a head that is out already has promised to keep the connection, and is kept to that. */
  function endAfterAnswer({ res }: Exchange): void {
    if (!res.headersSent) res.shouldKeepAlive = false;
  }

  return {
    enter(exchange) {
      if (!isDraining) return;
      endAfterAnswer(exchange);
      exchange.req.socket.setTimeout(readMs); // a first request does not end the grace by itself
    },
    async drain() {
      isDraining = true;
      server.keepAliveTimeout = GRACE_MS;
      server.keepAliveTimeoutBuffer = 0;
      for (const socket of sockets) {
        const exchange = watch.exchangeOn(socket);
        if (exchange && !exchange.res.writableFinished) endAfterAnswer(exchange);
        else socket.setTimeout(GRACE_MS);
      }
      // HTTP's own `close` would end idle connections at once.
      await new Promise((resolve) => void Server.prototype.close.call(server, resolve));
      server.close(); // and this ends what HTTP looks after besides
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
