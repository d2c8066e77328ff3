import { parseTag } from '../../../pkg/oci/index.ts';
import { actorOf, originOf, gatherBody, matchesEntityTag, type Exchange, type Headers } from '../../http/index.ts';
import type { Handler } from '../handler.ts';

type ManifestPath = '/v2/{name}/manifests/{reference}';

/** distribution-spec: end-3. What the client accepts is not asked: an existing manifest is always answered with 200. */
function headersOf(row: { digest: string; mediaType: string; sizeBytes: number }): Headers {
  return {
    'content-type': row.mediaType,
    'content-length': row.sizeBytes,
    'docker-content-digest': row.digest,
    etag: `"${row.digest}"`,
  };
}

/** Answers 304 where the client has it already. */
function isNotModified(exchange: Exchange, digest: string): boolean {
  if (!matchesEntityTag(exchange.header('if-none-match'), `"${digest}"`)) return false;
  exchange.respond(304, { etag: `"${digest}"`, 'docker-content-digest': digest });
  return true;
}

export const headManifest: Handler<ManifestPath> = async ({ registry }, { repository, reference }, exchange) => {
  const row = await registry.manifests.stat(repository, reference);
  if (!isNotModified(exchange, row.digest)) exchange.respond(200, headersOf(row));
};

export const getManifest: Handler<ManifestPath> = async ({ registry }, { repository, reference }, exchange) => {
  const manifest = await registry.manifests.get(repository, reference);
  if (!isNotModified(exchange, manifest.digest)) exchange.respond(200, headersOf(manifest), manifest.bytes);
};

/** distribution-spec: end-7a, and end-7b with `?tag=`. */
export const putManifest: Handler<ManifestPath> = async (deps, { repository, reference }, exchange) => {
  const { registry, publicUrl } = deps;
  const tags = exchange.query.getAll('tag').map((text) => parseTag(text));
  const bytes = await gatherBody(exchange, registry.config['registry.manifest_limit'], 'MANIFEST_TOO_LARGE');
  const contentType = exchange.header('content-type');
  const actor = actorOf(exchange);
  const grant = { create: actor.may('create', repository), update: actor.may('update', repository) };
  const push = { reference, tags, contentType, bytes, grant };
  const pushed = await registry.manifests.put(originOf(exchange), repository, push);
  exchange.respond(201, {
    location: `${publicUrl}/v2/${repository}/manifests/${pushed.digest}`,
    'docker-content-digest': pushed.digest,
    'oci-subject': pushed.subject,
    'oci-tag': tags.length > 0 ? pushed.tags.join(', ') : undefined,
  });
};

export const deleteManifest: Handler<ManifestPath> = async ({ registry }, { repository, reference }, exchange) => {
  await registry.manifests.delete(originOf(exchange), repository, reference);
  exchange.respond(202);
};
