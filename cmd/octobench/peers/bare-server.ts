import { createHash } from 'node:crypto';
import { closeSync, constants, fdatasync, open, openSync, read, write, close } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

// Node doing only what a step is about: no names checked, no catalog, no access, no digest, no log. What it reaches is the
// most that a server on Node could. Started as `bare-server <folder> <full|os>`; forked by `forked.ts`.

const [, , folder = '.', durability = 'full'] = process.argv;
const files = { open: promisify(open), sync: promisify(fdatasync), close: promisify(close), read: promisify(read) };
const writeFile = promisify(write);

interface Held {
  readonly headers: readonly string[];
  /** In memory, or in a file of this size. */
  readonly content: Buffer | { readonly path: string; readonly sizeBytes: number };
}

const SMALL_BYTES = 128 * 1024;
const BUFFER_BYTES = 1024 * 1024;
const held = new Map<string, Held>();
let uploads = 0;

/** Sends a file through three buffers, each free again when the system has taken it. */
async function sendFile(res: ServerResponse, path: string, sizeBytes: number): Promise<void> {
  const file = await files.open(path, constants.O_RDONLY);
  const buffers = [0, 1, 2].map(() => Buffer.allocUnsafeSlow(BUFFER_BYTES));
  const sent: Promise<void>[] = [];
  try {
    for (let at = 0, turn = 0; at < sizeBytes; turn += 1) {
      await sent[turn - buffers.length];
      const buffer = buffers[turn % buffers.length] as Buffer;
      const { bytesRead } = await files.read(file, buffer, 0, BUFFER_BYTES, at);
      at += bytesRead;
      sent.push(
        new Promise((resolve) => {
          res.once('close', resolve);
          res.write(buffer.subarray(0, bytesRead), () => {
            res.off('close', resolve);
            resolve();
          });
        }),
      );
      if (res.destroyed) break;
    }
  } finally {
    await files.close(file);
    res.end();
  }
}

function get(req: IncomingMessage, res: ServerResponse): void {
  const path = req.url ?? '';
  if (path === '/v2/') return void res.writeHead(200, ['content-length', '2']).end('{}');
  const found = held.get(path);
  if (!found) return void res.writeHead(404, ['content-length', '0']).end();
  const { headers, content } = found;
  res.writeHead(200, headers as string[]);
  if (req.method === 'HEAD') res.end();
  else if (Buffer.isBuffer(content)) res.end(content);
  else void sendFile(res, content.path, content.sizeBytes);
}

const gather = async (req: IncomingMessage): Promise<Buffer> => Buffer.concat((await req.toArray()) as Buffer[]);

/** Writes a body to a new file, with all of it on stable storage where that is asked for. */
async function keep(req: IncomingMessage): Promise<{ path: string; sizeBytes: number; bytes: Buffer | undefined }> {
  const path = join(folder, String((uploads += 1)));
  const file = await files.open(path, constants.O_WRONLY | constants.O_CREAT);
  let [sizeBytes, bytes] = [0, undefined as Buffer | undefined];
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes = sizeBytes === 0 ? chunk : undefined;
    await writeFile(file, chunk, 0, chunk.length, sizeBytes);
    sizeBytes += chunk.length;
  }
  if (durability === 'full') await files.sync(file);
  await files.close(file);
  return { path, sizeBytes, bytes };
}

function headersOf(type: string, sizeBytes: number, digest: string): readonly string[] {
  const length = ['content-length', String(sizeBytes)];
  return ['content-type', type, ...length, 'docker-content-digest', digest, 'etag', `"${digest}"`];
}

async function put(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '', 'http://bare');
  if (url.pathname.includes('/manifests/')) {
    const content = await gather(req);
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const one: Held = { headers: headersOf(req.headers['content-type'] ?? '', content.length, digest), content };
    held.set(url.pathname, one).set(url.pathname.replace(/[^/]+$/, digest), one);
  } else {
    const digest = url.searchParams.get('digest') ?? '';
    const { path, sizeBytes, bytes } = await keep(req);
    const content = sizeBytes <= SMALL_BYTES ? (bytes ?? (await reread(path, sizeBytes))) : { path, sizeBytes };
    const blob = url.pathname.replace(/uploads\/\d+$/, digest);
    held.set(blob, { headers: headersOf('application/octet-stream', sizeBytes, digest), content });
  }
  res.writeHead(201, ['content-length', '0']).end();
}

async function reread(path: string, sizeBytes: number): Promise<Buffer> {
  const file = openSync(path, 'r');
  const { buffer } = await files.read(file, Buffer.alloc(sizeBytes), 0, sizeBytes, 0);
  closeSync(file);
  return buffer;
}

const server = createServer((req, res) => {
  if (req.method === 'GET' || req.method === 'HEAD') return get(req, res);
  if (req.method === 'PUT') return void put(req, res).catch(() => res.destroy());
  if (req.method !== 'POST') return void res.writeHead(405, ['content-length', '0']).end();
  const location = `${req.url?.split('?')[0] ?? ''}${(uploads += 1)}`;
  return void res.writeHead(202, ['location', location, 'content-length', '0']).end();
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined); // a terminal tells the whole group: the parent decides
