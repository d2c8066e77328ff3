import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  digestOf,
  DOCKER_MANIFEST,
  DOCKER_SCHEMA1,
  DOCKER_SCHEMA1_SIGNED,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
} from '../../pkg/oci/index.ts';
import { RawConnection } from '../http/raw-client.suite.ts';
import { detailsOf, refusalOf } from '../http/refusal.suite.ts';
import { shareServer } from '../server/fixtures.suite.ts';
import { createSamples, describeSample, toSample, type Sample } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { putManifest } from './client.suite.ts';

const samples = createSamples('bad manifests');
const IMAGE = samples.image();
const TEXT = IMAGE.manifest.bytes.toString();
const FIELDS = JSON.parse(TEXT) as Record<string, unknown>;
const CHILD = describeSample(IMAGE.manifest);

const changed = (fields: object): string => JSON.stringify({ ...FIELDS, ...fields });
const layersWith = (fields: object): string =>
  changed({ layers: IMAGE.blobs.slice(1).map((blob) => ({ ...describeSample(blob), ...fields })) });
const index = (fields: object = {}): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: [CHILD], ...fields });

/** What is wrong, the body, its Content-Type, and where known a word of the reason. */
const BAD: readonly (readonly [what: string, body: string | Buffer, type?: string, reason?: RegExp])[] = [
  ['a Content-Type that is not its mediaType', TEXT, DOCKER_MANIFEST, /content type mismatch/],
  ['an image called an index in both places', changed({ mediaType: OCI_IMAGE_INDEX }), OCI_IMAGE_INDEX],
  ['an index called an image in both places', index({ mediaType: OCI_IMAGE_MANIFEST }), OCI_IMAGE_MANIFEST],
  ['an index called an image by its header', index({ mediaType: undefined }), OCI_IMAGE_MANIFEST],
  ['an image called an index by its header', changed({ mediaType: undefined }), OCI_IMAGE_INDEX],
  ['layers and manifests', changed({ manifests: [CHILD] }), OCI_IMAGE_MANIFEST, /both layers and manifests/],
  [
    'layers and manifests, of no named type',
    changed({ mediaType: undefined, manifests: [CHILD] }),
    'application/json',
    /both/,
  ],
  ['a key twice', TEXT.replace('{', '{"schemaVersion":2,'), OCI_IMAGE_MANIFEST, /duplicate key "schemaVersion"/],
  ['a key twice, once escaped', TEXT.replace('{', '{"\\u006cayers":[],'), OCI_IMAGE_MANIFEST, /duplicate key/],
  [
    'a key twice, deep inside',
    changed({ x: 1 }).replace('"x":1', '"x":[{"a":{"b":1,"b":2}}]'),
    OCI_IMAGE_MANIFEST,
    /duplicate key "b"/,
  ],
  ['a key in another case', changed({ Layers: [] }), OCI_IMAGE_MANIFEST, /"Layers", which is written layers/],
  ['a byte order mark', `\uFEFF${TEXT}`, OCI_IMAGE_MANIFEST, /byte order mark/],
  ['bytes after its end', `${TEXT}{}`],
  ['a NUL after its end', `${TEXT}\0`],
  ['another document after its end', `${TEXT}\n${TEXT}`],
  [
    '100,000 levels of lists',
    changed({ x: 1 }).replace('"x":1', `"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    OCI_IMAGE_MANIFEST,
    /levels/,
  ],
  [
    '100,000 levels of objects',
    changed({ x: 1 }).replace('"x":1', `"x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
    OCI_IMAGE_MANIFEST,
    /levels/,
  ],
  ['100,000 levels that never end', '['.repeat(100_000)],
  ['NaN', changed({ x: 1 }).replace('"x":1', '"x":NaN')],
  ['Infinity', changed({ x: 1 }).replace('"x":1', '"x":-Infinity')],
  ['a number beyond all numbers', changed({ x: 1 }).replace('"x":1', '"x":1e999'), OCI_IMAGE_MANIFEST, /out of range/],
  ['half a surrogate pair', changed({ x: 1 }).replace('"x":1', '"x":"\\ud800"'), OCI_IMAGE_MANIFEST, /surrogate/],
  [
    'half a surrogate pair in a key',
    changed({ x: 1 }).replace('"x":1', '"\\udfff":1'),
    OCI_IMAGE_MANIFEST,
    /surrogate/,
  ],
  [
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    OCI_IMAGE_MANIFEST,
    /UTF-8/,
  ],
  ['a comment', `/* image */${TEXT}`],
  ['a comma too many', TEXT.replace(/\}$/, ',}')],
  ['nothing', ''],
  ['no object', '[]'],
  ['null', 'null'],
  ['a text', '"manifest"'],
  ['another schemaVersion', changed({ schemaVersion: 3 })],
  ['a schemaVersion that is a text', changed({ schemaVersion: '2' })],
  ['no config', changed({ config: undefined })],
  ['layers that are no list', changed({ layers: {} })],
  ['a layer without a digest', layersWith({ digest: undefined })],
  ['a layer without a size', layersWith({ size: undefined })],
  ['a layer of a negative size', layersWith({ size: -1 })],
  ['a layer of a size with a fraction', layersWith({ size: 1.5 })],
  ['a layer of a size that is a text', layersWith({ size: '100' })],
  ['a layer of a size beyond 2^53', layersWith({ size: 2 ** 53 })],
  ['a layer of another size', layersWith({ size: 101 }), OCI_IMAGE_MANIFEST, /the size of sha256:\w+ is 100 here/],
  ['a layer of size 0', layersWith({ size: 0 }), OCI_IMAGE_MANIFEST, /the size of/],
  ['annotations that are no texts', changed({ annotations: { a: 1 } })],
  ['annotations that are a list', changed({ annotations: [] })],
  ['a subject that is no descriptor', changed({ subject: 'sha256:x' })],
  ['an index with layers', index({ layers: [] })],
  ['an index with a config', index({ config: describeSample(IMAGE.blobs[0]!) })],
  ['an index without manifests', index({ manifests: undefined })],
  ['a type that is none', TEXT, 'not a type', /not a media type/],
  ['a type that says nothing', changed({ mediaType: undefined }), 'application/octet-stream', /no type of a manifest/],
  ['a type of text', changed({ mediaType: undefined }), 'text/html', /no type of a manifest/],
  [
    'schema 1',
    JSON.stringify({ schemaVersion: 1, name: 'a', tag: 'b', fsLayers: [], history: [] }),
    DOCKER_SCHEMA1,
    /schema 1 are not supported/,
  ],
  [
    'schema 1, signed',
    JSON.stringify({ schemaVersion: 1, fsLayers: [], signatures: [] }),
    DOCKER_SCHEMA1_SIGNED,
    /schema 1 are not supported/,
  ],
  [
    'schema 1 that is called something else',
    JSON.stringify({ schemaVersion: 1, fsLayers: [], history: [] }),
    OCI_IMAGE_MANIFEST,
    /schema 1 are not supported/,
  ],
];

describe('a manifest that is refused', () => {
  const server = shareServer();
  beforeAll(async () => {
    for (const blob of IMAGE.blobs) await createPusher(server.url).blob('a', blob);
  });

  it.each(BAD)('has %s', async (_what, body, type = OCI_IMAGE_MANIFEST, reason = /./) => {
    const bytes = Buffer.from(body);
    const digest = digestOf(bytes);
    for (const reference of ['bad', digest]) {
      const refused = await putManifest(server, 'a', reference, { bytes, mediaType: type });
      expect(refusalOf(refused)).toBe('400 MANIFEST_INVALID');
      expect(detailsOf(refused).join()).toMatch(reason);
      expect((await request(server.url).get(`/v2/a/manifests/${reference}`)).status).toBe(404);
    }
    expect(await server.built.storage.blobs.stat(digest)).toBeUndefined();
  });

  it.each([
    ['upper case', `sha256:${'A'.repeat(64)}`],
    ['an unknown algorithm', `md5:${'a'.repeat(32)}`],
    ['too few digits', `sha256:${'a'.repeat(63)}`],
    ['a path in it', 'sha256:../../../etc/passwd'],
  ])('has a layer whose digest has %s', async (_what, digest) => {
    const refused = await putManifest(server, 'a', 'bad', toSample(layersWith({ digest }), OCI_IMAGE_MANIFEST));
    expect(refusalOf(refused)).toBe('400 DIGEST_INVALID');
    expect(detailsOf(refused)).toEqual([`layers[0].digest: ${digest}`]);
  });

  it('names every layer that is missing', async () => {
    const other = samples.image({ layers: 3 });
    const refused = await putManifest(server, 'a', 'bad', other.manifest);
    expect(refusalOf(refused)).toBe('400 MANIFEST_BLOB_UNKNOWN');
    expect(detailsOf(refused)).toEqual(other.blobs.map(({ digest }) => digest));
  });

  it('has layers that only another repository holds', async () => {
    const refused = await putManifest(server, 'b', 'bad', IMAGE.manifest);
    expect(refusalOf(refused)).toBe('400 MANIFEST_BLOB_UNKNOWN');
    expect((await request(server.url).get('/v2/b/tags/list')).status).toBe(404);
  });

  it('is pushed under the digest of something else, also of another algorithm', async () => {
    for (const reference of [`sha256:${'0'.repeat(64)}`, `sha512:${'0'.repeat(128)}`]) {
      const refused = await putManifest(server, 'a', reference, IMAGE.manifest);
      expect(refusalOf(refused)).toBe('400 DIGEST_INVALID');
    }
  });
});

describe('the largest manifest', () => {
  const server = shareServer();
  const LIMIT = 4 * 1024 * 1024;
  const padded = (sizeBytes: number): Sample => {
    const empty = samples.index([], { x: '' });
    return samples.index([], { x: 'x'.repeat(sizeBytes - empty.size) });
  };

  it('is 4 MiB, to the byte', async () => {
    const largest = padded(LIMIT);
    expect(largest.size).toBe(LIMIT);
    expect((await putManifest(server, 'a', 'largest', largest)).status).toBe(201);
    const head = await request(server.url).head('/v2/a/manifests/largest').expect(200);
    expect(head.headers['content-length']).toBe(String(LIMIT));
    expect(refusalOf(await putManifest(server, 'a', 'larger', padded(LIMIT + 1)))).toBe('413 MANIFEST_INVALID');
    expect((await request(server.url).get('/v2/a/manifests/larger')).status).toBe(404);
  });

  it('is refused by its announced length, before a byte of it has come', async () => {
    const connection = await RawConnection.open(server.port);
    connection.head('PUT /v2/a/manifests/x HTTP/1.1', [
      `Content-Length: ${2 ** 40}`,
      `Content-Type: ${OCI_IMAGE_INDEX}`,
    ]);
    expect(refusalOf(await connection.answer())).toBe('413 MANIFEST_INVALID');
    connection.close();
  });

  it('is counted where its length is not announced', async () => {
    for (const [size, expected] of [
      [LIMIT, 201],
      [LIMIT + 1, 413],
    ] as const) {
      const { bytes } = padded(size);
      const connection = await RawConnection.open(server.port);
      connection.head('PUT /v2/a/manifests/x HTTP/1.1', [
        'Transfer-Encoding: chunked',
        `Content-Type: ${OCI_IMAGE_INDEX}`,
      ]);
      connection.write(`${size.toString(16)}\r\n`);
      connection.write(bytes);
      connection.write('\r\n0\r\n\r\n');
      expect((await connection.answer()).status).toBe(expected);
      connection.close();
    }
  });

  it('ends a body that never ends', async () => {
    const connection = await RawConnection.open(server.port);
    connection.head('PUT /v2/a/manifests/x HTTP/1.1', [
      'Transfer-Encoding: chunked',
      `Content-Type: ${OCI_IMAGE_INDEX}`,
    ]);
    const mebibyte = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1024 * 1024, ' '), Buffer.from('\r\n')]);
    for (let count = 0; count < 5; count += 1) connection.write(mebibyte);
    expect((await connection.answer()).status).toBe(413);
    for (let count = 0; count < 32; count += 1) connection.write(mebibyte);
    await connection.ended();
    connection.close();
  });
});
