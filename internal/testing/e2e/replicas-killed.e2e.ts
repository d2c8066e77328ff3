import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../../pkg/client/index.ts';
import { createSamples, toSample } from '../images.ts';
import { createPusher, type Pusher } from '../push.ts';
import { createAftermath, type Aftermath } from './aftermath.ts';
import { until } from './child.ts';
import { describeClients } from './describe-clients.suite.ts';
import { hasJob, stopWithJob } from './job-holder.ts';
import { createLedger, type OpenUpload } from './ledger.ts';
import { pullEverything } from './pull-everything.ts';
import { startReplicas, type Replicas } from './replicas.ts';
import { runCommand, type ServerProcess } from './server-process.ts';
import { storm } from './storm.ts';

const MIB = 1024 * 1024;
const CLIENTS = 8;
const LONGEST_PAUSE_MS = 500;
/** For so long a request that died with its replica holds its upload, and a replica that died its jobs. */
const SILENCE_MS = 30_000;
const DISASTER_MS = 180_000;

describeClients(['versitygw'], 'replicas that are killed', () => {
  let replicas: Replicas;
  let aftermath: Aftermath;
  let pusher: Pusher;
  const ledger = createLedger();
  const held: OpenUpload[] = [];
  const samples = createSamples('killed');

  beforeAll(async () => {
    replicas = await startReplicas(3);
    aftermath = createAftermath({ url: replicas.proxy.url });
    pusher = createPusher(replicas.proxy.url);
  });
  afterAll(() => replicas?.close());

  const all = (act: (server: ServerProcess) => Promise<void>) => Promise.all(replicas.servers.map(act));
  const send = (method: string, path: string, body?: Uint8Array): Promise<Response> =>
    fetch(new URL(path, replicas.proxy.url), { method, ...(body && { body: body as Uint8Array<ArrayBuffer> }) });

  /** Opens an upload, and sends what is to be acknowledged. */
  async function startUpload(repository: string, bytes: Uint8Array): Promise<string> {
    const started = await send('POST', `/v2/${repository}/blobs/uploads/`);
    const path = started.headers.get('location') as string;
    const { status } = await send('PATCH', path, bytes);
    if (status !== 202) throw new Error(`${path} was answered with ${status}`);
    return path;
  }

  /** Goes on with an upload until it is done: it is another's as long as the dead request holds it. */
  const finish = (upload: OpenUpload): Promise<unknown> =>
    until(`${upload.path} is free`, 2 * SILENCE_MS, async () => {
      if ((await aftermath.resume(upload, ledger)) === 'done') return true;
      await sleep(SILENCE_MS / 30);
      return false;
    });

  it(
    'keep whatever was acknowledged, each killed in turn and then all at once',
    async () => {
      const pushes = storm(replicas.proxy.url, ledger, CLIENTS);
      for (const server of replicas.servers) {
        await sleep(randomInt(LONGEST_PAUSE_MS));
        await server.kill();
        await sleep(randomInt(LONGEST_PAUSE_MS));
        await server.start();
      }
      await all((server) => server.kill());
      await pushes;
      await all((server) => server.start());

      const wrong = [...ledger.complaints, ...(await aftermath.findWrongUploads(ledger))];
      for (const upload of ledger.uploads.values()) {
        if ((await aftermath.resume(upload, ledger)) === 'held') held.push(upload);
      }
      wrong.push(...(await aftermath.findLost(ledger.content)), ...(await aftermath.findWrongTags(ledger)));
      expect(wrong).toEqual([]);
      expect(ledger.content.size).toBeGreaterThan(CLIENTS);
    },
    DISASTER_MS,
  );

  describe('one of them in the middle of an upload and of a job', () => {
    const repository = 'killed/upload';
    const sample = toSample(randomBytes(20 * MIB));
    const ackedBytes = 9 * MIB;
    const pushedSince: string[] = [];
    let upload: OpenUpload;
    let victim: ServerProcess;
    let cutOff: Promise<unknown>;

    /** Begins a request that goes on for as long as it is written to, and waits until its replica has some of it. */
    async function beginPatch(path: string): Promise<ClientRequest> {
      const headers = {
        'content-range': `${ackedBytes}-${sample.size - 1}`,
        'content-length': sample.size - ackedBytes,
      };
      const sending = request(new URL(path, replicas.proxy.url), { method: 'PATCH', headers });
      cutOff = once(sending, 'error');
      await new Promise((resolve) => sending.write(sample.bytes.subarray(ackedBytes, 15 * MIB), resolve));
      return sending;
    }

    /** Pushes images until a replica has answered such a request through the proxy. */
    async function pushUntilTaken({ port }: ServerProcess): Promise<void> {
      const before = replicas.proxy.passed.length;
      const isTaken = (): boolean =>
        replicas.proxy.passed.slice(before).some((passed) => passed.port === port && passed.status === 201);
      await until('it takes a push', SILENCE_MS, async () => {
        const tag = `t${pushedSince.length}`;
        await pusher.image('killed/since', samples.image(), tag);
        pushedSince.push(tag);
        return isTaken();
      });
    }

    async function tagsAt({ url }: ServerProcess): Promise<readonly string[]> {
      const tags: string[] = [];
      for await (const tag of createClient({ url }).listTags('killed/since')) tags.push(tag);
      return tags;
    }

    beforeAll(async () => {
      const path = await startUpload(repository, sample.bytes.subarray(0, ackedBytes));
      upload = { path, repository, sample, ackedBytes, finishing: false };
      const sending = await beginPatch(path);
      const { port } = replicas.proxy.passed.findLast((passed) => passed.path === path) ?? {};
      victim = replicas.servers.find((server) => server.port === port) as ServerProcess;

      const [one, other] = [samples.image(), samples.image()];
      for (const image of [one, other]) await pusher.image('killed/busy', image);
      const tags = Array.from({ length: 20 }, (_, index) => `t${index}`);
      for (let turn = 0; !(await stopWithJob(replicas, victim.pid)); turn += 1) {
        // Tags move all the time, so that the job is never done; some bytes, or the client would be taken for dead.
        await pusher.manifest('killed/busy', (turn % 2 === 0 ? one : other).manifest, ...tags);
        sending.write(sample.bytes.subarray(15 * MIB + turn, 15 * MIB + turn + 1));
      }
      await victim.kill();
    }, DISASTER_MS);

    it('cuts off the client of that one', async () => {
      expect(await cutOff).toMatchObject([{ code: 'ECONNRESET' }]);
      const requests = replicas.proxy.passed.filter(({ path }) => path === upload.path);
      expect(requests.map(({ status }) => status)).toEqual([202, undefined]);
    });

    it('lets the others take pushes, and one that is started meanwhile', async () => {
      const added = await replicas.add();
      const alive = replicas.servers.filter((server) => server !== victim);
      for (const server of alive) await pushUntilTaken(server);
      expect(alive).toContain(added);
      for (const server of alive) expect(await tagsAt(server)).toEqual(pushedSince.toSorted());
    });

    it(
      'lets the upload go on from what was acknowledged, through another',
      async () => {
        const uploads = new Map([[upload.path, upload]]);
        expect(await aftermath.findWrongUploads({ ...createLedger(), uploads })).toEqual([]);
        await finish(upload);
        const last = replicas.proxy.passed.findLast(({ path }) => path === upload.path);
        expect(last).toMatchObject({ method: 'PUT', status: 201 });
        expect(last?.port).not.toBe(victim.port);
        expect(await aftermath.findLost([[`/v2/${repository}/blobs/${sample.digest}`, sample]])).toEqual([]);
      },
      3 * SILENCE_MS,
    );

    it(
      'passes its job on: the records of what was pushed since are written',
      async () => {
        const folder = join(replicas.service.folder, 'manifests/killed!since');
        const recorded = (): Promise<readonly string[]> => readdir(folder).catch(() => []);
        await until('there are records', 2 * SILENCE_MS, async () => {
          const names = await recorded();
          return pushedSince.every((tag) => names.includes(tag));
        });
        expect(await hasJob(replicas, victim.pid)).toBe(false);
      },
      3 * SILENCE_MS,
    );

    it('takes it back when it is started again', async () => {
      await victim.start();
      await pushUntilTaken(victim);
      expect(await tagsAt(victim)).toEqual(pushedSince.toSorted());
    });
  });

  it(
    'go on with every upload that died with one of them',
    async () => {
      for (const upload of held) await finish(upload);
      expect(await aftermath.findLost(ledger.content)).toEqual([]);
    },
    3 * SILENCE_MS,
  );

  it('each give everything, whole, and catalog and bucket agree', async () => {
    const [first, ...others] = await Promise.all(replicas.servers.map(({ url }) => pullEverything(url)));
    expect(first?.contents).toBeGreaterThan(ledger.ackedTags.size);
    expect(others).toEqual(Array(3).fill(first));
    const { code, stdout, stderr } = await runCommand(['verify', '--content'], replicas.settings);
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is wrong') });
  });

  it(
    'leave nothing half-written in the bucket for ever',
    async () => {
      const { folder } = replicas.service;
      async function strays(): Promise<readonly string[]> {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        const files = entries.filter((entry) => !entry.isDirectory());
        const keys = files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
        return keys.filter((key) => !/^(blobs|manifests)\//.test(key));
      }
      await startUpload('killed/forgotten', Buffer.from('forgotten'));
      expect(await strays()).not.toEqual([]);
      const [server] = replicas.servers;
      await server?.stop();
      await server?.start({ ...replicas.settings, 'registry.upload_expiry': '1s' });
      await until('uploads are swept', 2 * SILENCE_MS, async () => (await strays()).length === 0);
    },
    3 * SILENCE_MS,
  );
});
