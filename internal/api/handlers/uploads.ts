import {
  findRepositoryName,
  OciError,
  parseAlgorithm,
  type RepositoryName,
  type UploadId,
} from '../../../pkg/oci/index.ts';
import { actorOf, originOf, contentLength, parseContentRange, type Exchange, type Headers } from '../../http/index.ts';
import type { Mount, UploadBody } from '../../registry/index.ts';
import { findQueryDigest } from '../path.ts';
import type { ApiDeps, Handler } from '../handler.ts';

type UploadsPath = '/v2/{name}/blobs/uploads/';
type UploadPath = '/v2/{name}/blobs/uploads/{uuid}';

/** `Range: 0-0` also stands for "nothing yet": Docker's convention. Everything in the URL is in its path. */
function sessionHeaders(deps: ApiDeps, repository: RepositoryName, id: UploadId, offsetBytes: number): Headers {
  return {
    location: `${deps.publicUrl}/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, offsetBytes - 1)}`,
    'docker-upload-uuid': id,
  };
}

const blobHeaders = (deps: ApiDeps, repository: RepositoryName, digest: string): Headers => ({
  location: `${deps.publicUrl}/v2/${repository}/blobs/${digest}`,
  'docker-content-digest': digest,
});

/** The body with what its headers say; undefined where Content-Range cannot be read, which is like out of order. */
function bodyOf(exchange: Exchange): UploadBody | undefined {
  const range = parseContentRange(exchange.header('content-range'));
  if (range === 'invalid') return undefined;
  return { stream: exchange.body(), expectedBytes: contentLength(exchange), range };
}

/** An unreadable `from` is a repository that does not exist. */
function mountOf(exchange: Exchange): Mount | 'impossible' | undefined {
  const { query } = exchange;
  const digest = findQueryDigest(query, 'mount');
  if (!digest) return undefined;
  const actor = actorOf(exchange);
  const mount = { digest, mayPull: (repository: RepositoryName) => actor.may('pull', repository) };
  const from = query.get('from');
  if (from === null || from === '') return { ...mount, from: undefined };
  const repository = findRepositoryName(from);
  return repository ? { ...mount, from: repository } : 'impossible';
}

/** distribution-spec: end-11 (mount), end-4b (`?digest=`), end-4a and end-4c, in this order. */
export const startUpload: Handler<UploadsPath> = async (deps, { repository }, exchange) => {
  const { registry } = deps;
  const { query } = exchange;
  const mount = mountOf(exchange);
  const digest = findQueryDigest(query, 'digest');
  const by = originOf(exchange);
  if (digest && !mount) {
    const body = bodyOf(exchange);
    if (!body) throw new OciError('SIZE_INVALID', 'Content-Range cannot be read');
    await registry.uploads.putWhole(by, repository, digest, body);
    return exchange.respond(201, blobHeaders(deps, repository, digest));
  }
  const algorithm = parseAlgorithm(query.get('digest-algorithm') ?? 'sha256');
  const started = await registry.uploads.start(by, repository, {
    algorithm,
    ...(mount && mount !== 'impossible' && { mount }),
  });
  if (started.kind === 'mounted') return exchange.respond(201, blobHeaders(deps, repository, started.digest));
  const minimum = registry.config['registry.chunk_min_length'];
  return exchange.respond(202, {
    ...sessionHeaders(deps, repository, started.id, 0),
    'oci-chunk-min-length': minimum > 0 ? minimum : undefined,
  });
};

/** distribution-spec: end-13. */
export const getUpload: Handler<UploadPath> = async (deps, { repository, id }, exchange) => {
  const offsetBytes = await deps.registry.uploads.status(originOf(exchange), repository, id);
  exchange.respond(204, sessionHeaders(deps, repository, id, offsetBytes));
};

/** 416 with the durable offset, which did not move (distribution-spec: "out of order"). */
async function refuseRange(deps: ApiDeps, repository: RepositoryName, id: UploadId, exchange: Exchange): Promise<void> {
  const offsetBytes = await deps.registry.uploads.status(originOf(exchange), repository, id);
  exchange.respond(416, sessionHeaders(deps, repository, id, offsetBytes));
}

/** distribution-spec: end-5. */
export const patchUpload: Handler<UploadPath> = async (deps, { repository, id }, exchange) => {
  const body = bodyOf(exchange);
  if (!body) return refuseRange(deps, repository, id, exchange);
  const done = await deps.registry.uploads.append(originOf(exchange), repository, id, body);
  return exchange.respond(done.kind === 'accepted' ? 202 : 416, sessionHeaders(deps, repository, id, done.offsetBytes));
};

/** distribution-spec: end-6. */
export const finishUpload: Handler<UploadPath> = async (deps, { repository, id }, exchange) => {
  const digest = findQueryDigest(exchange.query, 'digest');
  if (!digest) throw new OciError('DIGEST_INVALID', 'digest parameter required');
  const body = bodyOf(exchange);
  if (!body) return refuseRange(deps, repository, id, exchange);
  const done = await deps.registry.uploads.finish(originOf(exchange), repository, id, digest, body);
  if (done.kind === 'finished') return exchange.respond(201, blobHeaders(deps, repository, done.digest));
  return exchange.respond(416, sessionHeaders(deps, repository, id, done.offsetBytes));
};

/** distribution-spec: end-14. */
export const cancelUpload: Handler<UploadPath> = async ({ registry }, { repository, id }, exchange) => {
  await registry.uploads.cancel(originOf(exchange), repository, id);
  exchange.respond(204);
};
