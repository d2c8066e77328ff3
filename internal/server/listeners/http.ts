import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { answerClientErrors, watchInactivity, type Exchange, type Inactivity } from '../../http/index.ts';
import type { TlsPair } from '../tls.ts';
import { watchConnections, type Connections } from './connections.ts';
import type { Seats } from './seats.ts';

// An import would read all that there is in it, of which `WebSocket` loads an HTTP client of some megabytes.
const { createServer } = process.getBuiltinModule('node:http');

export interface ListenerOptions {
  /** A host name or address; `localhost` is 127.0.0.1 and, where there is one, ::1. */
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  readonly tls: TlsPair | undefined;
  readonly inactivity: Inactivity;
  readonly maxHeaderBytes: number;
  /** Whether other processes listen on the same port beside this one. */
  readonly shared: boolean;
  readonly createExchange: (req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean) => Exchange;
  readonly begin: (exchange: Exchange) => void;
  /** For the connections of all listeners of this process. */
  readonly seats: Seats;
  /** Told that a connection could not be accepted. */
  readonly onAcceptError: (failure: Error) => void;
}

export interface Listener {
  /** The port that is listened on. */
  readonly port: number;
  readonly addresses: readonly string[];
  setTls(pair: TlsPair): void;
  /** Stops accepting; resolves when every request has been answered. */
  drain(): Promise<void>;
  /** Ends every connection at once. */
  cut(): void;
}

/** Connections that the kernel holds until they are accepted; it may allow fewer. Beyond, it drops or resets them. */
const BACKLOG = 4096;
/** Whether heads have taken too long is looked at this often, or as often as a shorter limit asks. */
const HEAD_CHECK_MS = 5000;

interface One extends Connections {
  readonly server: Server | TlsServer;
}

function createOne(options: ListenerOptions): One {
  const settings: ServerOptions = {
    maxHeaderSize: options.maxHeaderBytes,
    connectionsCheckingInterval: Math.min(HEAD_CHECK_MS, options.inactivity.readMs || HEAD_CHECK_MS),
    requireHostHeader: false, // seen to by `begin`, whose answer says what is wrong
  };
  // Whoever shows no certificate, or one that we do not trust, signs in otherwise, if at all.
  const asking = options.tls?.ca ? { requestCert: true, rejectUnauthorized: false } : {};
  const server = options.tls ? createTlsServer({ ...settings, ...options.tls, ...asking }) : createServer(settings);
  const { seats } = options;
  server.on('connection', (socket: Socket) => seats.take(socket));
  if (Number.isFinite(seats.most)) server.maxConnections = seats.most;
  const watch = watchInactivity(server, options.inactivity);
  const connections = watchConnections(server, watch, options.inactivity.readMs);
  const enter = (awaitsContinue: boolean) => (req: IncomingMessage, res: ServerResponse) => {
    const exchange = options.createExchange(req, res, awaitsContinue);
    connections.enter(exchange);
    if (seats.isOver) {
      res.shouldKeepAlive = false;
      exchange.isSurplus = !watch.exchangeOn(req.socket);
    }
    watch.enter(exchange);
    options.begin(exchange);
  };
  server.on('request', enter(false));
  server.on('checkContinue', enter(true));
  server.on('checkExpectation', enter(false)); // RFC 9110, section 10.1.1: what is not known may be ignored
  answerClientErrors(server, (socket) => watch.exchangeOn(socket));
  return { server, ...connections };
}

function listen(server: Server | TlsServer, host: string, port: number, shared: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // One socket a process, balanced by the kernel, where the platform can; a lone process takes the port for itself.
    const sharing = shared && process.platform === 'linux' ? { reusePort: true, exclusive: true } : {};
    server.listen({ host, port, backlog: BACKLOG, ...sharing }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const isNoSuchAddress = (failure: unknown): boolean =>
  failure instanceof Error &&
  'code' in failure &&
  (failure.code === 'EADDRNOTAVAIL' || failure.code === 'EAFNOSUPPORT');

/** Listens on the address, on both loopback families for `localhost`. Rejects with the system's error. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const hosts = options.address === 'localhost' ? ['127.0.0.1', '::1'] : [options.address];
  const opened: One[] = [];
  const addresses: string[] = [];
  let { port } = options;
  for (const host of hosts) {
    const one = createOne(options);
    try {
      port = await listen(one.server, host, port, options.shared);
      one.server.on('error', options.onAcceptError);
    } catch (failure) {
      if (opened.length > 0 && isNoSuchAddress(failure)) continue; // localhost without IPv6
      for (const { server } of opened) server.close();
      throw failure;
    }
    opened.push(one);
    addresses.push(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
  }

  return {
    port,
    addresses,
    setTls(pair) {
      for (const { server } of opened) if ('setSecureContext' in server) server.setSecureContext(pair);
    },
    async drain() {
      await Promise.all(opened.map((one) => one.drain()));
    },
    cut() {
      for (const one of opened) one.cut();
    },
  };
}
