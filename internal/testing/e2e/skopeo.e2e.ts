import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodedOf } from '../../../pkg/oci/index.ts';
import type { SampleImage } from '../images.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeRealImage, writeDockerArchive, writeOciLayout } from './real-image.ts';
import { run, tryRun } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['skopeo'], 'skopeo', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  let image: SampleImage;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
    image = await makeRealImage([{ hello: 'skopeo' }, { 'etc/more': 'skopeo' }]);
    await writeOciLayout(join(folder.path, 'layout'), { '1.0': image });
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  const skopeo = (...args: readonly string[]): Promise<string> =>
    run(programOf('skopeo'), ['--insecure-policy', ...args]);
  const remote = (name: string): string => `docker://${server.host}/${name}`;
  const copy = (from: string, to: string, ...args: readonly string[]): Promise<string> =>
    skopeo('copy', '--src-tls-verify=false', '--dest-tls-verify=false', ...args, from, to);
  const copyExactly = (from: string, to: string): Promise<string> => copy(from, to, '--all', '--preserve-digests');
  const push = (name: string): Promise<string> => copyExactly(`oci:${join(folder.path, 'layout')}:1.0`, remote(name));
  const inspect = async (name: string): Promise<{ Digest: string; Layers: string[]; RepoTags: string[] }> =>
    JSON.parse(await skopeo('inspect', '--tls-verify=false', remote(name)));

  it('copies a layout in, to another repository, and out again, with every byte', async () => {
    await push('skopeo/first:1.0');
    await copyExactly(remote('skopeo/first:1.0'), remote('skopeo/second:2.0'));
    const target = join(folder.path, 'copied');
    await copyExactly(remote('skopeo/second:2.0'), `oci:${target}:out`);
    const wanted = [image.manifest, ...image.blobs];
    expect((await readdir(join(target, 'blobs/sha256'))).toSorted()).toEqual(
      wanted.map(({ digest }) => encodedOf(digest)).toSorted(),
    );
    for (const { digest, bytes } of wanted) {
      expect(await readFile(join(target, 'blobs/sha256', encodedOf(digest)))).toEqual(bytes);
    }
  });

  it('pushes what docker saved', async () => {
    const archive = join(folder.path, 'saved.tar');
    await writeDockerArchive(archive, image, 'saved/app:1');
    await copy(`docker-archive:${archive}`, remote('skopeo/saved:1'));
    expect(await inspect('skopeo/saved:1')).toMatchObject({ RepoTags: ['1'], Layers: { length: 2 } });
  });

  it('inspects and lists tags', async () => {
    for (const tag of ['b', 'a', '10']) await push(`skopeo/tags:${tag}`);
    expect(await inspect('skopeo/tags:a')).toMatchObject({
      Digest: image.manifest.digest,
      Layers: image.blobs.slice(1).map(({ digest }) => digest),
    });
    expect(JSON.parse(await skopeo('list-tags', '--tls-verify=false', remote('skopeo/tags')))).toMatchObject({
      Tags: ['10', 'a', 'b'],
    });
  });

  it('deletes an image, and its tags with it', async () => {
    await push('skopeo/deleted:1');
    await push('skopeo/deleted:2');
    await skopeo('delete', '--tls-verify=false', remote('skopeo/deleted:1'));
    const gone = await tryRun(programOf('skopeo'), ['inspect', '--tls-verify=false', remote('skopeo/deleted:2')]);
    expect(gone.code).not.toBe(0);
    expect(gone.stderr).toContain('manifest unknown');
  });
});
