import { OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from '../../../pkg/oci/index.ts';
import {
  blobsFixture,
  imagesFixture,
  largeFixture,
  referrersFixture,
  tagsFixture,
  type Fixture,
  type Scale,
} from './fixtures.ts';
import type { Read, UploadWay, Work } from './types.ts';

/** What a workload is made for. */
export interface Setting {
  /** Before every repository's name. */
  readonly prefix: string;
  /** Part of the names of what this run writes, and no other. */
  readonly run: string;
  readonly scale: Scale;
}

/** A workload for one setting: what has to be there, and what is done then. */
export interface Plan {
  readonly fixtures: readonly Fixture[];
  readonly work: Work;
}

/** A kind of use that registries are compared by. */
export interface Workload {
  readonly name: string;
  readonly doc: string;
  /** How many connections, unless told otherwise. */
  readonly connections: number;
  /** What its rate counts. */
  readonly counts: 'operations' | 'bytes';
  /** The most that each connection does in a round: large uploads would fill the disk. */
  readonly operationLimit?: number;
  readonly plan: (setting: Setting) => Plan;
}

const MANIFEST_TYPES = `${OCI_IMAGE_MANIFEST}, ${OCI_IMAGE_INDEX}`;
const SMALL_BYTES = 4 * 1024;
const PAGE = 100;
const CHUNK_BYTES = 16 * 1024 * 1024;
const LARGE_UPLOADS = 2;

function manifestReads(method: Read['method'], by: 'tag' | 'digest') {
  return ({ prefix }: Setting): Plan => {
    const fixture = imagesFixture(prefix);
    const { repository } = fixture;
    const reads = fixture.manifests.map(({ digest, tags: [tag = ''] }): Read => {
      const path = `/v2/${repository}/manifests/${by === 'tag' ? tag : digest}`;
      return { method, path, repository, accept: MANIFEST_TYPES };
    });
    return { fixtures: [fixture], work: { kind: 'read', reads } };
  };
}

function blobReads(fixture: Fixture): Plan {
  const { repository } = fixture;
  const reads = fixture.blobs.map(({ digest }): Read => {
    return { method: 'GET', path: `/v2/${repository}/blobs/${digest}`, repository };
  });
  return { fixtures: [fixture], work: { kind: 'read', reads } };
}

function tagPages({ prefix, scale }: Setting): Plan {
  const fixture = tagsFixture(prefix, scale);
  const { repository } = fixture;
  const names = fixture.manifests[0]?.tags ?? [];
  // Pages from anywhere, the last ones apart, which would be shorter.
  const starts = names.slice(0, Math.max(1, names.length - PAGE)).filter((_, index) => index % 37 === 0);
  const reads = starts.map((last): Read => {
    return { method: 'GET', path: `/v2/${repository}/tags/list?n=${PAGE}&last=${last}`, repository };
  });
  return { fixtures: [fixture], work: { kind: 'read', reads } };
}

function reading(fixture: Fixture, path: string): Plan {
  const { repository } = fixture;
  const read: Read = { method: 'GET', path: `/v2/${repository}/${path}`, repository };
  return { fixtures: [fixture], work: { kind: 'read', reads: [read] } };
}

function uploads(sizeBytes: number | 'large', way: UploadWay) {
  return ({ prefix, run, scale }: Setting): Plan => {
    const size = sizeBytes === 'large' ? scale.largeBytes : sizeBytes;
    const repository = `${prefix}/uploads-${run}`;
    return { fixtures: [], work: { kind: 'upload', repository, sizeBytes: size, way, chunkBytes: CHUNK_BYTES } };
  };
}

function mounts({ prefix, run }: Setting): Plan {
  const fixture = blobsFixture(prefix, SMALL_BYTES);
  const digests = fixture.blobs.map(({ digest }) => digest);
  const work: Work = { kind: 'mount', from: fixture.repository, into: `${prefix}/mounts-${run}`, digests };
  return { fixtures: [fixture], work };
}

const pushes = ({ prefix, run }: Setting): Work => ({
  kind: 'push',
  repository: `${prefix}/pushes-${run}`,
  layers: 2,
  layerBytes: SMALL_BYTES,
});

function tagPushes({ prefix, run }: Setting): Plan {
  const { blobs, manifests } = tagsFixture(prefix, { tags: 1, largeBytes: 0 });
  const [manifest] = manifests;
  if (!manifest) throw new RangeError('the fixture has a manifest');
  const repository = `${prefix}/tagged-${run}`;
  const { mediaType, bytes } = manifest;
  return {
    fixtures: [{ repository, blobs, manifests: [manifest] }],
    work: { kind: 'tag', repository, mediaType, manifest: bytes.toString() },
  };
}

function day(setting: Setting): Plan {
  const fixture = imagesFixture(setting.prefix);
  const parts = [
    { share: 90, work: { kind: 'pull', images: fixture.images } },
    { share: 10, work: pushes(setting) },
  ] as const;
  return { fixtures: [fixture], work: { kind: 'mix', parts } };
}

/** Every workload, in the order in which they run: what only reads first. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: 'empty',
    doc: 'GET /v2/, which asks for nothing: what any request costs',
    connections: 32,
    counts: 'operations',
    plan: () => ({ fixtures: [], work: { kind: 'read', reads: [{ method: 'GET', path: '/v2/' }] } }),
  },
  {
    name: 'manifest-by-tag',
    doc: 'GET of manifests by tag, 100 images',
    connections: 32,
    counts: 'operations',
    plan: manifestReads('GET', 'tag'),
  },
  {
    name: 'manifest-by-digest',
    doc: 'GET of manifests by digest, 100 images',
    connections: 32,
    counts: 'operations',
    plan: manifestReads('GET', 'digest'),
  },
  {
    name: 'manifest-head',
    doc: 'HEAD of manifests by tag, 100 images',
    connections: 32,
    counts: 'operations',
    plan: manifestReads('HEAD', 'tag'),
  },
  {
    name: 'tags',
    doc: 'a list of all tags (10,000, see --tags)',
    connections: 1,
    counts: 'operations',
    plan: ({ prefix, scale }) => reading(tagsFixture(prefix, scale), 'tags/list'),
  },
  {
    name: 'tags-page',
    doc: `pages of ${PAGE} tags out of these`,
    connections: 1,
    counts: 'operations',
    plan: tagPages,
  },
  {
    name: 'referrers',
    doc: 'the 100 referrers of a manifest',
    connections: 8,
    counts: 'operations',
    plan({ prefix }) {
      const fixture = referrersFixture(prefix);
      return reading(fixture, `referrers/${fixture.subject}`);
    },
  },
  {
    name: 'blob-4k',
    doc: 'GET of blobs of 4 KiB',
    connections: 32,
    counts: 'operations',
    plan: ({ prefix }) => blobReads(blobsFixture(prefix, SMALL_BYTES)),
  },
  {
    name: 'blob-64k',
    doc: 'GET of blobs of 64 KiB',
    connections: 32,
    counts: 'operations',
    plan: ({ prefix }) => blobReads(blobsFixture(prefix, 64 * 1024)),
  },
  {
    name: 'download',
    doc: 'GET of a large blob (1 GiB, see --large), one stream',
    connections: 1,
    counts: 'bytes',
    plan: ({ prefix, scale }) => blobReads(largeFixture(prefix, scale)),
  },
  {
    name: 'download-4',
    doc: 'the same in four streams',
    connections: 4,
    counts: 'bytes',
    plan: ({ prefix, scale }) => blobReads(largeFixture(prefix, scale)),
  },
  {
    name: 'day',
    doc: 'a mixed day: 90 % pulls of images, 10 % pushes',
    connections: 16,
    counts: 'operations',
    plan: day,
  },
  {
    name: 'push-blob',
    doc: 'uploads of blobs of 4 KiB (POST, PUT)',
    connections: 16,
    counts: 'operations',
    plan: uploads(SMALL_BYTES, 'monolithic'),
  },
  {
    name: 'push-image',
    doc: 'pushes of images: HEAD and upload of config and two layers of 4 KiB, then the manifest under a tag',
    connections: 16,
    counts: 'operations',
    plan: (setting) => ({ fixtures: [], work: pushes(setting) }),
  },
  {
    name: 'push-tag',
    doc: 'new tags for a manifest, all in one repository',
    connections: 8,
    counts: 'operations',
    plan: tagPushes,
  },
  {
    name: 'mount',
    doc: 'mounts of blobs into other repositories',
    connections: 16,
    counts: 'operations',
    plan: mounts,
  },
  {
    name: 'upload',
    doc: 'a large blob in one PUT, one stream',
    connections: 1,
    counts: 'bytes',
    operationLimit: LARGE_UPLOADS,
    plan: uploads('large', 'monolithic'),
  },
  {
    name: 'upload-4',
    doc: 'the same in four streams',
    connections: 4,
    counts: 'bytes',
    operationLimit: 1,
    plan: uploads('large', 'monolithic'),
  },
  {
    name: 'upload-streamed',
    doc: 'a large blob in one PATCH of unknown length',
    connections: 1,
    counts: 'bytes',
    operationLimit: LARGE_UPLOADS,
    plan: uploads('large', 'streamed'),
  },
  {
    name: 'upload-chunked',
    doc: 'a large blob in PATCHes of 16 MiB',
    connections: 1,
    counts: 'bytes',
    operationLimit: LARGE_UPLOADS,
    plan: uploads('large', 'chunked'),
  },
];
