import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeRealImage, writeDockerArchive } from './real-image.ts';
import { run, tryRun } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['crane'], 'crane', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  let archive: string;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
    archive = join(folder.path, 'image.tar');
    await writeDockerArchive(archive, await makeRealImage([{ hello: 'crane' }, { more: 'crane' }]), 'local/app:1');
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  const crane = async (...args: readonly string[]): Promise<string> => (await run(programOf('crane'), args)).trim();
  const at = (name: string): string => `${server.host}/${name}`;
  const digestOf = (name: string): Promise<string> => crane('digest', at(name));

  it('pushes an image that validates, and whose digest it can tell', async () => {
    const printed = await crane('push', archive, at('crane/app:1'));
    expect(printed).toBe(`${at('crane/app')}@${await digestOf('crane/app:1')}`);
    expect(await crane('validate', '--remote', at('crane/app:1'))).toContain('PASS');
  });

  it('copies between repositories and keeps the digest', async () => {
    await crane('push', archive, at('crane/from:1'));
    await crane('copy', at('crane/from:1'), at('crane/to:2'));
    expect(await digestOf('crane/to:2')).toBe(await digestOf('crane/from:1'));
    expect(await crane('validate', '--remote', at('crane/to:2'))).toContain('PASS');
  });

  it('lists tags and repositories', async () => {
    for (const tag of ['2', '10', 'a']) await crane('push', archive, at(`crane/lists:${tag}`));
    await crane('tag', at('crane/lists:2'), 'tagged');
    expect(await crane('ls', at('crane/lists'))).toBe('10\n2\na\ntagged');
    expect((await crane('catalog', server.host)).split('\n')).toContain('crane/lists');
  });

  it('appends images to an index that validates', async () => {
    await crane('push', archive, at('crane/index:amd64'));
    await crane('index', 'append', '--manifest', at('crane/index:amd64'), '--tag', at('crane/index:all'));
    const index = JSON.parse(await crane('manifest', at('crane/index:all')));
    expect(index.manifests).toMatchObject([
      { digest: await digestOf('crane/index:amd64'), platform: { os: 'linux', architecture: 'amd64' } },
    ]);
    expect(await crane('validate', '--remote', at('crane/index:all'))).toContain('PASS');
  });

  it('makes an image anew with another layer, over the blobs that are there', async () => {
    await crane('push', archive, at('crane/append:1'));
    await crane('append', '--base', at('crane/append:1'), '--new_layer', archive, '--new_tag', at('crane/append:2'));
    const layers = JSON.parse(await crane('manifest', at('crane/append:2'))).layers;
    expect(layers.slice(0, 2)).toEqual(JSON.parse(await crane('manifest', at('crane/append:1'))).layers);
  });

  it('deletes a tag alone, and a digest with its tags', async () => {
    await crane('push', archive, at('crane/deleted:1'));
    const digest = await digestOf('crane/deleted:1');
    for (const tag of ['2', '3']) await crane('tag', at('crane/deleted:1'), tag);
    await crane('delete', at('crane/deleted:1'));
    expect(await crane('ls', at('crane/deleted'))).toBe('2\n3');
    await crane('delete', at(`crane/deleted@${digest}`));
    expect(await crane('ls', at('crane/deleted'))).toBe('');
    const { code, stderr } = await tryRun(programOf('crane'), ['manifest', at(`crane/deleted@${digest}`)]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('MANIFEST_UNKNOWN');
  });
});
