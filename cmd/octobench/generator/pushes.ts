import { digestOf, OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCI_LAYER, OCTET_STREAM } from '../../../pkg/oci/index.ts';
import type { WorkOf } from '../workloads/types.ts';
import { fieldOf, type Answer } from './answer.ts';
import { bytesBody, chunkedBody, type Body } from './body.ts';
import type { Connection } from './connection.ts';
import { createContents, cut, type Content } from './content.ts';
import type { Operation, OperationDeps } from './operations.ts';
import type { Call, Site } from './site.ts';

const TYPE = `Content-Type: ${OCTET_STREAM}`;
const scopesOf = (repository: string): readonly string[] => [`repository:${repository}:pull,push`];

/** Where the upload goes on: a registry may give whole URLs or paths, and a new one with every answer. */
function locationOf(answer: Answer, { endpoint }: Site): string {
  const url = URL.parse(fieldOf(answer, 'location') ?? '', `http://${endpoint.host}`);
  if (!url) throw new Error('an upload was opened without a Location');
  return `${url.pathname}${url.search}`;
}

const withDigest = (path: string, digest: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;

/** Uploads blobs to one repository: distribution-spec end-4a to end-6. */
function uploader(site: Site, repository: string) {
  const scopes = scopesOf(repository);
  const open: Call = { method: 'POST', path: `/v2/${repository}/blobs/uploads/`, scopes, expect: [202] };

  const put = (path: string, digest: string, body?: Body): Call => ({
    method: 'PUT',
    path: withDigest(path, digest),
    scopes,
    expect: [201],
    ...(body && { body, fields: [TYPE] }),
  });

  return {
    async whole(connection: Connection, { digest, body }: Content): Promise<void> {
      const path = locationOf(await site.send(connection, open), site);
      await site.send(connection, put(path, digest, body));
    },

    async streamed(connection: Connection, { digest, body }: Content): Promise<void> {
      const path = locationOf(await site.send(connection, open), site);
      const patch = { method: 'PATCH', path, scopes, expect: [202], fields: [TYPE], isChunked: true } as const;
      const answer = await site.send(connection, { ...patch, body: chunkedBody(body) });
      await site.send(connection, put(locationOf(answer, site), digest));
    },

    async inChunks(connection: Connection, { digest, body }: Content, chunkBytes: number): Promise<void> {
      let path = locationOf(await site.send(connection, open), site);
      let start = 0;
      for (const chunk of cut(body, chunkBytes)) {
        const fields = [TYPE, `Content-Range: ${start}-${start + chunk.sizeBytes - 1}`];
        const call = { method: 'PATCH', path, scopes, expect: [202], fields, body: chunk } as const;
        path = locationOf(await site.send(connection, call), site);
        start += chunk.sizeBytes;
      }
      await site.send(connection, put(path, digest));
    },
  };
}

export function uploadOperation(work: WorkOf<'upload'>, { site }: OperationDeps): Operation {
  const next = createContents(work.sizeBytes);
  const upload = uploader(site, work.repository);
  switch (work.way) {
    case 'monolithic':
      return (connection) => upload.whole(connection, next());
    case 'streamed':
      return (connection) => upload.streamed(connection, next());
    case 'chunked':
      return (connection) => upload.inChunks(connection, next(), work.chunkBytes);
    default:
      return work.way satisfies never;
  }
}

function putManifest(repository: string, tag: string, mediaType: string, bytes: Uint8Array): Call {
  return {
    method: 'PUT',
    path: `/v2/${repository}/manifests/${tag}`,
    scopes: scopesOf(repository),
    expect: [201],
    fields: [`Content-Type: ${mediaType}`],
    body: bytesBody(bytes),
  };
}

export function pushOperation(work: WorkOf<'push'>, { site, label, onPushed }: OperationDeps): Operation {
  const { repository, layers, layerBytes } = work;
  const nextLayer = createContents(layerBytes);
  const upload = uploader(site, repository);
  let count = 0;

  async function pushBlob(connection: Connection, content: Content): Promise<void> {
    const path = `/v2/${repository}/blobs/${content.digest}`;
    const scopes = scopesOf(repository);
    const answer = await site.send(connection, { method: 'HEAD', path, scopes, expect: [200, 404] });
    if (answer.status === 404) await upload.whole(connection, content);
  }

  return async (connection) => {
    const tag = `${label}-${(count += 1)}`;
    const stack = Array.from({ length: layers }, nextLayer);
    const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { tag } } }));
    const contents = [{ digest: digestOf(config), body: bytesBody(config) }, ...stack];
    for (const content of contents) await pushBlob(connection, content);
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      config: { mediaType: OCI_IMAGE_CONFIG, digest: digestOf(config), size: config.length },
      layers: stack.map(({ digest }) => ({ mediaType: OCI_LAYER, digest, size: layerBytes })),
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    await site.send(connection, putManifest(repository, tag, OCI_IMAGE_MANIFEST, bytes));
    onPushed(tag);
  };
}

export function tagOperation(work: WorkOf<'tag'>, { site, label }: OperationDeps): Operation {
  const bytes = Buffer.from(work.manifest);
  let count = 0;
  return async (connection) => {
    await site.send(connection, putManifest(work.repository, `${label}-${(count += 1)}`, work.mediaType, bytes));
  };
}

export function mountOperation({ from, into, digests }: WorkOf<'mount'>, { site, label }: OperationDeps): Operation {
  let count = 0;
  return async (connection) => {
    const repository = `${into}/${label}-${Math.floor(count / digests.length)}`;
    const query = new URLSearchParams({ mount: digests[count % digests.length] ?? '', from }).toString();
    count += 1;
    await site.send(connection, {
      method: 'POST',
      path: `/v2/${repository}/blobs/uploads/?${query}`,
      scopes: [...scopesOf(repository), `repository:${from}:pull`],
      expect: [201],
    });
  };
}
