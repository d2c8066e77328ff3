import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSamples, type SampleImage } from '../images.ts';
import { openPostgres } from '../postgres.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { startChild, until } from './child.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { pullEverything } from './pull-everything.ts';
import { makeRealImage, writeDockerArchive } from './real-image.ts';
import { startReplicas, type Replicas } from './replicas.ts';
import { run } from './run.ts';
import { commandLine, runCommand, startServer, type ServerProcess, type Settings } from './server-process.ts';

const KIB = 1024;
const samples = createSamples(`backup ${process.pid}`);
/** As fast as collections can go: whatever is deleted goes at once, and only leases of pushes hold. */
const HASTY: Settings = { 'gc.review_delay': '5s', 'log.level': 'warn' };

/** Pushes, moves, deletes and collects until it is told to stop; how often it went round. */
function churn(url: string): () => Promise<number> {
  const pusher = createPusher(url);
  const stopping = new AbortController();
  let rounds = 0;
  async function goRound(): Promise<void> {
    let before: SampleImage | undefined;
    for (; !stopping.signal.aborted; rounds += 1) {
      const image = samples.image({ layers: 2, layerBytes: 40 * KIB });
      await pusher.image('churn/app', image, 'latest', `v${rounds}`);
      if (before) await fetch(`${url}/v2/churn/app/manifests/${before.manifest.digest}`, { method: 'DELETE' });
      await fetch(`${url}/admin/gc`, {
        method: 'POST',
        body: '{"grace":"0"}',
        headers: { 'content-type': 'application/json' },
      });
      before = image;
    }
  }
  const going = goRound();
  return async () => {
    stopping.abort();
    await going;
    return rounds;
  };
}

interface Summary {
  readonly name: string;
  readonly lacking: number;
  readonly content: { readonly blobs: number };
  readonly copied: { readonly blobs: number };
  readonly pruned: { readonly backups: readonly string[]; readonly blobs: number };
}
const summaryOf = ({ stdout }: { readonly stdout: string }): Summary =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Summary;

describeClients(['crane'], 'a backup of a folder and SQLite', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  let kept: readonly string[];
  const digests = new Map<string, string>();
  const crane = async (...args: readonly string[]): Promise<string> => (await run(programOf('crane'), args)).trim();
  const target = (): string => join(folder.path, 'back ups');

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(HASTY), openTempFolder()]);
    const archive = join(folder.path, 'image.tar');
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'backup' }, { more: 'backup' }]), 'local/app:1');
    kept = ['kept/one:1', 'kept/one:Latest', 'kept/two:1'];
    for (const name of kept) {
      await crane('push', archive, `${server.host}/${name}`);
      digests.set(name, await crane('digest', `${server.host}/${name}`));
    }
    const pusher = createPusher(server.url);
    for (let each = 0; each < 60; each += 1) {
      const image = samples.image({ layers: 3, layerBytes: each % 10 === 0 ? 3000 * KIB : 20 * KIB });
      await pusher.image(`many/app${each % 7}`, image, `v${each}`);
    }
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  const settings = (): Settings => ({ 'storage.path': server.folder });
  const backup = (...more: readonly string[]) => runCommand(['backup', target(), '--json', ...more], settings());

  it('goes on where it was after kill -9, while clients push, delete and collect', async () => {
    const stop = churn(server.url);
    try {
      const { program, args, env } = commandLine(['backup', target()], settings());
      const killed = await startChild(program, args, { env, cwd: folder.path });
      const blobs = join(target(), 'blobs', 'sha256');
      await until('some content is copied', 30_000, () => existsSync(blobs) || killed.hasEnded());
      await killed.end('SIGKILL');
      const listed = await runCommand(['backup', 'list', target(), '--json'], settings());
      expect(JSON.parse(listed.stdout)).toMatchObject({ backups: [], unfinished: [expect.any(String)] });

      for (let turn = 0; turn < 3; turn += 1) {
        const made = await backup();
        expect([made.code, made.stderr]).toEqual([0, '']);
        expect(summaryOf(made)).toMatchObject({ lacking: 0 });
      }
    } finally {
      expect(await stop()).toBeGreaterThan(3);
    }
    expect(await readdir(join(target(), 'uploads'))).toEqual([]);
    expect((await readdir(join(target(), 'backups'))).map((file) => file.slice(20))).toEqual([
      '.dump',
      '.json',
      '.dump',
      '.json',
      '.dump',
      '.json',
    ]);
  });

  it('is restored elsewhere with every tag complete, byte for byte', async () => {
    const live = await pullEverything(server.url);
    const made = await backup();
    expect(made.code).toBe(0);
    await server.kill();
    const other = join(folder.path, 'restored');
    const restored = await runCommand(['restore', target()], { 'storage.path': other });
    expect([restored.code, restored.stderr]).toEqual([0, '']);
    expect(restored.stdout).toContain('Every tag is complete.');
    const again = await startServer({ 'storage.path': other });
    try {
      expect(await pullEverything(again.url)).toEqual(live);
      for (const name of kept) {
        expect(await crane('digest', `${again.host}/${name}`)).toBe(digests.get(name));
        expect(await crane('validate', '--remote', `${again.host}/${name}`)).toContain('PASS');
      }
    } finally {
      await again.close();
    }
    const verified = await runCommand(['verify', '--content'], { 'storage.path': other });
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('nothing is wrong')]);
    await server.start();
  });

  it('prunes what no kept backup names, and each that is kept is still whole', async () => {
    const pruned = summaryOf(await backup('--keep', '2'));
    expect(pruned.pruned.backups.length).toBeGreaterThan(0);
    const names = (await readdir(join(target(), 'backups'))).filter((file) => file.endsWith('.json'));
    expect(names).toHaveLength(2);
    for (const name of names.map((file) => file.slice(0, -'.json'.length))) {
      const other = join(folder.path, `of ${name}`);
      const restored = await runCommand(['restore', target(), '--at', name], { 'storage.path': other });
      expect([restored.code, restored.stdout]).toEqual([0, expect.stringContaining('Every tag is complete.')]);
      await rm(other, { recursive: true });
    }
  });

  it('that was damaged is told of by name, with the tags that it hurts', async () => {
    const manifest = JSON.parse(await crane('manifest', `${server.host}/${kept[0]}`)) as {
      layers: { digest: string }[];
    };
    const hex = manifest.layers[0]!.digest.slice('sha256:'.length);
    const path = join(target(), 'blobs/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    const restored = await runCommand(['restore', target()], { 'storage.path': join(folder.path, 'damaged') });
    expect(restored.code).toBe(1);
    expect(restored.stdout).toContain(`blob missing: sha256:${hex} (in the backup its bytes are not`);
    for (const name of kept) expect(restored.stdout).toContain(`tag incomplete: ${name} (it lacks sha256:${hex})`);
    expect(restored.stdout).toContain('3 tags cannot be pulled completely.');
  });
});

describeClients(['crane', 'versitygw'], 'backups of two replicas on PostgreSQL and a bucket', () => {
  let replicas: Replicas;
  let folder: TempFolder;
  let settings: Settings;

  beforeAll(async () => {
    folder = await openTempFolder();
    replicas = await startReplicas(2, { ...HASTY, 'storage.s3.prefix': 'data' });
    const { service } = replicas;
    settings = {
      ...replicas.settings,
      'backup.target': `s3://${service.bucket}/kept/backups`,
      'backup.s3.endpoint': service.endpoint,
      'backup.s3.access_key_id': service.accessKeyId,
      'backup.s3.secret_access_key': service.secretAccessKey,
    };
    const archive = join(folder.path, 'image.tar');
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'bucket' }]), 'local/app:1');
    await run(programOf('crane'), ['push', archive, `${replicas.proxy.host}/real/app:1`]);
    const pusher = createPusher(replicas.proxy.url);
    for (let each = 0; each < 20; each += 1) {
      const image = samples.image({ layers: 2, layerBytes: each % 10 === 0 ? 9000 * KIB : 20 * KIB });
      await pusher.image(`many/app${each % 3}`, image, `v${each}`);
    }
  });
  afterAll(async () => {
    await Promise.all([replicas?.close(), folder.remove()]);
  });

  it('are whole while both take pushes, deletes and collections, and one is killed', async () => {
    const [first, second] = replicas.servers;
    const stop = churn(second!.url);
    try {
      const made = await runCommand(['backup', '--json'], settings);
      expect([made.code, made.stderr]).toEqual([0, '']);
      await first!.kill();
      const again = await runCommand(['backup', '--json'], settings);
      expect([again.code, summaryOf(again).lacking]).toEqual([0, 0]);
      expect(summaryOf(again).copied.blobs).toBeLessThan(summaryOf(again).content.blobs);
    } finally {
      await stop();
    }
    await first!.start({ ...settings, 'backup.schedule': '1h' });
  });

  it('are made by one of the replicas when the schedule asks for one', async () => {
    const [first, second] = replicas.servers;
    await replicas.ask("delete from cursors where name like 'backup%'");
    await second!.stop();
    await second!.start({ ...settings, 'backup.schedule': '1h' });
    const names = async () => {
      const { stdout } = await runCommand(['backup', 'list', '--json'], settings);
      return (JSON.parse(stdout) as { backups: readonly { name: string }[] }).backups.map(({ name }) => name);
    };
    await until('a third backup is there', 100_000, async () => (await names()).length === 3);
    const runs = await Promise.all(
      [first, second].map(async (server) => {
        const text = await (await fetch(`${server!.url}/metrics`)).text();
        expect(text).toMatch(/^backup_age_seconds \d+/m);
        return Number(/^backup_runs_total\{result="done"\} (\d+)/m.exec(text)?.[1]);
      }),
    );
    expect([...runs].toSorted((a, b) => a - b)).toEqual([0, 1]);
  }, 150_000);

  it('are restored on another engine and another storage, and on another of the same', async () => {
    const live = await pullEverything(replicas.proxy.url);
    expect((await runCommand(['backup'], settings)).code).toBe(0);
    const postgres = await openPostgres();
    try {
      const database = await postgres.createDatabase();
      const backups = Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith('backup.')));
      const places: readonly Settings[] = [
        { 'storage.path': join(folder.path, 'restored') },
        { ...replicas.settings, 'catalog.url': database, 'storage.s3.prefix': 'restored' },
      ];
      for (const place of places) {
        const restored = await runCommand(['restore'], { ...backups, ...place });
        expect([restored.code, restored.stderr]).toEqual([0, '']);
        const again = await startServer(place);
        try {
          expect(await pullEverything(again.url)).toEqual(live);
          const validated = await run(programOf('crane'), ['validate', '--remote', `${again.host}/real/app:1`]);
          expect(validated).toContain('PASS');
        } finally {
          await again.close();
        }
      }
    } finally {
      await postgres.close();
    }
  }, 150_000);
});
