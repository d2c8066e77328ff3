import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { SampleImage } from '../images.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeRealImage } from './real-image.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

describeClients(['regctl'], 'regctl', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  let amd64: SampleImage;
  let arm64: SampleImage;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
    amd64 = await makeRealImage([{ hello: 'amd64' }]);
    arm64 = await makeRealImage([{ hello: 'arm64' }], 'arm64');
    const pusher = createPusher(server.url);
    await pusher.image('regctl/app', amd64, 'amd64');
    await pusher.image('regctl/app', arm64, 'arm64');
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  async function regctl(args: readonly string[], input?: string): Promise<string> {
    const env = { REGCTL_CONFIG: join(folder.path, 'regctl.json') };
    const host = `reg=${server.host},tls=disabled`;
    return (await run(programOf('regctl'), ['--host', host, ...args], { env, ...(input && { input }) })).trim();
  }
  const at = (name: string): string => `${server.host}/${name}`;
  const attach = (name: string): Promise<string> =>
    regctl(['artifact', 'put', '--artifact-type', 'application/vnd.example.note', '--subject', at(name)], 'a note');
  const listArtifacts = async (name: string): Promise<{ artifactType: string }[]> =>
    JSON.parse(await regctl(['artifact', 'list', '--format', '{{json .Descriptors}}', at(name)])) ?? [];

  it('creates an index for several platforms', async () => {
    const parts = [amd64, arm64].flatMap(({ manifest }) => ['--ref', at(`regctl/app@${manifest.digest}`)]);
    await regctl(['index', 'create', ...parts, at('regctl/app:multi')]);
    const index = JSON.parse(await regctl(['manifest', 'get', '--format', 'raw-body', at('regctl/app:multi')]));
    expect(index.manifests).toMatchObject([
      { digest: amd64.manifest.digest, platform: { architecture: 'amd64' } },
      { digest: arm64.manifest.digest, platform: { architecture: 'arm64' } },
    ]);
    expect(await regctl(['image', 'digest', '--platform', 'linux/arm64', at('regctl/app:multi')])).toBe(
      arm64.manifest.digest,
    );
  });

  it('copies an image with its referrers', async () => {
    await createPusher(server.url).image('regctl/noted', amd64, '1');
    await attach('regctl/noted:1');
    await regctl(['image', 'copy', '--referrers', at('regctl/noted:1'), at('regctl/copy:1')]);
    expect(await regctl(['image', 'digest', at('regctl/copy:1')])).toBe(amd64.manifest.digest);
    expect(await listArtifacts('regctl/copy:1')).toEqual(await listArtifacts('regctl/noted:1'));
    expect(await listArtifacts('regctl/copy:1')).toMatchObject([{ artifactType: 'application/vnd.example.note' }]);
  });

  it('gets back the artifact that it put', async () => {
    await regctl(
      ['artifact', 'put', '--artifact-type', 'application/vnd.example.note', at('regctl/artifact:1')],
      'kept',
    );
    expect(await regctl(['artifact', 'get', at('regctl/artifact:1')])).toBe('kept');
  });

  it('deletes a tag and leaves the image and its other tags', async () => {
    await createPusher(server.url).image('regctl/tags', amd64, '1', '2');
    await regctl(['tag', 'delete', at('regctl/tags:1')]);
    expect(await regctl(['tag', 'ls', at('regctl/tags')])).toBe('2');
    expect(await regctl(['image', 'digest', at('regctl/tags:2')])).toBe(amd64.manifest.digest);
  });

  it('lists tags page by page', async () => {
    await createPusher(server.url).image('regctl/pages', amd64, 'a', 'b', 'c');
    expect(await regctl(['tag', 'ls', '--limit', '2', at('regctl/pages')])).toBe('a\nb');
    expect(await regctl(['tag', 'ls', '--limit', '2', '--last', 'b', at('regctl/pages')])).toBe('c');
  });
});
