import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../../pkg/oci/index.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { makeTar, writeFiles } from './real-image.ts';
import { run, tryRun } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const TOOL = 'application/vnd.example.tool';

describeClients(['oras'], 'oras', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  let archive: Buffer;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
    archive = gzipSync(await makeTar({ 'bin/hello': '#!/bin/sh\necho hello\n', 'README.md': 'A tool.\n' }));
    await writeFiles(folder.path, { 'hello.tar.gz': archive, 'sbom.json': '{"packages":[]}' });
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  const oras = (...args: readonly string[]): Promise<string> => run(programOf('oras'), args, { cwd: folder.path });
  const at = (name: string): string => `${server.host}/${name}`;
  const push = (name: string, ...args: readonly string[]): Promise<string> =>
    oras('push', '--plain-http', at(name), '--artifact-type', TOOL, 'hello.tar.gz', ...args);
  const attach = (name: string): Promise<string> =>
    oras(
      'attach',
      '--plain-http',
      at(name),
      '--artifact-type',
      'application/vnd.example.sbom',
      'sbom.json:application/json',
    );
  const digestIn = (output: string): string => /Digest: (sha256:[0-9a-f]{64})/.exec(output)?.[1] ?? output;
  async function discover(
    name: string,
    ...args: readonly string[]
  ): Promise<{ artifactType: string; digest: string }[]> {
    const found = await oras('discover', '--plain-http', '--format', 'json', at(name), ...args);
    return JSON.parse(found).manifests ?? [];
  }

  it('pushes the archive of a tool and pulls it back, byte for byte', async () => {
    await push('tools/hello:1.2.0');
    await oras('pull', '--plain-http', at('tools/hello:1.2.0'), '--output', 'installed');
    expect(await readFile(join(folder.path, 'installed/hello.tar.gz'))).toEqual(archive);
  });

  it('keeps artifact type, annotations and several tags', async () => {
    await push('tools/described:1.0.0,1.0,latest', '--annotation', 'org.opencontainers.image.version=1.0.0');
    const manifest = JSON.parse(await oras('manifest', 'fetch', '--plain-http', at('tools/described:1.0')));
    expect(manifest).toMatchObject({
      artifactType: TOOL,
      annotations: { 'org.opencontainers.image.version': '1.0.0' },
      layers: [{ digest: digestOf(archive), annotations: { 'org.opencontainers.image.title': 'hello.tar.gz' } }],
    });
    expect(await oras('repo', 'tags', '--plain-http', at('tools/described'))).toBe('1.0\n1.0.0\nlatest\n');
    expect(await oras('repo', 'ls', '--plain-http', server.host)).toContain('tools/described\n');
  });

  it('discovers what is attached, by type', async () => {
    await push('tools/attached:1');
    const sbom = digestIn(await attach('tools/attached:1'));
    expect(await discover('tools/attached:1')).toMatchObject([
      { artifactType: 'application/vnd.example.sbom', digest: sbom },
    ]);
    expect(await discover('tools/attached:1', '--artifact-type', 'application/vnd.example.sbom')).toHaveLength(1);
    expect(await discover('tools/attached:1', '--artifact-type', 'application/vnd.example.other')).toHaveLength(0);
  });

  it('copies an artifact with what refers to it', async () => {
    await push('tools/source:1');
    await attach('tools/source:1');
    await oras('cp', '--recursive', '--from-plain-http', '--to-plain-http', at('tools/source:1'), at('tools/target:2'));
    expect(await discover('tools/target:2')).toEqual(
      (await discover('tools/source:1')).map((found) => ({
        ...found,
        reference: at(`tools/target@${found.digest}`),
      })),
    );
    await oras('pull', '--plain-http', at('tools/target:2'), '--output', 'copied');
    expect(await readFile(join(folder.path, 'copied/hello.tar.gz'))).toEqual(archive);
  });

  it('deletes a manifest, and no longer discovers it', async () => {
    await push('tools/deleted:1');
    const sbom = digestIn(await attach('tools/deleted:1'));
    await oras('manifest', 'delete', '--plain-http', '--force', at(`tools/deleted@${sbom}`));
    expect(await discover('tools/deleted:1')).toEqual([]);
    await oras('manifest', 'delete', '--plain-http', '--force', at('tools/deleted:1'));
    const { code, stderr } = await tryRun(programOf('oras'), ['resolve', '--plain-http', at('tools/deleted:1')]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('not found');
  });

  it('pushes, fetches and deletes a blob', async () => {
    const digest = digestOf(archive);
    await oras('blob', 'push', '--plain-http', at('tools/blobs'), 'hello.tar.gz');
    await oras('blob', 'fetch', '--plain-http', '--output', 'fetched', at(`tools/blobs@${digest}`));
    expect(await readFile(join(folder.path, 'fetched'))).toEqual(archive);
    await oras('blob', 'delete', '--plain-http', '--force', at(`tools/blobs@${digest}`));
    const gone = await fetch(`${server.url}/v2/tools/blobs/blobs/${digest}`);
    expect(gone.status).toBe(404);
  });
});
