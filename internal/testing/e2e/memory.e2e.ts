import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../../pkg/oci/index.ts';
import { createSamples } from '../images.ts';
import { createPusher } from '../push.ts';
import { createLargeBlob, digestOfUrl, sendStream, type LargeBlob } from './large-blob.ts';
import { forgetPeak, peakRssBytes, rssBytes } from './proc.ts';
import { IS_DIST, startServer, type ServerProcess } from './server-process.ts';

const MIB = 1024 * 1024;
const RISE_MIB = 64;
/** The contract's limit, for what is shipped; running the sources, Node has its compiler of types in memory too. */
const PEAK_MIB = IS_DIST ? 200 : 250;
const TRANSFER_MS = 180_000;

describe('transfers of 2 GiB', () => {
  let server: ServerProcess;
  let blob: LargeBlob;

  beforeAll(async () => {
    server = await startServer({ 'log.level': 'warn' });
    blob = createLargeBlob(2048);
  });
  afterAll(() => server.close());

  const at = (path: string): URL => new URL(path, server.url);
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
      await createPusher(server.url).image('warm/images', samples.image(), `t${count}`);
      await sendStream('PUT', `${await startUpload('warm/up')}?digest=${small.digest}`, small.read(), small.sizeBytes);
      const session = await startUpload('warm/up');
      await sendStream('PATCH', session, small.read());
      await fetch(`${session}?digest=${small.digest}`, { method: 'PUT' });
      await digestOfUrl(at(`/v2/warm/up/blobs/${small.digest}`));
    }
  }

  /** The server's resident memory at its highest, and how far that was above where it stood before, in MiB. */
  async function memoryDuring(work: () => Promise<void>): Promise<{ peak: number; rise: number }> {
    await warmUp();
    const before = rssBytes(server.pid);
    forgetPeak(server.pid);
    await work();
    const peak = peakRssBytes(server.pid);
    return { peak: peak / MIB, rise: (peak - before) / MIB };
  }

  it(
    'take no more than 64 MiB of memory: pushed in one request, and pulled',
    async () => {
      const { peak, rise } = await memoryDuring(async () => {
        const url = `${await startUpload('large/put')}?digest=${blob.digest}`;
        expect(await sendStream('PUT', url, blob.read(), blob.sizeBytes)).toMatchObject({ status: 201 });
        expect(await digestOfUrl(blobUrl('large/put'))).toBe(blob.digest);
      });
      expect(rise).toBeLessThanOrEqual(RISE_MIB);
      expect(peak).toBeLessThan(PEAK_MIB);
    },
    TRANSFER_MS,
  );

  it(
    'take no more than 64 MiB of memory: pushed in a PATCH of unknown length',
    async () => {
      const { peak, rise } = await memoryDuring(async () => {
        const session = await startUpload('large/patch');
        expect(await sendStream('PATCH', session, blob.read())).toMatchObject({ status: 202 });
        const finished = await fetch(`${session}?digest=${blob.digest}`, { method: 'PUT' });
        expect(finished.status).toBe(201);
      });
      expect(rise).toBeLessThanOrEqual(RISE_MIB);
      expect(peak).toBeLessThan(PEAK_MIB);
    },
    TRANSFER_MS,
  );
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
