import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../../pkg/oci/index.ts';
import { createSamples, type SampleImage } from '../images.ts';
import { createPusher } from '../push.ts';
import { openTempFolder, type TempFolder } from '../temp-folder.ts';
import { programOf } from './clients.ts';
import { describeClients } from './describe-clients.suite.ts';
import { writeFiles } from './real-image.ts';
import { run } from './run.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const CHUNKS = ['hello', 'wor', 'ld'] as const;
const DIGEST = digestOf(Buffer.from(CHUNKS.join('')));

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describeClients(['curl'], 'curl', () => {
  let server: ServerProcess;
  let folder: TempFolder;
  const samples = createSamples('curl');

  beforeAll(async () => {
    [server, folder] = await Promise.all([startServer(), openTempFolder()]);
  });
  afterAll(async () => {
    await Promise.all([server.close(), folder.remove()]);
  });

  /** Asks for a path, or for the URL of a Location header. */
  async function curl(path: string, ...args: readonly string[]): Promise<Answer> {
    const url = new URL(path, server.url).href;
    const printed = await run(programOf('curl'), ['--silent', '--show-error', '--dump-header', '-', ...args, url]);
    const [head = '', ...rest] = printed.split('\r\n\r\n').filter((part) => !/^HTTP\/1.1 100/.test(part));
    const [first = '', ...lines] = head.split('\r\n');
    const headers = lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 2),
    ]);
    return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: rest.join('\r\n\r\n') };
  }

  async function pushTagged(repository: string, ...tags: readonly string[]): Promise<SampleImage> {
    const image = samples.image();
    await createPusher(server.url).image(repository, image, ...tags);
    return image;
  }

  it('lists tags and repositories with the lines of the README', async () => {
    await pushTagged('tools/hello', '1.2.0', '1.10.0');
    expect(JSON.parse(await run(programOf('curl'), ['--silent', `${server.host}/v2/tools/hello/tags/list`]))).toEqual({
      name: 'tools/hello',
      tags: ['1.10.0', '1.2.0'],
    });
    expect(JSON.parse((await curl('/v2/_catalog')).body).repositories).toContain('tools/hello');
  });

  it('answers on both loopback families', async () => {
    for (const family of ['--ipv4', '--ipv6']) {
      expect(await curl('/v2/', family)).toMatchObject({ status: 200, body: '{"message":"OCI Registry API v2"}' });
    }
  });

  it('uploads a file in one request', async () => {
    const blob = samples.blob(3_000_000);
    await writeFiles(folder.path, { blob: blob.bytes });
    const sent = await curl(
      `/v2/curl/whole/blobs/uploads/?digest=${blob.digest}`,
      ...['--request', 'POST', '--header', 'Content-Type: application/octet-stream'],
      ...['--data-binary', `@${join(folder.path, 'blob')}`],
    );
    expect(sent).toMatchObject({ status: 201, headers: { 'docker-content-digest': blob.digest } });
    const saved = join(folder.path, 'saved');
    await curl(sent.headers['location'] ?? '', '--output', saved);
    expect((await readFile(saved)).equals(blob.bytes)).toBe(true);
  });

  it('uploads in chunks, as the worked exchange of the contract', async () => {
    const patch = (path: string, data: string, ...args: readonly string[]): Promise<Answer> =>
      curl(
        path,
        '--request',
        'PATCH',
        '--header',
        'Content-Type: application/octet-stream',
        '--data-binary',
        data,
        ...args,
      );
    const session = await curl('/v2/curl/my.app/blobs/uploads/', '--request', 'POST');
    const path = session.headers['location'] ?? '';
    expect(session).toMatchObject({ status: 202, headers: { range: '0-0' } });
    expect(await patch(path, CHUNKS[0], '--header', 'Content-Range: 0-4')).toMatchObject({
      status: 202,
      headers: { range: '0-4' },
    });
    expect(await patch(path, CHUNKS[1])).toMatchObject({ status: 202, headers: { range: '0-7' } });
    expect(await patch(path, 'xxxxx', '--header', 'Content-Range: 0-4')).toMatchObject({
      status: 416,
      headers: { range: '0-7' },
      body: '',
    });
    expect(await curl(path)).toMatchObject({ status: 204, headers: { range: '0-7' } });
    expect(
      await curl(
        `${path}?digest=${DIGEST}`,
        '--request',
        'PUT',
        '--data-binary',
        CHUNKS[2],
        '--header',
        'Content-Type:',
      ),
    ).toMatchObject({ status: 201, headers: { location: `/v2/curl/my.app/blobs/${DIGEST}` } });
    expect(await curl(`/v2/curl/my.app/blobs/${DIGEST}`, '--range', '5-9')).toMatchObject({
      status: 206,
      headers: { 'content-range': 'bytes 5-9/10' },
      body: 'world',
    });
    expect(await curl(`/v2/curl/my.app/blobs/${DIGEST}`, '--range', '99-')).toMatchObject({ status: 416 });
  });

  it('streams an upload whose length it does not tell', async () => {
    const blob = samples.blob(500_000);
    await writeFiles(folder.path, { streamed: blob.bytes });
    const session = await curl('/v2/curl/streamed/blobs/uploads/', '--request', 'POST');
    const path = session.headers['location'] ?? '';
    const file = join(folder.path, 'streamed');
    expect(
      await curl(path, '--request', 'PATCH', '--header', 'Transfer-Encoding: chunked', '--upload-file', file),
    ).toMatchObject({ status: 202, headers: { range: '0-499999' } });
    expect(await curl(`${path}?digest=${blob.digest}`, '--request', 'PUT')).toMatchObject({ status: 201 });
  });

  it('deletes a tag, then the manifest, then the blobs', async () => {
    const { manifest, blobs } = await pushTagged('curl/deleted', '1', '2');
    const remove = (what: string): Promise<Answer> => curl(`/v2/curl/deleted/${what}`, '--request', 'DELETE');
    expect(await remove(`blobs/${blobs[0]?.digest}`)).toMatchObject({ status: 405 });
    expect(await remove('manifests/1')).toMatchObject({ status: 202 });
    expect(await curl(`/v2/curl/deleted/manifests/${manifest.digest}`)).toMatchObject({ status: 200 });
    expect(await remove(`manifests/${manifest.digest}`)).toMatchObject({ status: 202 });
    expect(await curl('/v2/curl/deleted/manifests/2')).toMatchObject({ status: 404 });
    for (const { digest } of blobs) expect(await remove(`blobs/${digest}`)).toMatchObject({ status: 202 });
  });
});
