import { describe, expect, it } from '@jest/globals';
import { parseManifest } from '../../pkg/oci/index.ts';
import { createSamples, type Samples } from './images.ts';

const everything = (samples: Samples): readonly string[] => {
  const image = samples.image();
  const artifact = samples.artifact({ subject: image.manifest, annotations: { note: 'x' } });
  const index = samples.index([image.manifest]);
  return [samples.blob(), image.manifest, artifact.manifest, index].map(({ digest }) => digest);
};

describe('samples', () => {
  it('are the same again from the same seed, and others from another', () => {
    expect(everything(createSamples('a'))).toEqual(everything(createSamples('a')));
    expect(everything(createSamples('a'))).not.toEqual(everything(createSamples('b')));
  });

  it('differ from call to call', () => {
    const samples = createSamples('a');
    expect(samples.blob().digest).not.toBe(samples.blob().digest);
    expect(samples.image().manifest.digest).not.toBe(samples.image().manifest.digest);
  });

  it('are manifests that name the blobs that come with them', () => {
    const samples = createSamples('a');
    const { manifest, blobs } = samples.image({ layers: 3 });
    const parsed = parseManifest(manifest.bytes, manifest.mediaType);
    expect([parsed.config, ...parsed.layers].map((blob) => blob?.digest)).toEqual(blobs.map(({ digest }) => digest));
    const artifact = samples.artifact({ subject: manifest });
    expect(parseManifest(artifact.manifest.bytes, undefined)).toMatchObject({
      artifactType: 'application/vnd.example.note',
      subject: { digest: manifest.digest },
    });
    const index = samples.index([manifest, artifact.manifest]);
    expect(parseManifest(index.bytes, index.mediaType)).toMatchObject({ kind: 'index', manifests: { length: 2 } });
  });
});
