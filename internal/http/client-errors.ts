import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Exchange } from './exchange.ts';
import { formatOciFailure } from './failures.ts';

type Answer = readonly [status: number, reason: string, message: string];

/** What Node's parser could not take as a request. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the request line and headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request did not come in time'],
};
const MALFORMED: Answer = [400, 'Bad Request', 'the request is no well-formed HTTP'];
const NO_PROXY: Answer = [405, 'Method Not Allowed', 'this server is no proxy'];

/** So long a client may take to read the answer before its connection is cut. */
const LINGER_MS = 1000;

/**
 * Answers what is no request with JSON as every other failure, then closes the connection. `exchangeOn` tells what was
 * asked last on a connection: where the answer to that is on its way, nothing may come between its bytes.
 */
export function answerClientErrors(server: Server, exchangeOn: (socket: Duplex) => Exchange | undefined): void {
  const closing = new WeakSet<Duplex>();

  function close(socket: Duplex, [status, reason, message]: Answer): void {
    closing.add(socket);
    const { contentType, body } = formatOciFailure({ status, code: 'UNSUPPORTED', message, detail: [] });
    const head = [
      `HTTP/1.1 ${status} ${reason}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    // Not at once: what the client still sends would make its system drop the answer before it is read.
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  }

  server.on('clientError', (failure: NodeJS.ErrnoException, socket: Duplex) => {
    if (closing.has(socket)) return; // more of the same
    const last = exchangeOn(socket)?.res;
    const isAnswering = last?.headersSent === true && !last.writableFinished;
    if (isAnswering || !socket.writable || failure.code === 'ECONNRESET') socket.destroy();
    else close(socket, ANSWERS[failure.code ?? ''] ?? MALFORMED);
  });
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => close(socket, NO_PROXY));
}

/** RFC 9112, section 3.2: whether an HTTP/1.1 request leaves out which host it means. */
export function lacksHost({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && headers.host === undefined;
}
