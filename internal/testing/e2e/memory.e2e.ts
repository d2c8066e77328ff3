import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../../pkg/oci/index.ts';
import { createSamples } from '../images.ts';
import { createPusher } from '../push.ts';
import { createLargeBlob, digestOfUrl, sendStream, type LargeBlob } from './large-blob.ts';
import { describeClients } from './describe-clients.suite.ts';
import { forgetPeak, peakRssBytes, rssBytes } from './proc.ts';
import { IS_DIST, startServer, type ServerProcess } from './server-process.ts';
import { startVersitygw, type S3Service } from './versitygw.ts';

const MIB = 1024 * 1024;
const TRANSFER_MS = 180_000;

interface Bounds {
  /** Above where it stood before. */
  readonly riseMiB: number;
  readonly peakMiB?: number;
}

/** The same transfers to whatever keeps the content. */
function itBoundsTransfers(server: () => ServerProcess, sizeMiB: number, warmsUp: boolean, bounds: Bounds): void {
  let blob: LargeBlob;
  beforeAll(() => {
    blob = createLargeBlob(sizeMiB);
  });

  const at = (path: string): URL => new URL(path, server().url);
  const blobUrl = (repository: string): URL => at(`/v2/${repository}/blobs/${blob.digest}`);
  const startUpload = async (repository: string): Promise<string> => {
    const started = await fetch(at(`/v2/${repository}/blobs/uploads/`), { method: 'POST' });
    return at(started.headers.get('location') as string).href;
  };

  /** Exercises every path a little, so that what is loaded and compiled only once is not counted. */
  async function warmUp(): Promise<void> {
    const small = createLargeBlob(64);
    const samples = createSamples('warm');
    for (let count = 0; count < 3; count += 1) {
      await createPusher(server().url).image('warm/images', samples.image(), `t${count}`);
      await sendStream('PUT', `${await startUpload('warm/up')}?digest=${small.digest}`, small.read(), small.sizeBytes);
      const session = await startUpload('warm/up');
      await sendStream('PATCH', session, small.read());
      await fetch(`${session}?digest=${small.digest}`, { method: 'PUT' });
      await digestOfUrl(at(`/v2/warm/up/blobs/${small.digest}`));
    }
  }

  /** The server's resident memory at its highest, and how far that was above where it stood before, in MiB. */
  async function expectBounded(work: () => Promise<void>): Promise<void> {
    if (warmsUp) await warmUp();
    const { pid } = server();
    const before = rssBytes(pid);
    forgetPeak(pid);
    await work();
    const peak = peakRssBytes(pid);
    expect((peak - before) / MIB).toBeLessThanOrEqual(bounds.riseMiB);
    expect(peak / MIB).toBeLessThan(bounds.peakMiB ?? Infinity);
  }

  it(
    `take no more than ${bounds.riseMiB} MiB of memory: pushed in one request, and pulled`,
    () =>
      expectBounded(async () => {
        const url = `${await startUpload('large/put')}?digest=${blob.digest}`;
        expect(await sendStream('PUT', url, blob.read(), blob.sizeBytes)).toMatchObject({ status: 201 });
        expect(await digestOfUrl(blobUrl('large/put'))).toBe(blob.digest);
      }),
    TRANSFER_MS,
  );

  it(
    `take no more than ${bounds.riseMiB} MiB of memory: pushed in a PATCH of unknown length`,
    () =>
      expectBounded(async () => {
        const session = await startUpload('large/patch');
        expect(await sendStream('PATCH', session, blob.read())).toMatchObject({ status: 202 });
        const finished = await fetch(`${session}?digest=${blob.digest}`, { method: 'PUT' });
        expect(finished.status).toBe(201);
      }),
    TRANSFER_MS,
  );
}

describe('transfers of 2 GiB to a folder', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ 'log.level': 'warn' });
  });
  afterAll(() => server.close());

  // The contract's limit, for what is shipped; running the sources, Node has its compiler of types in memory too.
  itBoundsTransfers(() => server, 2048, true, { riseMiB: 64, peakMiB: IS_DIST ? 200 : 250 });
});

describeClients(['versitygw'], 'transfers of 512 MiB to a bucket', () => {
  let service: S3Service;
  let server: ServerProcess;
  beforeAll(async () => {
    service = await startVersitygw();
    server = await startServer({
      'log.level': 'warn',
      'storage.type': 's3',
      'storage.s3.endpoint': service.endpoint,
      'storage.s3.bucket': service.bucket,
      'storage.s3.access_key_id': service.accessKeyId,
      'storage.s3.secret_access_key': service.secretAccessKey,
    });
  });
  afterAll(async () => {
    await server.close();
    await service.close();
  });

  // Parts on their way are the most of it, and those are the same for a blob of any size: 6 GiB took no more.
  itBoundsTransfers(() => server, 512, false, { riseMiB: 128 });
});

describe('slow transfers', () => {
  let server: ServerProcess;

  beforeAll(async () => {
    server = await startServer({ 'server.read_timeout': '1s', 'server.write_timeout': '1s' });
  });
  afterAll(() => server.close());

  const PIECES = Array.from({ length: 10 }, (_, index) => Buffer.alloc(1000, index));
  const digest = digestOf(Buffer.concat(PIECES));
  async function* drip(pauseMs: number): AsyncIterable<Buffer> {
    for (const piece of PIECES) {
      await sleep(pauseMs, undefined, { ref: false });
      yield piece;
    }
  }
  const push = (body: AsyncIterable<Buffer>): Promise<{ status: number }> =>
    sendStream('POST', `${server.url}/v2/slow/link/blobs/uploads/?digest=${digest}`, Readable.from(body), 10_000);

  it('acceptance 24, scaled down: go on for as long as bytes move', async () => {
    expect(await push(drip(400))).toMatchObject({ status: 201 });
  });

  it('are cut once nothing moves for the read timeout', async () => {
    await expect(push(drip(2500))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
