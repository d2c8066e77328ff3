import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { createSamples, type SampleImage } from '../images.ts';
import { createPusher } from '../push.ts';
import { until } from './child.ts';
import { childrenOf, isAlive } from './proc.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const WORKERS = 2;
/** The workers and the process for jobs. */
const PROCESSES = WORKERS + 1;
const ASKED = 60;
const RESTART_MS = 20_000;

describe('several workers', () => {
  let server: ServerProcess;
  const samples = createSamples('workers');

  beforeAll(async () => {
    server = await startServer({ 'server.workers': String(WORKERS) });
    await allUp();
  });
  afterAll(() => server.close());

  const countLogged = (pattern: RegExp): number => server.output().match(pattern)?.length ?? 0;

  /** Waits until there are all processes, and until each that takes requests listens, those too that replaced `dead` others. */
  const allUp = (dead = 0): Promise<unknown> =>
    until('every process is up', RESTART_MS, () => {
      const listened = WORKERS + countLogged(/A process of the server ended, another is started.*"requests"/g);
      return (
        countLogged(/A process of the server ended, another is started/g) === dead &&
        countLogged(/Starting HTTP server/g) === listened &&
        childrenOf(server.pid).length === PROCESSES
      );
    });

  /** Asks over a connection of its own, so that the kernel chooses a worker anew. */
  const ask = (path: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const asked = request(`${server.url}${path}`, { agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      asked.once('error', reject).end();
    });
  const askOften = (path: string): Promise<readonly { status: number; text: string }[]> =>
    Promise.all(Array.from({ length: ASKED }, () => ask(path)));
  const everyStatus = async (path: string): Promise<readonly number[]> => [
    ...new Set((await askOften(path)).map(({ status }) => status)),
  ];

  async function pushSome(repository: string): Promise<SampleImage> {
    const image = samples.image({ layerBytes: 100_000 });
    await createPusher(server.url).image(repository, image, '1', '2');
    return image;
  }

  it('answer alike: what one took, each gives', async () => {
    const { manifest, blobs } = await pushSome('workers/app');
    for (const path of [
      ...blobs.map(({ digest }) => `blobs/${digest}`),
      `manifests/${manifest.digest}`,
      'manifests/1',
    ]) {
      expect(await everyStatus(`/v2/workers/app/${path}`)).toEqual([200]);
    }
    const lists = await askOften('/v2/workers/app/tags/list');
    expect(new Set(lists.map(({ text }) => text))).toEqual(new Set(['{"name":"workers/app","tags":["1","2"]}']));

    const deleted = await fetch(`${server.url}/v2/workers/app/manifests/${manifest.digest}`, { method: 'DELETE' });
    expect(deleted.status).toBe(202);
    expect(await everyStatus('/v2/workers/app/manifests/1')).toEqual([404]);
  });

  it('take the requests of one upload in turn', async () => {
    const blob = samples.blob(10_000);
    const started = await fetch(`${server.url}/v2/workers/upload/blobs/uploads/`, { method: 'POST' });
    const url = new URL(started.headers.get('location') as string, server.url).href;
    for (let start = 0; start < blob.size; start += 1000) {
      const part = blob.bytes.subarray(start, start + 1000) as Buffer<ArrayBuffer>;
      const headers = { 'content-range': `${start}-${start + 999}`, connection: 'close' };
      expect((await fetch(url, { method: 'PATCH', headers, body: part })).status).toBe(202);
    }
    expect((await fetch(`${url}?digest=${blob.digest}`, { method: 'PUT' })).status).toBe(201);
    expect(await everyStatus(`/v2/workers/upload/blobs/${blob.digest}`)).toEqual([200]);
  });

  it('are one server in the metrics', async () => {
    const counted = async (): Promise<number> => {
      const { text } = await ask('/metrics');
      const line = /^http_requests_total\{method="GET",endpoint="\/v2\/",status="200"\} (\d+)$/m.exec(text);
      return Number(line?.[1] ?? 0);
    };
    const before = await counted();
    await askOften('/v2/');
    expect(await counted()).toBe(before + ASKED);
    expect(await Promise.all(Array.from({ length: 10 }, counted))).toEqual(Array(10).fill(before + ASKED));
  });

  it('are replaced when they die, whichever it is', async () => {
    let dead = 0;
    for (const victim of childrenOf(server.pid)) {
      process.kill(victim, 'SIGKILL');
      await allUp((dead += 1));
    }
    expect(dead).toBe(PROCESSES);
    await pushSome('workers/again');
    expect(await everyStatus('/v2/workers/again/manifests/2')).toEqual([200]);
  });

  it('end with their server, which ends well', async () => {
    const processes = childrenOf(server.pid);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('leave the port when their server is killed, so that it can start again', async () => {
    await server.start();
    await allUp();
    await server.kill();
    await server.start();
    await allUp();
    expect(await everyStatus('/v2/')).toEqual([200]);
  });
});
