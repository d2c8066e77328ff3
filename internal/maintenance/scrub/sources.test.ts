import { randomUUID } from 'node:crypto';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/index.ts';
import { createOutbound, type Outbound } from '../../outbound/index.ts';
import {
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  replaceContent,
  repository,
  type Rig,
} from '../../registry/fixtures.suite.ts';
import { openBackupSource, type BackupS3Config } from '../../storage/index.ts';
import { blobKey } from '../../storage/layout.ts';
import { createSamples, type Sample } from '../../testing/images.ts';
import { openTempFolder, type TempFolder } from '../../testing/temp-folder.ts';
import { createBackupSource } from './backup-source.ts';
import { flipped, openScrub, quarantined } from './fixtures.suite.ts';
import { SCRUB_OPTIONS, type ScrubConfig } from './options.ts';
import { createPeerSource } from './peer-source.ts';

const NAME = repository('team/app');
const SECOND = repository('team/second');
const samples = createSamples('sources');
const { signal } = new AbortController();

describe('a peer', () => {
  let rig: Rig;
  let server: Server;
  let outbound: Outbound;
  let asked: { path: string; authorization: string | undefined }[];
  let answer: (req: IncomingMessage, res: ServerResponse) => unknown;
  let url: string;
  beforeEach(async () => {
    rig = await openRig({ config: { 'registry.cache_size': 0 } });
    asked = [];
    server = createServer((req, res) => {
      asked.push({ path: req.url ?? '', authorization: req.headers.authorization });
      answer(req, res);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    outbound = createOutbound({ allowedNetworks: ['127.0.0.1'], timeoutMs: 5000, version: '1.2.3' });
  });
  afterEach(async () => {
    await outbound.close();
    server.closeAllConnections();
    server.close();
    await rig.close();
  });

  const peer = (more: Partial<ScrubConfig> = {}, way = outbound) =>
    createPeerSource(
      { 'scrub.peer.url': `${url}/`, 'scrub.peer.auth_hosts': [], ...more } as ScrubConfig,
      way,
      '1.2.3',
    )!;
  const notFound = (res: ServerResponse): unknown => res.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN"}]}');
  const serving =
    (bytes: Uint8Array, at = '/') =>
    (req: IncomingMessage, res: ServerResponse) =>
      req.url?.includes(at) ? res.writeHead(200, { 'content-length': bytes.length }).end(bytes) : notFound(res);
  const passWith = async (source: ReturnType<typeof peer>) => {
    const opened = openScrub(rig, { sources: [source] });
    await opened.pass();
    return opened.findings;
  };

  it.each([
    ['small', 1000],
    ['large', 3_000_000],
  ])('gives a %s blob, from whichever repository has it', async (_size, sizeBytes) => {
    const blob = samples.blob(sizeBytes);
    for (const name of [NAME, SECOND]) await pushBlob(rig, name, blob);
    await replaceContent(rig, blob.digest, flipped(blob));
    answer = serving(blob.bytes, '/v2/team/second/');
    expect(await passWith(peer())).toMatchObject([{ digest: blob.digest, mendedFrom: 'peer' }]);
    expect(asked.map(({ path }) => path)).toEqual([
      `/v2/team/app/blobs/${blob.digest}`,
      `/v2/team/second/blobs/${blob.digest}`,
    ]);
    expect((await pullBlob(rig, SECOND, blob.digest)).equals(blob.bytes)).toBe(true);
  });

  it('gives a manifest', async () => {
    const image = samples.image();
    await pushImage(rig, NAME, image, 'v1');
    await replaceContent(rig, image.manifest.digest, undefined);
    answer = serving(image.manifest.bytes, `/v2/team/app/manifests/${image.manifest.digest}`);
    expect(await passWith(peer())).toMatchObject([{ mendedFrom: 'peer' }]);
  });

  async function damaged(sizeBytes = 1000): Promise<Sample> {
    const blob = samples.blob(sizeBytes);
    await pushBlob(rig, NAME, blob);
    await replaceContent(rig, blob.digest, undefined);
    return blob;
  }

  it.each([
    ['wrong bytes', (bytes: Uint8Array) => flipped({ bytes }), /does not hash to/],
    ['too few', (bytes: Uint8Array) => bytes.subarray(1), /ended after 2999999 of 3000000 bytes/],
    ['too many', (bytes: Uint8Array) => Buffer.concat([bytes, bytes]), /longer than 3000000 bytes/],
  ] as const)('that gives %s mends nothing', async (_what, change, reason) => {
    const blob = await damaged(3_000_000);
    answer = serving(change(blob.bytes));
    const [finding] = await passWith(peer());
    expect(finding).toMatchObject({ mendedFrom: undefined, failures: [expect.stringMatching(/^peer: /)] });
    expect(finding!.failures[0]).toMatch(reason);
    expect(await rig.storage.blobs.stat(blob.digest)).toBeUndefined();
    expect(await quarantined(rig)).toEqual([blob.digest]);
  });

  it('that breaks off in the middle mends nothing', async () => {
    const blob = await damaged(3_000_000);
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': blob.size });
      res.write(blob.bytes.subarray(0, 1_000_000), () => res.destroy());
    };
    expect((await passWith(peer()))[0]).toMatchObject({ mendedFrom: undefined });
    expect(await rig.storage.blobs.stat(blob.digest)).toBeUndefined();
  });

  it('that has not got it, refuses us or is down says so', async () => {
    await damaged();
    answer = (_req, res) => notFound(res);
    expect((await passWith(peer()))[0]!.failures).toEqual(['peer: it is not there']);
    answer = (_req, res) => res.writeHead(403).end('{"errors":[{"code":"DENIED","message":"no"}]}');
    expect((await passWith(peer()))[0]!.failures[0]).toMatch(/^peer: GET .*403 DENIED: no$/);
    answer = (_req, res) => res.destroy();
    expect((await passWith(peer()))[0]!.failures[0]).toMatch(/^peer: .*no answer: .* cannot be reached$/);
  });

  it('is asked only at addresses that may be called', async () => {
    await damaged();
    const closed = createOutbound({ allowedNetworks: [], timeoutMs: 5000, version: '1.2.3' });
    answer = (_req, res) => notFound(res);
    expect((await passWith(peer({}, closed)))[0]!.failures[0]).toMatch(/outbound\.allow_networks can permit it$/);
    expect(asked).toEqual([]);
    await closed.close();
  });

  it('is told who we are only when it asks, and nobody else is', async () => {
    const blob = await damaged();
    const other = createServer((req, res) => {
      asked.push({ path: 'elsewhere', authorization: req.headers.authorization });
      res.writeHead(200, { 'content-length': blob.size }).end(blob.bytes);
    });
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    answer = (req, res) =>
      req.headers.authorization === undefined
        ? res.writeHead(401, { 'www-authenticate': 'Basic realm="peer"' }).end()
        : res.writeHead(307, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/blob` }).end();
    const credentials = { 'scrub.peer.username': 'mirror', 'scrub.peer.password': 'secret' };
    expect(await passWith(peer(credentials))).toMatchObject([{ mendedFrom: 'peer' }]);
    const basic = `Basic ${Buffer.from('mirror:secret').toString('base64')}`;
    expect(asked.map(({ authorization }) => authorization)).toEqual([undefined, basic, undefined]);
    other.closeAllConnections();
    other.close();
  });

  it('is none where none is configured', () => {
    expect(createPeerSource({ 'scrub.peer.url': undefined } as ScrubConfig, outbound, '1')).toBeUndefined();
  });
});

describe('a backup', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await openTempFolder('octoserve-source');
  });
  afterEach(() => folder.remove());

  const open = (path: string) =>
    createBackupSource(
      () => openBackupSource({ kind: 'folder', path }, {} as BackupS3Config, { clock: Date.now, uuid: randomUUID }),
      path,
    );

  it('gives what lies in a folder as it does in storage', async () => {
    const blob = samples.blob(1000);
    const file = join(folder.path, 'a', blobKey(blob.digest));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, blob.bytes);
    const source = open(join(folder.path, 'a'));
    const content = await source.open({ digest: blob.digest, sizeBytes: blob.size }, [], signal);
    expect(content?.sizeBytes).toBe(blob.size);
    await content?.close();
    const absent = { digest: samples.blob().digest, sizeBytes: 1 };
    expect(await source.open(absent, [], signal)).toBeUndefined();
    await source.close();
  });

  it('may come later than the server, as a disk does that is mounted for backups', async () => {
    const blob = samples.blob(1000);
    const path = join(folder.path, 'late');
    const source = open(path);
    const asked = { digest: blob.digest, sizeBytes: blob.size };
    await expect(source.open(asked, [], signal)).rejects.toThrow(`there is no folder ${path}`);
    const file = join(folder.path, 'other', blobKey(blob.digest));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, blob.bytes);
    await cp(join(folder.path, 'other'), path, { recursive: true });
    const content = await source.open(asked, [], signal);
    expect(content?.sizeBytes).toBe(blob.size);
    await content?.close();
    await source.close();
  });
});

describe('the options of the scrub', () => {
  const load = (flags: Readonly<Record<string, string>>) =>
    loadConfig({ tables: [SCRUB_OPTIONS], env: {}, flags, cwd: '/nowhere' });

  it.each(['https://registry.example', 'http://10.0.0.1:5000', 'http://10.0.0.1:5000/'])(
    'take %s for a peer',
    async (text) => {
      expect((await load({ 'scrub.peer.url': text })).config['scrub.peer.url']).toBe(text);
    },
  );

  it.each(['registry.example', 'https://registry.example/v2/', 'https://me:secret@registry.example', 'ftp://x'])(
    'do not take %s for a peer',
    async (text) => {
      await expect(load({ 'scrub.peer.url': text })).rejects.toThrow(/must be http/);
    },
  );

  it('take a folder or a bucket for a backup, and nothing else', async () => {
    for (const text of ['backup', 's3://bucket/a']) {
      expect((await load({ 'scrub.backup': text })).config['scrub.backup']).toBe(text);
    }
    await expect(load({ 'scrub.backup': 'https://bucket' })).rejects.toThrow(/must be a folder or s3/);
  });
});
