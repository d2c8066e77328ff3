import { createServer, request, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { findFreePort } from './ports.ts';

/** A request that was passed on to a replica. */
export interface Passed {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly port: number;
  /** Undefined as long as the replica has not answered, and for ever where it died before. */
  status: number | undefined;
}

/**
 * A proxy that gives each request to the next replica, on a connection of its own. No two requests in a row for one path
 * go to one replica, nor does what goes to a Location go to the replica that named it, as long as there is another:
 * a session that only its first replica knew would be found out at once.
 */
export interface RoundRobin {
  readonly url: string;
  /** `localhost:<port>`, as clients write it before a repository. */
  readonly host: string;
  /** What was passed on so far, in that order. */
  readonly passed: readonly Readonly<Passed>[];
  /** From now on one of the replicas; one that refuses connections is passed over, not forgotten. */
  add(port: number): void;
  close(): Promise<void>;
}

/** What belongs to one connection and is not passed on. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade']);

/** Headers as they came, by name and value in turn. */
function passedOn(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !HOP_BY_HOP.has(raw[index - (index % 2)]?.toLowerCase() ?? ''));
}

const pathOf = (url: string): string => new URL(url, 'http://any').pathname;

export async function startRoundRobin(ports: readonly number[]): Promise<RoundRobin> {
  const replicas = [...ports];
  const passed: Passed[] = [];
  /** Who was asked last for a path, or named it. */
  const latest = new Map<string, number>();
  let turn = 0;

  /** All replicas in the order in which the request is offered to them. */
  function orderFor(path: string): readonly number[] {
    turn += 1;
    const order = replicas.map((_, index) => replicas[(turn + index) % replicas.length] as number);
    const last = latest.get(path);
    return [...order.filter((port) => port !== last), ...order.filter((port) => port === last)];
  }

  function note(req: IncomingMessage, port: number): Passed {
    const noted: Passed = { method: req.method ?? '', path: pathOf(req.url ?? '/'), port, status: undefined };
    passed.push(noted);
    latest.set(noted.path, port);
    return noted;
  }

  /** Offers the request to a replica; to the next one where this one refuses the connection. */
  function offer(req: IncomingMessage, res: ServerResponse, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      req.socket.destroy(); // as if the client had talked to a replica itself, which is also what becomes of it below
      return;
    }
    const asked = request({
      host: '127.0.0.1',
      port,
      method: req.method,
      path: req.url,
      headers: [...passedOn(req.rawHeaders), 'connection', 'close'], // as nginx has it where nobody says otherwise
      agent: false,
    });
    let noted: Passed | undefined;
    asked.on('socket', (socket) =>
      socket.once('connect', () => {
        noted = note(req, port);
        send(req, asked);
      }),
    );
    asked.on('continue', () => res.writeContinue());
    asked.on('response', (answer) => {
      const { statusCode = 502, statusMessage, headers, rawHeaders } = answer;
      if (noted) noted.status = statusCode;
      if (headers.location) latest.set(pathOf(headers.location), port);
      res.writeHead(statusCode, statusMessage, passedOn(rawHeaders));
      pipeline(answer, res, () => undefined); // cut on one side, it is cut on the other
    });
    asked.on('error', (failure: NodeJS.ErrnoException) => {
      if (!noted && failure.code === 'ECONNREFUSED') offer(req, res, others);
      else if (!res.headersSent) req.socket.destroy();
    });
    res.once('close', () => asked.destroy());
  }

  function send(req: IncomingMessage, asked: ClientRequest): void {
    asked.flushHeaders(); // who waits for `100 Continue` sends nothing before
    // Not by `pipeline`: where the replica answers early and hangs up, the rest is read to nowhere and the client lives.
    req.pipe(asked).once('close', () => req.unpipe(asked).resume());
  }

  const take = (req: IncomingMessage, res: ServerResponse): void => offer(req, res, orderFor(pathOf(req.url ?? '/')));
  const server = createServer({ requestTimeout: 0 }, take).on('checkContinue', take);
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${port}`,
    host: `localhost:${port}`,
    passed,
    add: (replica) => void replicas.push(replica),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
