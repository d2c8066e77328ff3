import cluster from 'node:cluster';
import { once } from 'node:events';
import { close, constants, open, read } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { openBareStore } from './bare-store.ts';
import { findFreePort } from './program.ts';

// Node doing only what a step is about: no names checked, no catalog, no access, no digest, no log. What it reaches is the
// most that a server on Node could. Started as `bare-server <folder> <full|os> <processes>`; forked by `forked.ts`.

const [, , folder = '.', durability = 'full', processes = '1'] = process.argv;
const files = { open: promisify(open), close: promisify(close), read: promisify(read) };
const BUFFER_BYTES = 1024 * 1024;
const store = openBareStore(folder, durability === 'full');
let uploads = 0;

/** Sends a file through three buffers, each free again when the system has taken it. */
async function sendFile(res: ServerResponse, path: string, sizeBytes: number): Promise<void> {
  const file = await files.open(path, constants.O_RDONLY);
  const buffers = [0, 1, 2].map(() => Buffer.allocUnsafeSlow(BUFFER_BYTES));
  const sent: Promise<void>[] = [];
  try {
    for (let at = 0, turn = 0; at < sizeBytes && !res.destroyed; turn += 1) {
      await sent[turn - buffers.length];
      const buffer = buffers[turn % buffers.length] as Buffer;
      const { bytesRead } = await files.read(file, buffer, 0, BUFFER_BYTES, at);
      at += bytesRead;
      sent.push(sendPiece(res, buffer.subarray(0, bytesRead)));
    }
  } finally {
    await files.close(file);
    res.end();
  }
}

function sendPiece(res: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => {
    res.once('close', resolve);
    res.write(piece, () => {
      res.off('close', resolve);
      resolve();
    });
  });
}

function get(req: IncomingMessage, res: ServerResponse): void {
  const path = req.url ?? '';
  if (path === '/v2/') return void res.writeHead(200, ['content-length', '2']).end('{}');
  const found = store.find(path);
  if (!found) return void res.writeHead(404, ['content-length', '0']).end();
  const { headers, content } = found;
  res.writeHead(200, headers);
  if (req.method === 'HEAD') res.end();
  else if (Buffer.isBuffer(content)) res.end(content);
  else void sendFile(res, content.path, content.sizeBytes);
}

async function put(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(req.url ?? '', 'http://bare');
  if (pathname.includes('/manifests/')) {
    const bytes = Buffer.concat((await req.toArray()) as Buffer[]);
    store.putManifest(pathname, req.headers['content-type'] ?? '', bytes);
  } else {
    const digest = searchParams.get('digest') ?? '';
    await store.putBlob(pathname.replace(/uploads\/[^/]+$/, digest), digest, req);
  }
  res.writeHead(201, ['content-length', '0']).end();
}

function answer(req: IncomingMessage, res: ServerResponse): void {
  if (req.method === 'GET' || req.method === 'HEAD') get(req, res);
  else if (req.method === 'PUT') void put(req, res).catch(() => res.destroy());
  else if (req.method === 'POST') {
    const location = `${req.url?.split('?')[0] ?? ''}${(uploads += 1)}`;
    res.writeHead(202, ['location', location, 'content-length', '0']).end();
  } else res.writeHead(405, ['content-length', '0']).end();
}

/** Whoever forked us is told the port when all listen, and ends us by going away. */
async function supervise(): Promise<void> {
  const port = await findFreePort();
  const workers = Array.from({ length: Number(processes) }, () => cluster.fork({ BARE_PORT: String(port) }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  process.on('disconnect', () => process.exit()); // and the workers with us
  process.send?.({ port });
}

process.on('SIGINT', () => undefined); // a terminal tells the whole group: the parent decides
if (cluster.isPrimary) await supervise();
else {
  // Each listens by itself, of which the cluster tells nobody.
  const at = { port: Number(process.env['BARE_PORT']), host: '127.0.0.1', reusePort: true, exclusive: true };
  createServer(answer).listen(at, () => process.send?.('listening'));
}
