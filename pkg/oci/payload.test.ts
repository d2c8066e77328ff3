import { describe, expect, it } from '@jest/globals';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { parseManifest } from './manifest.ts';
import { OCI_EMPTY, OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from './media-types.ts';
import { ANNOTATION, hasFiles, payloadOf, titleOf } from './payload.ts';

const layer = (title: string | undefined, mediaType = 'application/octet-stream'): Descriptor => ({
  mediaType,
  digest: digestOf(Buffer.from(`${title} ${mediaType}`)),
  size: 1,
  ...(title !== undefined && { annotations: { [ANNOTATION.title]: title } }),
});

const isZip = ({ mediaType }: Descriptor): boolean => mediaType === 'application/zip';
const isNamed = (each: Descriptor): boolean => titleOf(each) === 'tool-1.pkg';

describe('the payload of a manifest', () => {
  const [readme, zip, named, bare] = [
    layer('README'),
    layer('x', 'application/zip'),
    layer('tool-1.pkg'),
    layer(undefined),
  ];

  it.each([
    ['the only layer, whatever it is', [readme], readme],
    ['what the first preference means, wherever it stands', [readme, zip, named], named],
    ['what the second means where the first means nothing', [readme, zip], zip],
    ['the first where none means any', [bare, readme], bare],
    ['nothing where there is no layer', [], undefined],
  ])('is %s', (_, layers, payload) => {
    expect(payloadOf({ layers }, isNamed, isZip)).toBe(payload);
  });
});

describe('a manifest has files', () => {
  const config = { mediaType: OCI_EMPTY, digest: digestOf(Buffer.from('{}')), size: 2 };
  const image = { schemaVersion: 2, config, layers: [layer('a')] };
  it.each([
    [true, 'an image with a layer', image, OCI_IMAGE_MANIFEST],
    [false, 'an image without', { ...image, layers: [] }, OCI_IMAGE_MANIFEST],
    [false, 'what belongs to another', { ...image, subject: config }, OCI_IMAGE_MANIFEST],
    [false, 'an index', { schemaVersion: 2, manifests: [] }, OCI_IMAGE_INDEX],
  ])('%j: %s', (expected, _, content, type) => {
    expect(hasFiles(parseManifest(Buffer.from(JSON.stringify(content)), type))).toBe(expected);
  });
});
