import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodedOf, OCI_IMAGE_CONFIG, OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST, OCI_LAYER } from '../../../pkg/oci/index.ts';
import { describeSample, toManifest, toSample, type Sample, type SampleImage } from '../images.ts';
import { openTempFolder } from '../temp-folder.ts';
import { run, tryRun } from './run.ts';

/** The files of a layer: contents by path. */
export type LayerFiles = Readonly<Record<string, string | Uint8Array>>;

/** Writes files with their folders. */
export async function writeFiles(folder: string, files: LayerFiles): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A tar of the files: the same bytes from the same files. */
export async function makeTar(files: LayerFiles): Promise<Buffer> {
  const folder = await openTempFolder('octoserve-tar');
  const settled = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=a+rX'];
  try {
    await writeFiles(folder.path, files);
    const { bytes, code, stderr } = await tryRun('tar', ['-C', folder.path, ...settled, '-cf', '-', '.']);
    if (code !== 0) throw new Error(stderr);
    return bytes;
  } finally {
    await folder.remove();
  }
}

/** An image that a container engine can unpack, of one layer for each set of files. */
export async function makeRealImage(layers: readonly LayerFiles[], architecture = 'amd64'): Promise<SampleImage> {
  const stack: Sample[] = [];
  for (const files of layers) stack.push(toSample(await makeTar(files), OCI_LAYER));
  const config = toSample(
    JSON.stringify({
      created: '1970-01-01T00:00:00Z',
      architecture,
      os: 'linux',
      config: { Cmd: ['/hello'] },
      rootfs: { type: 'layers', diff_ids: stack.map(({ digest }) => digest) },
    }),
    OCI_IMAGE_CONFIG,
  );
  const manifest = toManifest(OCI_IMAGE_MANIFEST, {
    config: describeSample(config),
    layers: stack.map(describeSample),
  });
  return { manifest, blobs: [config, ...stack] };
}

/** Writes an OCI image layout folder that holds the images, each under its tag. */
export async function writeOciLayout(folder: string, images: Readonly<Record<string, SampleImage>>): Promise<void> {
  const samples = Object.values(images).flatMap(({ manifest, blobs }) => [manifest, ...blobs]);
  const manifests = Object.entries(images).map(([tag, { manifest }]) => ({
    ...describeSample(manifest),
    annotations: { 'org.opencontainers.image.ref.name': tag },
  }));
  await writeFiles(folder, {
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests }),
    ...Object.fromEntries(samples.map(({ digest, bytes }) => [`blobs/sha256/${encodedOf(digest)}`, bytes])),
  });
}

/** Writes an archive as `docker save` does, for `docker load` and whatever reads such files. */
export async function writeDockerArchive(file: string, image: SampleImage, name: string): Promise<void> {
  const [config, ...layers] = image.blobs as readonly [Sample, ...Sample[]];
  const entries = layers.map((layer): [string, Sample] => [`${encodedOf(layer.digest)}/layer.tar`, layer]);
  const manifest = [
    { Config: `${encodedOf(config.digest)}.json`, RepoTags: [name], Layers: entries.map(([path]) => path) },
  ];
  await writeFile(
    file,
    await makeTar({
      'manifest.json': JSON.stringify(manifest),
      [`${encodedOf(config.digest)}.json`]: config.bytes,
      ...Object.fromEntries(entries.map(([path, { bytes }]) => [path, bytes])),
    }),
  );
}

/** A tarred OCI image layout, as `ctr images import` takes it. */
export async function writeOciArchive(file: string, images: Readonly<Record<string, SampleImage>>): Promise<void> {
  const folder = await openTempFolder('octoserve-oci');
  try {
    await writeOciLayout(folder.path, images);
    await rm(file, { force: true });
    await run('tar', ['-C', folder.path, '-cf', file, '.']);
  } finally {
    await folder.remove();
  }
}
