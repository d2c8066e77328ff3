import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createSamples, type Sample } from '../images.ts';
import { createPusher } from '../push.ts';
import { until } from './child.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const PATIENCE_MS = 20_000;
/** More than sockets hold: a reader that stands still keeps the server from being done. */
const DOWNLOAD_BYTES = 32 * 1024 * 1024;

describe('the server as a process', () => {
  let server: ServerProcess;
  const samples = createSamples('lifecycle');

  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.close());

  /** A download that stands still after its head. */
  async function startDownload(blob: Sample): Promise<IncomingMessage> {
    await createPusher(server.url).blob('life/cycle', blob);
    const asked = get(`${server.url}/v2/life/cycle/blobs/${blob.digest}`, { agent: false });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  }

  const refusesConnections = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port: server.port, host: '127.0.0.1' }, () => resolve(false));
      socket.once('error', () => resolve(true)).once('connect', () => socket.destroy());
    });

  it.each(['kill', 'stop'] as const)('acceptance 14: goes on with an upload after a restart (%s)', async (end) => {
    const [first, second] = [Buffer.from('hello'), Buffer.from('world')];
    const started = await fetch(`${server.url}/v2/life/cycle/blobs/uploads/`, { method: 'POST' });
    const url = new URL(started.headers.get('location') as string, server.url);
    await fetch(url, { method: 'PATCH', body: first });
    await server[end]();
    await server.start();

    const status = await fetch(url);
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-4']);
    url.searchParams.set('digest', 'sha256:936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af');
    const finished = await fetch(url, { method: 'PUT', body: second });
    expect(finished.status).toBe(201);
    const blob = await fetch(new URL(finished.headers.get('location') as string, server.url));
    expect(await blob.text()).toBe('helloworld');
  });

  it('acceptance 29: told to stop, finishes a download, refuses new connections and ends well', async () => {
    const blob = samples.blob(DOWNLOAD_BYTES);
    const download = await startDownload(blob);
    const stopped = server.stop();
    await until('new connections are refused', PATIENCE_MS, refusesConnections);
    expect((await buffer(download)).equals(blob.bytes)).toBe(true);
    expect(await stopped).toEqual({ code: 0, signal: null });
  });

  it('told to stop twice, ends at once', async () => {
    const download = await startDownload(samples.blob(DOWNLOAD_BYTES));
    const cut = once(download.resume().pause(), 'error');
    const stopped = server.stop();
    await until('new connections are refused', PATIENCE_MS, refusesConnections);
    process.kill(server.pid, 'SIGTERM');
    expect(await stopped).toEqual({ code: 1, signal: null });
    download.resume();
    expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});
