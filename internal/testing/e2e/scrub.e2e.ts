import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../../pkg/oci/index.ts';
import { blobKey } from '../../storage/layout.ts';
import { createSamples } from '../images.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { until } from './child.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeRealImage, writeDockerArchive } from './real-image.ts';
import { run, tryRun } from './run.ts';
import { runCommand, startServer, type ServerProcess, type Settings } from './server-process.ts';

const KIB = 1024;
const REPOSITORY = 'team/app';
const SETTINGS: Settings = {
  'log.level': 'warn',
  'scrub.interval': '0',
  'scrub.rate': '0',
  'registry.cache_size': '0',
};
const samples = createSamples(`scrub ${process.pid}`);

interface Status {
  readonly state: string;
  readonly pass: {
    readonly started_at: string;
    readonly finished_at: string | null;
    readonly blobs: number;
    readonly done: number;
  } | null;
  readonly quarantined: readonly {
    readonly digest: string;
    readonly problem: string;
    readonly hurt: readonly { readonly repository: string; readonly tag: string | null }[];
  }[];
}

async function statusOf({ url }: ServerProcess): Promise<Status> {
  const answer = await fetch(`${url}/admin/scrub`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Status;
}

/** Begins a pass over all content, and waits for its end. */
async function scrub(server: ServerProcess): Promise<Status> {
  const body = '{"all":true}';
  const headers = { 'content-type': 'application/json' };
  const before = (await statusOf(server)).pass?.finished_at;
  expect((await fetch(`${server.url}/admin/scrub`, { method: 'POST', body, headers })).status).toBe(202);
  return until('all content was read', 30_000, async () => {
    const status = await statusOf(server);
    return status.state === 'idle' && status.pass?.finished_at !== before ? status : undefined;
  });
}

describeClients(['crane'], 'content that goes bad under a running server', () => {
  let server: ServerProcess;
  let peer: ServerProcess;
  let folder: TempFolder;
  /** What the client made of the image when it pushed it. */
  let pushed: { readonly manifest: Digest; readonly config: Digest; readonly layer: Digest };
  const crane = (...args: readonly string[]) => tryRun(programOf('crane'), args);
  const pulls = async (tag: string, from = server): Promise<boolean> =>
    (await crane('validate', '--remote', `${from.host}/${REPOSITORY}:${tag}`)).code === 0;
  const fileOf = (digest: Digest): string => join(server.folder, blobKey(digest));
  const target = (): string => join(folder.path, 'backup');

  async function flip(digest: Digest): Promise<void> {
    const bytes = await readFile(fileOf(digest));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(fileOf(digest), bytes);
  }

  beforeAll(async () => {
    [server, peer, folder] = await Promise.all([startServer(SETTINGS), startServer(SETTINGS), openTempFolder()]);
    // Large enough that its bytes are not looked at whenever it is read.
    const image = await makeRealImage([{ hello: 'scrub' }, { large: randomBytes(3000 * KIB) }]);
    const archive = join(folder.path, 'image.tar');
    await writeDockerArchive(archive, image, 'local/app:1');
    for (const { host } of [server, peer]) {
      for (const tag of ['1.0', 'latest']) {
        await run(programOf('crane'), ['push', archive, `${host}/${REPOSITORY}:${tag}`]);
      }
    }
    const name = `${server.host}/${REPOSITORY}:1.0`;
    const { config, layers } = JSON.parse((await crane('manifest', name)).stdout) as {
      config: { digest: Digest };
      layers: readonly { digest: Digest }[];
    };
    const manifest = (await crane('digest', name)).stdout.trim() as Digest;
    pushed = { manifest, config: config.digest, layer: layers.at(-1)!.digest };
    const { code, stderr } = await runCommand(['backup', target()], { 'storage.path': server.folder });
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => {
    await Promise.all([server.close(), peer.close(), folder.remove()]);
  });

  it('is found, named with its tags, and given to nobody', async () => {
    expect(await pulls('latest')).toBe(true);
    await flip(pushed.layer);
    const { quarantined } = await scrub(server);
    expect(quarantined).toMatchObject([{ digest: pushed.layer, problem: 'wrong content' }]);
    expect(quarantined[0]!.hurt.map(({ repository, tag }) => `${repository}:${tag}`)).toEqual([
      `${REPOSITORY}:1.0`,
      `${REPOSITORY}:latest`,
    ]);
    expect(server.output()).toMatch(new RegExp(`Damaged content is quarantined.*${pushed.layer}`));
    const path = `${server.url}/v2/${REPOSITORY}/blobs/${pushed.layer}`;
    for (const asked of [{}, { method: 'HEAD' }, { headers: { range: 'bytes=0-9' } }]) {
      expect((await fetch(path, asked)).status).toBe(404);
    }
    expect(await pulls('latest')).toBe(false);
  });

  it('is brought back from another registry, by a command beside the server', async () => {
    const settings = {
      'storage.path': server.folder,
      'scrub.peer.url': `http://127.0.0.1:${peer.port}`,
      'outbound.allow_networks': '127.0.0.1',
    };
    const { code, stdout, stderr } = await runCommand(['scrub', '--quarantined', '--repair', '--json'], settings);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`"digest":"${pushed.layer}".*"mended":true,"from":"peer"`));
    expect(await pulls('latest')).toBe(true);
    expect((await statusOf(server)).quarantined).toEqual([]);
  });

  it('is brought back from a backup by the server itself, be it a manifest, a config or a layer', async () => {
    const settings = { ...SETTINGS, 'scrub.backup': target() };
    await server.stop();
    await server.start(settings);
    await flip(pushed.manifest);
    await truncate(fileOf(pushed.config), 5);
    await rm(fileOf(pushed.layer));
    const { pass, quarantined } = await scrub(server);
    expect(pass).toMatchObject({ damaged: 3, mended: 3 });
    expect(quarantined).toEqual([]);
    for (const tag of ['1.0', 'latest']) expect(await pulls(tag)).toBe(true);
  });

  it('is mended by who pushes it again, as a client does that asks for layers before it sends them', async () => {
    await server.stop();
    await server.start(SETTINGS);
    await flip(pushed.layer);
    expect((await scrub(server)).quarantined).toHaveLength(1);
    const archive = join(folder.path, 'image.tar');
    // To a tag of its own: where the tag has that manifest already, this client asks for nothing else.
    expect((await crane('push', archive, `${server.host}/${REPOSITORY}:again`)).code).toBe(0);
    expect((await statusOf(server)).quarantined).toEqual([]);
    expect(await pulls('1.0')).toBe(true);
  });

  it('is looked for on from where a pass stood whose server was killed', async () => {
    const pusher = createPusher(server.url);
    for (let each = 0; each < 300; each += 1) await pusher.blob('many/blobs', samples.blob(4 * KIB));
    const slow = { ...SETTINGS, 'scrub.rate': '400KiB', 'scrub.interval': '9999h' };
    await server.stop();
    await server.start(slow);
    const headers = { 'content-type': 'application/json' };
    await fetch(`${server.url}/admin/scrub`, { method: 'POST', body: '{"all":true}', headers });
    const noted = await until('some of it was noted', 60_000, async () => {
      const { pass } = await statusOf(server);
      return pass?.finished_at === null && pass.done > 0 ? pass : undefined;
    });
    await server.kill();
    await server.start(slow);
    const ended = await until('it came to its end', 120_000, async () => {
      const { pass, state } = await statusOf(server);
      // Only where nobody is at it: it may end meanwhile, and then this would begin another.
      if (pass?.finished_at === null && state === 'idle')
        await fetch(`${server.url}/admin/scrub`, { method: 'POST', body: '{}', headers });
      return pass?.finished_at === null ? undefined : pass;
    });
    expect(ended.started_at).toBe(noted.started_at);
    expect(ended.blobs).toBeGreaterThanOrEqual(300);
  }, 240_000);
});
