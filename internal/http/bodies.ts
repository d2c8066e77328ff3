import { OciError, type ErrorCode } from '../../pkg/oci/index.ts';
import type { Exchange } from './exchange.ts';

/** Content-Length in bytes where the client gave one. */
export function contentLength(exchange: Exchange): number | undefined {
  const text = exchange.header('content-length');
  return text === undefined ? undefined : Number(text);
}

/** The whole body in memory; `tooLarge` past the limit, without reading further than that. */
export async function gatherBody(exchange: Exchange, limitBytes: number, tooLarge: ErrorCode): Promise<Uint8Array> {
  const refuse = (): OciError => new OciError(tooLarge, `the limit is ${limitBytes} bytes`);
  if ((contentLength(exchange) ?? 0) > limitBytes) throw refuse();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of exchange.body()) {
    length += chunk.length;
    if (length > limitBytes) throw refuse();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length);
}

const DRAINED_BYTES = 16 * 1024 * 1024;
const DRAINED_MS = 5000;

/**
 * A client that was answered before its body ended gets a little time to notice: what it still sends is read and
 * dropped, up to a limit of bytes and time, so that the answer reaches it; then the connection ends.
 */
export function drainAfterAnswer({ req, res }: Exchange): void {
  if (req.complete || req.destroyed) return;
  let dropped = 0;
  const { socket } = req;
  const cut = (): void => void socket.destroy();
  // Node would close it with bytes unread, and the kernel then takes the answer back from a client that still sends.
  if (!res.shouldKeepAlive) socket.destroySoon = () => void socket.end();
  const timer = setTimeout(cut, DRAINED_MS);
  timer.unref();
  req.on('data', (chunk: Uint8Array) => {
    dropped += chunk.length;
    if (dropped > DRAINED_BYTES && res.writableFinished) cut();
  });
  req.once('close', () => clearTimeout(timer));
  req.once('end', () => {
    clearTimeout(timer);
    if (!res.shouldKeepAlive) socket.end(cut);
  });
  req.resume();
}
