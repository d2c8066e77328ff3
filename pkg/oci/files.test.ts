import { describe, expect, it } from '@jest/globals';
import { digestOf } from './digest.ts';
import { ANNOTATION, hasFiles, titleOf } from './files.ts';
import { parseManifest } from './manifest.ts';
import { OCI_EMPTY, OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST, OCTET_STREAM } from './media-types.ts';

const layer = { mediaType: OCTET_STREAM, digest: digestOf(Buffer.from('a')), size: 1 };

describe('a manifest has files', () => {
  const config = { mediaType: OCI_EMPTY, digest: digestOf(Buffer.from('{}')), size: 2 };
  const image = { schemaVersion: 2, config, layers: [layer] };
  it.each([
    [true, 'an image with a layer', image, OCI_IMAGE_MANIFEST],
    [false, 'an image without', { ...image, layers: [] }, OCI_IMAGE_MANIFEST],
    [false, 'what belongs to another', { ...image, subject: config }, OCI_IMAGE_MANIFEST],
    [false, 'an index', { schemaVersion: 2, manifests: [] }, OCI_IMAGE_INDEX],
  ])('%j: %s', (expected, _, content, type) => {
    expect(hasFiles(parseManifest(Buffer.from(JSON.stringify(content)), type))).toBe(expected);
  });
});

it('a layer has the title that its annotation gives it', () => {
  expect(titleOf({ ...layer, annotations: { [ANNOTATION.title]: 'tool.pkg' } })).toBe('tool.pkg');
  expect(titleOf(layer)).toBeUndefined();
});
