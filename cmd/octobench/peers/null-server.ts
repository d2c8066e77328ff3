import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

// A server that does nothing but answer: what a generator reaches against it is the generator's own ceiling.
// GET /v2/null/<bytes> is answered with so many bytes; a PUT is read and answered. Forked by `peers/child.ts`.

const PIECE = Buffer.alloc(1024 * 1024, 'x');
const HEAD_END = '\r\n\r\n';
const CREATED = Buffer.from('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
const OPENED = Buffer.from('HTTP/1.1 202 Accepted\r\nLocation: /v2/null/blobs/uploads/1\r\nContent-Length: 0\r\n\r\n');

const answers = new Map<number, Buffer>();

/** Head and body, as one piece where it is small. */
function answerOf(bytes: number): Buffer {
  const known = answers.get(bytes);
  if (known) return known;
  const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}${HEAD_END}`);
  const made = bytes <= PIECE.length ? Buffer.concat([head, PIECE.subarray(0, bytes)]) : head;
  answers.set(bytes, made);
  return made;
}

function send(socket: Socket, bytes: number): void {
  socket.write(answerOf(bytes));
  let left = bytes <= PIECE.length ? 0 : bytes;
  const next = (): void => {
    if (left === 0 || socket.destroyed) return;
    const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
    left -= piece.length;
    socket.write(piece, next);
  };
  next();
}

function serve(socket: Socket): void {
  let missing = 0; // of a body
  const take = (chunk: Buffer): void => {
    const body = Math.min(missing, chunk.length);
    missing -= body;
    if (body > 0 && missing === 0) socket.write(CREATED);
    if (body < chunk.length) begin(chunk.subarray(body));
  };
  const begin = (chunk: Buffer): void => {
    const end = chunk.indexOf(HEAD_END);
    const head = chunk.toString('latin1', 0, end);
    if (head.startsWith('GET')) return send(socket, Number(/^GET \/v2\/null\/(\d+)/.exec(head)?.[1] ?? 0));
    if (head.startsWith('POST')) return void socket.write(OPENED);
    missing = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    take(chunk.subarray(end + HEAD_END.length));
  };
  socket.on('data', take).on('error', () => undefined);
}

const server = createServer({ noDelay: true }, serve);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined); // a terminal tells the whole group: the parent decides
