import { digestOf, OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCTET_STREAM, type Digest } from '../../../pkg/oci/index.ts';
import { bytesBody } from '../generator/body.ts';
import { createContents } from '../generator/content.ts';
import { locationOf, type Asker, type Request } from './asker.ts';
import {
  BIG,
  BLOB_BYTES,
  countInBig,
  createLookup,
  indexInBig,
  readableOf,
  smallRepository,
  subjectIndex,
  tagOf,
  type Image,
  type Stage,
} from './layout.ts';

/** One kind of request, or of several that belong together. */
export interface Operation {
  readonly name: string;
  readonly kind: 'read' | 'write';
  readonly doc: string;
  /** Makes what the next run is about; not counted. */
  readonly prepare?: () => Promise<void>;
  /** What is timed. */
  readonly run: () => Promise<void>;
}

export interface OperationsOptions {
  readonly asker: Asker;
  readonly stages: readonly Stage[];
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Part of what is named by this life of the server alone. */
  readonly label: string;
}

const PAGE = 100;

/** All that is measured at each size, the empty request first. */
export function createOperations(options: OperationsOptions): readonly Operation[] {
  return [...createReads(options), ...createWrites(options)];
}

function createReads({ asker, stages, random }: OperationsOptions): readonly Operation[] {
  const imageOf = createLookup(stages);
  const images = stages.at(-1)?.to ?? 0;
  const big = countInBig(images);
  const below = (count: number): number => Math.floor(random() * count);
  const readable = stages.flatMap(readableOf).map(imageOf);
  const oneReadable = (): Image => readable[below(readable.length)] as Image;

  const read = (name: string, doc: string, path: () => string, method: 'GET' | 'HEAD' = 'GET'): Operation => ({
    name,
    kind: 'read',
    doc,
    run: async () => void (await asker.ask({ method, path: path(), expect: 200 })),
  });
  const page = (after: number | undefined): string => {
    const last = after === undefined ? '' : `&last=${tagOf(indexInBig(after))}`;
    return `/v2/${BIG}/tags/list?n=${PAGE}${last}`;
  };
  const blobOf = ({ repository, blob }: Image): string => `/v2/${repository}/blobs/${blob}`;
  const manifestOf = ({ repository }: Image, reference: string): string => `/v2/${repository}/manifests/${reference}`;
  const byTag = (image: Image): string => manifestOf(image, image.tag);
  const byDigest = (image: Image): string => manifestOf(image, image.manifest);
  const middle = (): number => Math.floor(big / 4) + below(Math.floor(big / 2));

  return [
    read('empty request', 'GET /v2/', () => '/v2/'),
    read('manifest by tag', 'GET, of the big repository', () => byTag(oneReadable())),
    read('manifest by digest', 'GET, of the big repository', () => byDigest(oneReadable())),
    read('manifest by tag, HEAD', 'of the big repository', () => byTag(oneReadable()), 'HEAD'),
    read('manifest by digest, HEAD', 'of the big repository', () => byDigest(oneReadable()), 'HEAD'),
    read('blob of 4 KiB', 'GET, of the big repository', () => blobOf(oneReadable())),
    read('blob, HEAD', 'of the big repository', () => blobOf(oneReadable()), 'HEAD'),
    read('tags, first page', `${PAGE} tags of the big repository`, () => page(undefined)),
    read('tags, page in the middle', 'anywhere in its middle half', () => page(middle())),
    read('tags, last page', 'of those that it was filled with', () => page(big - PAGE - 1)),
    read('repositories, page', `${PAGE} of _catalog, from anywhere`, () => {
      const last = smallRepository(below(Math.max(1, images - PAGE * 10)));
      return `/v2/_catalog?n=${PAGE}&last=${last}`;
    }),
    read('referrers', 'of any subject of the big repository', () => {
      const { manifest } = imageOf(subjectIndex(below(images)));
      return `/v2/${BIG}/referrers/${manifest}`;
    }),
  ];
}

interface Pushed {
  readonly digest: Digest;
  readonly bytes: Buffer;
}

function createWrites({ asker, stages, random, label }: OperationsOptions): readonly Operation[] {
  const imageOf = createLookup(stages);
  const readable = stages.flatMap(readableOf).map(imageOf);
  const config = (readable[0] as Image).blob;
  const nextBlob = createContents(BLOB_BYTES);
  const images = stages.at(-1)?.to ?? 0;
  let count = 0;

  /** A manifest unlike any other, of a blob that is there. */
  function nextManifest(): Pushed {
    const annotations = { 'dev.octobench.number': `${label}-${(count += 1)}` };
    const described = { mediaType: OCI_IMAGE_CONFIG, digest: config, size: BLOB_BYTES };
    const value = { schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, config: described, layers: [], annotations };
    const bytes = Buffer.from(JSON.stringify(value));
    return { digest: digestOf(bytes), bytes };
  }
  const put = (reference: string, { bytes }: Pushed): Request => ({
    method: 'PUT',
    path: `/v2/${BIG}/manifests/${reference}`,
    expect: 201,
    fields: [`Content-Type: ${OCI_IMAGE_MANIFEST}`],
    body: bytesBody(bytes),
  });
  const drop = (reference: string): Request => ({
    method: 'DELETE',
    path: `/v2/${BIG}/manifests/${reference}`,
    expect: 202,
  });
  const write = (name: string, doc: string, run: () => Promise<unknown>, prepare?: () => Promise<void>): Operation => ({
    name,
    kind: 'write',
    doc,
    ...(prepare && { prepare }),
    run: async () => void (await run()),
  });

  const both = [nextManifest(), nextManifest()] as const;
  let turn = 0;
  const move = (): Promise<unknown> => asker.ask(put(`x-moved-${label}`, both[(turn += 1) % 2] ?? both[0]));
  let doomed: string = '';

  return [
    write('blob upload of 4 KiB', 'POST and PUT into the big repository', async () => {
      const { digest, body } = nextBlob();
      const opened = await asker.ask({ method: 'POST', path: `/v2/${BIG}/blobs/uploads/`, expect: 202 });
      const path = `${locationOf(opened)}?digest=${digest}`;
      await asker.ask({ method: 'PUT', path, expect: 201, fields: [`Content-Type: ${OCTET_STREAM}`], body });
    }),
    write('mount', 'of a blob of the big repository into any small one', () => {
      const { blob } = readable[count % readable.length] as Image;
      count += 1;
      const into = smallRepository(Math.floor(random() * images));
      const path = `/v2/${into}/blobs/uploads/?mount=${blob}&from=${BIG}`;
      return asker.ask({ method: 'POST', path, expect: 201 });
    }),
    write('push under a new tag', 'a new manifest into the big repository', () => {
      const manifest = nextManifest();
      return asker.ask(put(`x-${label}-${count}`, manifest));
    }),
    write('tag moved', 'to and fro between two manifests', move, async () => {
      if (turn === 0) await move();
    }),
    write(
      'tag deleted',
      'of the big repository',
      () => asker.ask(drop(doomed)),
      async () => {
        doomed = `x-doomed-${label}-${(count += 1)}`;
        await asker.ask(put(doomed, both[0]));
      },
    ),
    write(
      'manifest deleted',
      'of the big repository, with its tag',
      () => asker.ask(drop(doomed)),
      async () => {
        const manifest = nextManifest();
        await asker.ask(put(`x-doomed-${label}-${count}`, manifest));
        doomed = manifest.digest;
      },
    ),
  ];
}
