import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { digestOf } from './digest.ts';
import { OciError } from './errors.ts';
import { parseManifest, type Manifest } from './manifest.ts';
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  DOCKER_SCHEMA1,
  DOCKER_SCHEMA1_SIGNED,
  OCI_EMPTY,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER_GZIP,
} from './media-types.ts';

const CUSTOM = 'application/vnd.example.thing.v1+json';
const digest = digestOf(Buffer.from('x'));
const sha512 = digestOf(Buffer.from('x'), 'sha512');
const config = { mediaType: OCI_IMAGE_CONFIG, digest, size: 7 };
const layer = { mediaType: OCI_LAYER_GZIP, digest: sha512, size: 9 };
const child = { mediaType: OCI_IMAGE_MANIFEST, digest, size: 11, platform: { os: 'linux', architecture: 'arm64' } };
const image = { schemaVersion: 2, config, layers: [layer] };
const index = { schemaVersion: 2, manifests: [child] };

const parse = (value: unknown, contentType?: string): Manifest =>
  parseManifest(Buffer.from(JSON.stringify(value)), contentType);

function failureOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof OciError) return `${error.code}: ${error.detail.join()}`;
    throw error;
  }
  return 'accepted';
}

describe('parseManifest: the type', () => {
  it.each([
    ['neither, with manifests', index, undefined, 'index', OCI_IMAGE_INDEX],
    ['neither, without manifests', image, undefined, 'image', OCI_IMAGE_MANIFEST],
    ['mediaType alone', { ...image, mediaType: DOCKER_MANIFEST }, undefined, 'image', DOCKER_MANIFEST],
    ['the header alone', index, DOCKER_MANIFEST_LIST, 'index', DOCKER_MANIFEST_LIST],
    ['both alike', { ...image, mediaType: OCI_IMAGE_MANIFEST }, OCI_IMAGE_MANIFEST, 'image', OCI_IMAGE_MANIFEST],
    ['a header with parameters', image, `${OCI_IMAGE_MANIFEST} ; charset=utf-8`, 'image', OCI_IMAGE_MANIFEST],
    ['a header in upper case', image, OCI_IMAGE_MANIFEST.toUpperCase(), 'image', OCI_IMAGE_MANIFEST],
    ['an unknown header', {}, CUSTOM, 'other', CUSTOM],
    ['an unknown mediaType', { mediaType: CUSTOM }, undefined, 'other', CUSTOM],
    ['plain JSON', {}, 'application/json; charset=utf-8', 'other', 'application/json'],
  ])('is decided by %s', (_what, value, contentType, kind, mediaType) => {
    expect(parse(value, contentType)).toMatchObject({ kind, mediaType });
  });

  it.each([
    ['a header that differs from mediaType', { ...image, mediaType: DOCKER_MANIFEST }, OCI_IMAGE_MANIFEST, 'mismatch'],
    ['a generic header with a mediaType', { ...image, mediaType: OCI_IMAGE_MANIFEST }, 'application/json', 'mismatch'],
    ['an empty header', image, '', 'Content-Type is not a media type'],
    ['a header without a subtype', image, 'application', 'Content-Type is not a media type'],
    ['a header with a wildcard', image, 'application/*', 'Content-Type is not a media type'],
    ['a header that lists two', image, 'application/json, text/html', 'Content-Type is not a media type'],
    [
      'a mediaType with a line feed',
      { ...image, mediaType: 'application/x\ny' },
      undefined,
      'mediaType is not a media',
    ],
    ['a mediaType that is no string', { ...image, mediaType: 1 }, undefined, 'manifest.mediaType is not a string'],
    ['an empty mediaType', { ...image, mediaType: '' }, undefined, 'mediaType is not a media type'],
    ['text/html', {}, 'text/html', 'no type of a manifest'],
    ['bytes of any kind', image, 'application/octet-stream', 'no type of a manifest'],
    ['what curl sends by itself', image, 'application/x-www-form-urlencoded', 'no type of a manifest'],
    ['schema 1', {}, DOCKER_SCHEMA1, 'schema 1 are not supported'],
    ['schema 1, signed', { schemaVersion: 1 }, DOCKER_SCHEMA1_SIGNED, 'schema 1 are not supported'],
    ['schema 1 by its version', { schemaVersion: 1, fsLayers: [] }, undefined, 'schema 1 are not supported'],
    ['schema 1 as plain JSON', { schemaVersion: 1, fsLayers: [] }, 'application/json', 'schema 1 are not supported'],
  ])('refuses %s', (_what, value, contentType, detail) => {
    expect(failureOf(() => parse(value, contentType))).toMatch(new RegExp(`^MANIFEST_INVALID: .*${detail}`));
  });

  it.each([['[]'], ['null'], ['"{}"'], ['1'], ['']])('refuses %j, which is no object', (text) => {
    expect(failureOf(() => parseManifest(Buffer.from(text), undefined))).toMatch(/^MANIFEST_INVALID: not /);
  });
});

describe('parseManifest: the shape', () => {
  it.each([
    ['layers with manifests', { ...image, ...index }, undefined, 'has both layers and manifests'],
    [
      'layers with manifests in an unknown type',
      { layers: [], manifests: [] },
      CUSTOM,
      'has both layers and manifests',
    ],
    ['an image without config', { schemaVersion: 2, layers: [] }, OCI_IMAGE_MANIFEST, 'config is not a descriptor'],
    ['an image without layers', { schemaVersion: 2, config }, OCI_IMAGE_MANIFEST, 'layers is not a list'],
    ['an image whose layers are null', { ...image, layers: null }, OCI_IMAGE_MANIFEST, 'layers is not a list'],
    ['an image with an object of layers', { ...image, layers: {} }, DOCKER_MANIFEST, 'layers is not a list'],
    ['an image type over an index', index, OCI_IMAGE_MANIFEST, 'an image manifest has no manifests'],
    ['an index type over an image', image, OCI_IMAGE_INDEX, 'an index has no config'],
    ['an index with layers', { schemaVersion: 2, layers: [] }, OCI_IMAGE_INDEX, 'an index has no layers'],
    ['an index with config', { ...index, config }, DOCKER_MANIFEST_LIST, 'an index has no config'],
    ['an index without manifests', { schemaVersion: 2 }, OCI_IMAGE_INDEX, 'manifests is not a list'],
    ['no schemaVersion', { config, layers: [] }, undefined, 'schemaVersion is not 2'],
    ['schemaVersion 3', { ...image, schemaVersion: 3 }, undefined, 'schemaVersion is not 2'],
    ['schemaVersion as text', { ...index, schemaVersion: '2' }, undefined, 'schemaVersion is not 2'],
    ['Layers beside manifests', { ...index, Layers: [] }, undefined, 'manifest has "Layers", which is written layers'],
    ['a long s', { ...image, manifeſts: [] }, undefined, 'manifest has "manifeſts", which is written manifests'],
    ['a list item that is null', { ...image, layers: [layer, null] }, undefined, 'layers[1] is not a descriptor'],
    ['a subject that is a digest', { ...image, subject: digest }, undefined, 'subject is not a descriptor'],
    ['artifactType as a number', { ...index, artifactType: 1 }, undefined, 'manifest.artifactType is not a string'],
    ['a list of annotations', { ...index, annotations: [] }, undefined, 'manifest.annotations is not a map of strings'],
    [
      'a number annotated',
      { ...image, annotations: { a: 1 } },
      undefined,
      'manifest.annotations is not a map of strings',
    ],
  ])('refuses %s', (_what, value, contentType, detail) => {
    expect(failureOf(() => parse(value, contentType))).toBe(`MANIFEST_INVALID: ${detail}`);
  });

  it.each([
    ['no mediaType', { mediaType: undefined }, 'MANIFEST_INVALID: layers[0].mediaType is not a media type'],
    ['an empty mediaType', { mediaType: '' }, 'MANIFEST_INVALID: layers[0].mediaType is not a media type'],
    ['a mediaType of one word', { mediaType: 'tar' }, 'MANIFEST_INVALID: layers[0].mediaType is not a media type'],
    ['no digest', { digest: undefined }, 'MANIFEST_INVALID: layers[0].digest is not a string'],
    ['a short digest', { digest: 'sha256:abc' }, 'DIGEST_INVALID: layers[0].digest: sha256:abc'],
    ['a digest that climbs', { digest: 'sha256:../../x' }, 'DIGEST_INVALID: layers[0].digest: sha256:../../x'],
    [
      'an unknown algorithm',
      { digest: `md5:${'a'.repeat(32)}` },
      `DIGEST_INVALID: layers[0].digest: md5:${'a'.repeat(32)}`,
    ],
    ['no size', { size: undefined }, 'MANIFEST_INVALID: layers[0].size is not a whole number of bytes'],
    ['a negative size', { size: -1 }, 'MANIFEST_INVALID: layers[0].size is not a whole number of bytes'],
    ['half a byte', { size: 0.5 }, 'MANIFEST_INVALID: layers[0].size is not a whole number of bytes'],
    ['a size as text', { size: '1' }, 'MANIFEST_INVALID: layers[0].size is not a whole number of bytes'],
    ['a size of 2^53', { size: 2 ** 53 }, 'MANIFEST_INVALID: layers[0].size is not a whole number of bytes'],
    ['urls as text', { urls: 'http://a' }, 'MANIFEST_INVALID: layers[0].urls is not a list of strings'],
    ['a number for a url', { urls: [1] }, 'MANIFEST_INVALID: layers[0].urls is not a list of strings'],
    [
      'a null annotation',
      { annotations: { a: null } },
      'MANIFEST_INVALID: layers[0].annotations is not a map of strings',
    ],
    ['Digest for digest', { Digest: digest }, 'MANIFEST_INVALID: layers[0] has "Digest", which is written digest'],
  ])('refuses a descriptor with %s', (_what, change, failure) => {
    expect(failureOf(() => parse({ ...image, layers: [{ ...layer, ...change }] }))).toBe(failure);
  });

  it.each([
    ['no layers', { ...image, layers: [] }],
    ['one layer twice', { ...image, layers: [layer, layer] }],
    ['a layer of no bytes', { ...image, layers: [{ ...layer, size: 0 }] }],
    ['the largest size', { ...image, layers: [{ ...layer, size: Number.MAX_SAFE_INTEGER }] }],
    ['unknown members at every level', { ...image, x: [], layers: [{ ...layer, x: { y: 1 } }], 'org.example': null }],
    ['an index of nothing', { ...index, manifests: [] }],
    [
      'null for what was never set',
      { ...image, annotations: null, subject: null, artifactType: null, manifests: null },
    ],
    ['null for what was never set in an index', { ...index, layers: null, config: null }],
  ])('accepts %s', (_what, value) => {
    expect(failureOf(() => parse(value))).toBe('accepted');
  });
});

describe('parseManifest: what it reads', () => {
  it('reads every descriptor of an image', () => {
    const foreign = { ...layer, urls: ['https://example.com/x'], annotations: { a: 'b' }, artifactType: 'a/b' };
    expect(parse({ ...image, layers: [layer, foreign], subject: child, annotations: { k: 'v' } })).toEqual({
      kind: 'image',
      mediaType: OCI_IMAGE_MANIFEST,
      config,
      layers: [layer, foreign],
      manifests: [],
      subject: { mediaType: OCI_IMAGE_MANIFEST, digest, size: 11 },
      artifactType: OCI_IMAGE_CONFIG,
      annotations: { k: 'v' },
    });
  });

  it('reads the children and the subject of an index', () => {
    const { manifests, subject } = parse({ ...index, subject: config });
    expect(manifests).toEqual([{ mediaType: OCI_IMAGE_MANIFEST, digest, size: 11 }]);
    expect(subject).toEqual(config);
  });

  it.each([
    ['its own in an image', { ...image, artifactType: 'application/x' }, undefined, 'application/x'],
    ['the type of the config in an image without', image, undefined, OCI_IMAGE_CONFIG],
    ['the type of the config where its own is empty', { ...image, artifactType: '' }, undefined, OCI_IMAGE_CONFIG],
    ['that of an empty config too', { ...image, config: { ...config, mediaType: OCI_EMPTY } }, undefined, OCI_EMPTY],
    ['its own in an index', { ...index, artifactType: 'application/x' }, undefined, 'application/x'],
    ['none in an index without', index, undefined, undefined],
    ['its own in an unknown type', { artifactType: 'application/x', config }, CUSTOM, 'application/x'],
    ['none in an unknown type without', { config }, CUSTOM, undefined],
  ])('takes as artifactType %s', (_what, value, contentType, artifactType) => {
    expect(parse(value, contentType).artifactType).toBe(artifactType);
  });

  it('keeps an annotation called __proto__', () => {
    const { annotations } = parse(JSON.parse(JSON.stringify(index).replace('{', '{"annotations":{"__proto__":"x"},')));
    expect(Object.entries(annotations)).toEqual([['__proto__', 'x']]);
  });

  it('reads the descriptors of an unknown type, blobs as layers', () => {
    expect(
      parse({ config, layers: [layer], blobs: [config], subject: child, annotations: { a: 'b' } }, CUSTOM),
    ).toEqual({
      kind: 'other',
      mediaType: CUSTOM,
      config,
      layers: [layer, config],
      manifests: [],
      subject: { mediaType: OCI_IMAGE_MANIFEST, digest, size: 11 },
      annotations: { a: 'b' },
    });
    expect(parse(index, CUSTOM).manifests).toHaveLength(1);
  });

  it('leaves alone what an unknown type means otherwise', () => {
    const value = {
      schemaVersion: 1,
      config: 'x',
      layers: [1, layer, { digest }],
      subject: [],
      annotations: { a: 1, b: 'c' },
    };
    expect(parse({ ...value, Layers: 0, artifactType: 3 }, CUSTOM)).toEqual({
      kind: 'other',
      mediaType: CUSTOM,
      layers: [layer],
      manifests: [],
      annotations: { b: 'c' },
    });
  });

  it('holds a descriptor in an unknown type to the same rules', () => {
    expect(failureOf(() => parse({ blobs: [{ ...layer, digest: 'sha256:x' }] }, CUSTOM))).toBe(
      'DIGEST_INVALID: blobs[0].digest: sha256:x',
    );
  });

  it('answers changed bytes with a manifest or an OciError, never another failure', () => {
    const text = JSON.stringify({ ...image, subject: child, annotations: { a: 'b' } });
    const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), drop: fc.nat({ max: 80 }) });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(undefined, CUSTOM),
        (changes, type) => {
          const bytes = [...Buffer.from(text)];
          for (const { at, byte, drop } of changes) bytes.splice(at % (bytes.length + 1), drop, byte);
          expect(failureOf(() => parseManifest(Buffer.from(bytes), type))).toMatch(
            /^(?:accepted|MANIFEST_INVALID: .+|DIGEST_INVALID: .+)$/s,
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('answers any JSON value with a manifest or an OciError', () => {
    const key = fc.constantFrom(
      'schemaVersion',
      'mediaType',
      'config',
      'layers',
      'manifests',
      'subject',
      'annotations',
      'blobs',
    );
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(config, [layer], 2, OCI_IMAGE_INDEX));
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.constantFrom(undefined, CUSTOM, OCI_IMAGE_INDEX), (fields, type) => {
        expect(failureOf(() => parse(fields, type))).toMatch(/^(?:accepted|MANIFEST_INVALID: .+|DIGEST_INVALID: .+)$/s);
      }),
      { numRuns: 1000 },
    );
  });
});
