import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { createSamples } from '../images.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { startContainerd, type Containerd } from './containerd-daemon.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeRealImage, writeOciArchive } from './real-image.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['containerd'], 'containerd', () => {
  let server: ServerProcess;
  let engine: Containerd;
  let folder: TempFolder;

  beforeAll(async () => {
    folder = await openTempFolder();
    [server, engine] = await Promise.all([startServer(), startContainerd()]);
  });
  afterAll(async () => {
    await Promise.all([server.close(), engine.close(), folder.remove()]);
  });

  const pull = (name: string): Promise<string> =>
    engine.ctr('images', 'pull', '--plain-http', '--snapshotter', 'native', name);
  /** The digests that containerd knows images under, by name. */
  async function digests(): Promise<ReadonlyMap<string, string>> {
    const [, ...rows] = (await engine.ctr('images', 'ls')).trim().split('\n');
    return new Map(rows.map((row) => row.split(/\s+/)).map(([name = '', , digest = '']) => [name, digest]));
  }

  it('pushes an image and pulls the same digest back', async () => {
    const image = await makeRealImage([{ hello: 'containerd' }, { 'etc/more': 'containerd' }]);
    const archive = join(folder.path, 'image.tar');
    const base = `${server.host}/containerd/app`;
    await writeOciArchive(archive, { '1.0': image });
    await engine.ctr('images', 'import', '--no-unpack', '--base-name', base, archive);
    await engine.ctr('images', 'push', '--plain-http', `${base}:1.0`);
    await engine.ctr('images', 'rm', '--sync', `${base}:1.0`);
    expect(await digests()).toEqual(new Map());

    await pull(`${base}:1.0`);
    expect(await digests()).toEqual(new Map([[`${base}:1.0`, image.manifest.digest]]));
    await engine.ctr('images', 'rm', '--sync', `${base}:1.0`);
  });

  it('pulls its own platform out of an index', async () => {
    const pusher = createPusher(server.url);
    const images = [await makeRealImage([{ hello: 'amd64' }]), await makeRealImage([{ hello: 'arm64' }], 'arm64')];
    for (const image of images) await pusher.image('containerd/index', image);
    const index = createSamples('containerd').index(images.map(({ manifest }) => manifest));
    await pusher.manifest('containerd/index', index, 'multi');
    await pull(`${server.host}/containerd/index:multi`);
    expect((await digests()).get(`${server.host}/containerd/index:multi`)).toBe(index.digest);
  });
});
