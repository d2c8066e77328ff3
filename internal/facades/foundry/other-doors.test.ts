import { describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { digestOf } from '../../../pkg/oci/index.ts';
import { HELLO_HASH, told, useFoundry } from './fixtures.suite.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const EMPTY = Buffer.from('{}');

interface Layer {
  readonly bytes: string;
  readonly title?: string;
}

describe('what comes through /v2', () => {
  const { ask, put, server } = useFoundry();
  const v2 = (method: 'get' | 'put' | 'post' | 'delete', path: string) =>
    request(server.url)[method](`/v2/foundry/${path}`).auth('x', 't1').redirects(0);

  async function upload(repository: string, bytes: Buffer): Promise<object> {
    const digest = digestOf(bytes);
    const sent = v2('post', `${repository}/blobs/uploads/?digest=${digest}`).type('application/octet-stream');
    await sent.send(bytes).expect(201);
    return { digest, size: bytes.length };
  }

  interface Push {
    readonly layers: readonly Layer[];
    readonly annotations?: Readonly<Record<string, string>>;
    readonly subject?: object;
  }

  async function push(repository: string, tag: string, { layers, annotations, subject }: Push): Promise<Response> {
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', ...(await upload(repository, EMPTY)) },
      layers: [] as object[],
      ...(annotations && { annotations }),
      ...(subject && { subject }),
    };
    for (const { bytes, title } of layers) {
      const descriptor = await upload(repository, Buffer.from(bytes));
      const titled = title === undefined ? {} : { annotations: { 'org.opencontainers.image.title': title } };
      manifest.layers.push({ mediaType: 'application/octet-stream', ...descriptor, ...titled });
    }
    return v2('put', `${repository}/manifests/${tag}`).type(MANIFEST).send(JSON.stringify(manifest));
  }

  const versions = async (name: string): Promise<readonly { version: string; hash: string; size: number }[]> =>
    ((await ask('GET', `/packages/${name}`)).body as { versions?: [] }).versions ?? [];

  it('case 25 (simulated oras): is a version, with its only layer', async () => {
    await push('fromoci', '3.0', { layers: [{ bytes: 'hello', title: 'f.bin' }] });
    expect(await versions('fromoci')).toMatchObject([{ version: '3.0', hash: HELLO_HASH, size: 5 }]);
    expect((await ask('GET', '/artifacts/fromoci/3.0')).body.toString()).toBe('hello');
  });

  it('case 26 (simulated oras): does not replace a version, and the same may be pushed again', async () => {
    const image = { layers: [{ bytes: 'hello', title: 'f.bin' }] };
    await push('fromoci', '3.0', image);
    const refused = await push('fromoci', '3.0', { layers: [{ bytes: 'other' }] });
    expect([refused.status, refused.body.errors[0].code]).toEqual([409, 'DENIED']);
    expect((await push('fromoci', '3.0', image)).status).toBe(201);
    expect((await ask('GET', '/artifacts/fromoci/3.0')).body.toString()).toBe('hello');
    await put('/artifacts/tool/1', 'hello');
    expect((await push('tool', '1', { layers: [{ bytes: 'other' }] })).status).toBe(409);
    expect((await ask('GET', '/artifacts/tool/1')).body.toString()).toBe('hello');
  });

  it('is, of several layers, the one that is named as the version would be, else the first', async () => {
    const layers = [
      { bytes: 'readme', title: 'README' },
      { bytes: 'hello', title: 'tool-1.0' },
    ];
    await push('tool', '1.0', { layers });
    await push('tool', '2.0', { layers });
    expect((await ask('GET', '/artifacts/tool/1.0')).body.toString()).toBe('hello');
    expect((await ask('GET', '/artifacts/tool/2.0')).body.toString()).toBe('readme');
  });

  it('has the version that it says, where its tag is that of it', async () => {
    const version = (text: string) => ({ annotations: { 'org.opencontainers.image.version': text } });
    await push('tool', '1.0.0_x', { layers: [{ bytes: 'one' }], ...version('1.0.0+x') });
    await push('tool', 'latest', { layers: [{ bytes: 'two' }], ...version('9.9.9') });
    expect((await versions('tool')).map((each) => each.version).toSorted()).toEqual(['1.0.0+x', 'latest']);
    expect((await ask('GET', '/artifacts/tool/1.0.0+x')).body.toString()).toBe('one');
  });

  it('has the time that it says', async () => {
    const annotations = { 'org.opencontainers.image.created': '2020-02-03T04:05:06.789Z' };
    await push('tool', '1', { layers: [{ bytes: 'one' }], annotations });
    expect(await versions('tool')).toMatchObject([{ uploaded_at: '2020-02-03T04:05:06.789Z' }]);
  });

  it('is no version where it is an index, or belongs to another manifest', async () => {
    await put('/artifacts/tool/1', 'hello');
    const manifest = await v2('get', 'tool/manifests/1').buffer(true);
    const subject = {
      mediaType: MANIFEST,
      digest: manifest.headers['docker-content-digest'],
      size: Number(manifest.headers['content-length']),
    };
    expect((await push('tool', 'signature', { layers: [{ bytes: 'signed' }], subject })).status).toBe(201);
    const index = { schemaVersion: 2, mediaType: INDEX, manifests: [subject] };
    expect((await v2('put', 'tool/manifests/all').type(INDEX).send(JSON.stringify(index))).status).toBe(201);
    expect((await versions('tool')).map((each) => each.version)).toEqual(['1']);
    expect(told(await ask('GET', '/artifacts/tool/all'))).toBe('404 artifact tool@all not found');
    expect(told(await ask('DELETE', '/artifacts/tool/signature'))).toBe('404 not found: artifact tool@signature');
    expect((await ask('POST', '/artifacts/tool/all', { body: 'x' })).status).toBe(409);
  });

  it('sees what Foundry was given: tags, and the manifest of the contract', async () => {
    await put('/artifacts/MyTool/2.1.0+x', 'hello');
    const tags = await v2('get', 'x--9lsl8rrfdg/tags/list');
    expect(tags.body.tags).toEqual(['2.1.0_x']);
    const manifest = JSON.parse((await v2('get', 'x--9lsl8rrfdg/manifests/2.1.0_x').buffer(true)).text) as object;
    expect(manifest).toEqual({
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: 'application/vnd.foundry.artifact.v1',
      config: expect.objectContaining({ mediaType: 'application/vnd.oci.empty.v1+json', size: 2 }),
      layers: [
        {
          mediaType: 'application/octet-stream',
          digest: `sha256:${HELLO_HASH}`,
          size: 5,
          annotations: { 'org.opencontainers.image.title': 'MyTool-2.1.0+x' },
        },
      ],
      annotations: {
        'org.opencontainers.image.title': 'MyTool',
        'org.opencontainers.image.version': '2.1.0+x',
        'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      },
    });
  });

  it('hides a version by deleting its tag or its manifest', async () => {
    for (const version of ['1', '2']) await put(`/artifacts/tool/${version}`, `content ${version}`);
    await v2('delete', 'tool/manifests/1').expect(202);
    const two = await v2('get', 'tool/manifests/2').buffer(true);
    await v2('delete', `tool/manifests/${two.headers['docker-content-digest']}`).expect(202);
    for (const version of ['1', '2']) expect((await ask('GET', `/artifacts/tool/${version}`)).status).toBe(404);
    expect((await ask('GET', '/packages')).body).toEqual([]);
  });
});

describe('with facades.foundry.immutable_tags off', () => {
  const { ask, put, server } = useFoundry(undefined, { settings: { 'facades.foundry.immutable_tags': 'false' } });

  it('a tag may move through /v2, and Foundry still makes no version twice', async () => {
    await put('/artifacts/tool/1', 'hello');
    await put('/artifacts/tool/2', 'other');
    const two = await request(server.url).get('/v2/foundry/tool/manifests/2').auth('x', 't1').buffer(true);
    const moved = request(server.url).put('/v2/foundry/tool/manifests/1').auth('x', 't1').type(MANIFEST);
    expect((await moved.send(two.text)).status).toBe(201);
    // The manifest says that it is version 2, which is not what the tag says.
    expect((await ask('GET', '/artifacts/tool/1')).body.toString()).toBe('other');
    expect((await ask('POST', '/artifacts/tool/1', { body: 'third' })).status).toBe(409);
  });
});
