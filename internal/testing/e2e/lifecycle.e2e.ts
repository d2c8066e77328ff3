import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { createSamples } from '../images.ts';
import { createPusher } from '../push.ts';
import { until } from './child.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const PATIENCE_MS = 20_000;
/** More than sockets hold: a reader that stands still keeps the server from being done. */
const DOWNLOAD_BYTES = 32 * 1024 * 1024;

describe.each([1, 2])('a server (workers: %d) that is told to stop while a download stands still', (workers) => {
  let server: ServerProcess;
  const blob = createSamples('lifecycle').blob(DOWNLOAD_BYTES);

  beforeEach(async () => {
    server = await startServer({ 'server.workers': String(workers), 'server.shutdown_timeout': '3s' });
    await until('every worker listens', PATIENCE_MS, () => countListening() === workers);
    await createPusher(server.url).blob('life/cycle', blob);
  });
  afterEach(() => server.close());

  const countListening = (): number => server.output().match(/Starting HTTP server/g)?.length ?? 0;

  async function startDownload(): Promise<IncomingMessage> {
    const asked = get(`${server.url}/v2/life/cycle/blobs/${blob.digest}`, { agent: false });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  }

  const refusesConnections = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port: server.port, host: '127.0.0.1' }, () => resolve(false));
      socket.once('error', () => resolve(true)).once('connect', () => socket.destroy());
    });

  it('cuts it when the time for stopping is over, and says so by its exit code', async () => {
    const download = await startDownload();
    const cut = once(download, 'error');
    expect(await server.stop()).toEqual({ code: 1, signal: null });
    download.resume();
    expect(await cut).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(server.output()).toContain('Server forced to shutdown');
  });

  it('ends at once when it is told again', async () => {
    await startDownload();
    const stopped = server.stop();
    await until('new connections are refused', PATIENCE_MS, refusesConnections);
    process.kill(server.pid, 'SIGTERM');
    expect(await stopped).toEqual({ code: 1, signal: null });
    expect(server.output()).not.toContain('Server forced to shutdown');
  });
});
