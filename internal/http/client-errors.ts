import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { formatOciFailure } from './failures.ts';

/** What Node's parser could not take as a request, as status, reason phrase and text. */
const ANSWERS: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the request line and headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request did not come in time'],
};
const MALFORMED = [400, 'Bad Request', 'the request is no well-formed HTTP'] as const;

/** Answers what is no request with JSON as every other failure, then closes the connection. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (failure: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || failure.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const [status, reason, message] = ANSWERS[failure.code ?? ''] ?? MALFORMED;
    const { contentType, body } = formatOciFailure({ status, code: 'UNSUPPORTED', message, detail: [] });
    const head = [
      `HTTP/1.1 ${status} ${reason}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
