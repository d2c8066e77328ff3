import { algorithmOf, OciError } from '../../pkg/oci/index.ts';
import type { Algorithm, Digest, RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { Catalog, Origin, UploadRow } from '../catalog/index.ts';
import {
  SMALL_BYTES,
  StorageError,
  type Appended,
  type AppendOptions,
  type Storage,
  type UploadPosition,
} from '../storage/index.ts';
import type { Admission, Admitted } from './admission.ts';
import { claimUpload, type Claim } from './claims.ts';
import type { RegistryConfig } from './options.ts';
import type { RegistryPorts } from './ports.ts';
import type { Publisher } from './publisher.ts';

/** Bytes that a client sends, with what it says of them. */
export interface UploadBody {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Content-Length, where there is one. */
  readonly expectedBytes?: number | undefined;
  /** Content-Range, both ends inclusive, where there is one. */
  readonly range?: { readonly start: number; readonly end: number } | undefined;
}

export interface Mount {
  readonly digest: Digest;
  readonly from: RepositoryName | undefined;
  /** Whether the caller may pull from there: what it may not is like absent. */
  readonly mayPull: (repository: RepositoryName) => boolean;
}

export type Started = Readonly<{ kind: 'started'; id: UploadId }> | Readonly<{ kind: 'mounted'; digest: Digest }>;
/** `refused`: the bytes start elsewhere than where the session stands, or another request holds it (416). */
export type Advanced = Readonly<{ kind: 'accepted' | 'refused'; offsetBytes: number }>;
export type Finished =
  Readonly<{ kind: 'finished'; digest: Digest }> | Readonly<{ kind: 'refused'; offsetBytes: number }>;

export interface Put {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface Uploads {
  /** Mounts where asked and possible, else opens a session. TOOMANYREQUESTS, QUOTA_EXCEEDED. */
  start(
    by: Origin,
    repository: RepositoryName,
    options: { algorithm: Algorithm; mount?: Mount | undefined },
  ): Promise<Started>;
  /** A whole blob in one request (end-4b). DIGEST_INVALID, SIZE_INVALID. */
  putWhole(by: Origin, repository: RepositoryName, digest: Digest, body: UploadBody): Promise<Put>;
  /** The same of bytes whose digest (sha256) is known when all have come. SIZE_INVALID. */
  putUnnamed(by: Origin, repository: RepositoryName, body: UploadBody): Promise<Put>;
  /** Adds a chunk (end-5); when it resolves the chunk survives a power cut. BLOB_UPLOAD_UNKNOWN, SIZE_INVALID. */
  append(by: Origin, repository: RepositoryName, id: UploadId, body: UploadBody): Promise<Advanced>;
  /** Adds a last chunk if there is one and closes the session (end-6). A wrong digest ends it: DIGEST_INVALID. */
  finish(by: Origin, repository: RepositoryName, id: UploadId, digest: Digest, body: UploadBody): Promise<Finished>;
  /** The durable offset in bytes (end-13). BLOB_UPLOAD_UNKNOWN. */
  status(by: Origin, repository: RepositoryName, id: UploadId): Promise<number>;
  /** Ends the session and removes its bytes (end-14). BLOB_UPLOAD_UNKNOWN. */
  cancel(by: Origin, repository: RepositoryName, id: UploadId): Promise<void>;
}

interface Deps {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly publisher: Publisher;
  readonly admission: Admission;
  readonly leaseMs: number;
  readonly config: RegistryConfig;
  readonly ports: RegistryPorts;
}

/** A session as it was found: each claim of it counts `epoch` up, and before the first one nothing was written to it. */
interface Session {
  readonly id: UploadId;
  readonly epoch: number;
}

const NOTHING: UploadPosition = { offsetBytes: 0 };
/** A mount without `from` looks at so many holders of the blob, and tries so many of those that the caller may read. */
const HOLDERS = 256;
const SOURCES = 16;

const positionOf = ({ offsetBytes, digest, state }: UploadRow): UploadPosition => ({
  offsetBytes,
  ...(digest && { digest }),
  ...(state !== undefined && { state }),
});

/** Refuses lengths that contradict each other before a byte is read. */
function checkLengths({ range, expectedBytes }: UploadBody): void {
  if (!range || expectedBytes === undefined || range.end - range.start + 1 === expectedBytes) return;
  throw new OciError(
    'SIZE_INVALID',
    `Content-Range names ${range.end - range.start + 1} bytes, Content-Length ${expectedBytes}`,
  );
}

export function createUploads({ storage, catalog, publisher, admission, config, leaseMs, ports }: Deps): Uploads {
  const { uploads } = storage;
  const unknown = (id: UploadId): OciError => new OciError('BLOB_UPLOAD_UNKNOWN', id);

  /** What is over and cannot be removed just now is no failure of the request: the sweep finds it. */
  const discard = (id: UploadId, state?: string): Promise<void> => uploads.discard(id, state).catch(() => undefined);

  async function tryMount(by: Origin, repository: RepositoryName, { digest, from, mayPull }: Mount): Promise<boolean> {
    const named = from
      ? [from]
      : config['registry.auto_mount']
        ? await catalog.queries.listHolders(digest, { limit: HOLDERS })
        : [];
    const sources = named.filter(mayPull).slice(0, SOURCES);
    for (const source of sources) {
      const nowMs = ports.clock();
      const mount = { by, nowMs, repository, from: source, digest, leaseMs: nowMs + leaseMs };
      const done = await catalog.run('mountBlob', mount);
      if (done.kind === 'mounted') return true;
    }
    return false;
  }

  async function start(
    by: Origin,
    repository: RepositoryName,
    { algorithm, mount }: { algorithm: Algorithm; mount?: Mount | undefined },
  ): Promise<Started> {
    if (mount && (await tryMount(by, repository, mount))) return { kind: 'mounted', digest: mount.digest };
    await admission.begin(repository);
    const id = ports.newUploadId();
    const limit = config['registry.upload_limit'];
    const created = await catalog.run('createUpload', {
      by,
      nowMs: ports.clock(),
      id,
      repository,
      algorithm,
      limitEach: limit,
      limitAll: limit,
    });
    if (created.kind === 'tooMany') throw new OciError('TOOMANYREQUESTS', `${limit} uploads are open`);
    return { kind: 'started', id };
  }

  /** Publishes checked content and makes it the repository's, ending the session that it is of. False where that was lost. */
  async function settle(
    by: Origin,
    repository: RepositoryName,
    id: UploadId,
    digest: Digest,
    position: UploadPosition,
    session?: Session,
  ): Promise<boolean> {
    const publish = (replace: boolean): Promise<void> => uploads.publish(id, position, digest, { replace });
    const done = await publisher.bring(digest, publish, (bringing) => {
      const nowMs = ports.clock();
      return catalog.run('finishUpload', {
        by,
        nowMs,
        session,
        repository,
        digest,
        sizeBytes: position.offsetBytes,
        ...bringing,
        leaseMs: nowMs + leaseMs,
      });
    });
    return done.kind === 'finished';
  }

  /** Brings a whole body to storage for as long as `use` takes it from there. */
  async function withBody<T>(
    repository: RepositoryName,
    sent: UploadBody,
    named: Digest | undefined,
    use: (id: UploadId, digest: Digest, position: UploadPosition) => Promise<T>,
  ): Promise<T> {
    checkLengths(sent);
    const { body, release } = await admission.admit(repository, sent);
    const algorithm = named ? algorithmOf(named) : 'sha256';
    const id = ports.newUploadId();
    let reached: UploadPosition | undefined;
    try {
      const appended = await uploads.append(id, NOTHING, body.stream, {
        algorithm,
        sync: false,
        ...(named && { destination: named }),
        ...(body.expectedBytes !== undefined && { expectedBytes: body.expectedBytes }),
      });
      reached = appended.position;
      if (appended.kind === 'broken') throw brokenOff(appended.cause);
      return await use(id, await uploads.digest(id, reached, algorithm), reached);
    } finally {
      release();
      if (!reached?.bytes) await discard(id, reached?.state);
    }
  }

  /** Keeps a whole body as a blob; where it is named, only if that is its digest. */
  const put = (by: Origin, repository: RepositoryName, body: UploadBody, named?: Digest): Promise<Put> =>
    withBody(repository, body, named, async (id, digest, position) => {
      if (named && digest !== named) throw otherDigest(digest);
      await settle(by, repository, id, digest, position);
      return { digest, sizeBytes: position.offsetBytes };
    });

  /** Writes the body after what the session has. A body that is not as long as its range says moves nothing. */
  async function extend(
    claim: Claim,
    body: UploadBody,
    options: Pick<AppendOptions, 'algorithm' | 'sync' | 'destination'>,
  ): Promise<Appended> {
    const from = positionOf(claim.upload);
    const appended = await uploads.append(claim.upload.id, from, claim.guard(body.stream), {
      ...options,
      signal: claim.signal,
      apart: claim.lapsed,
      ...(body.expectedBytes !== undefined && { expectedBytes: body.expectedBytes }),
    });
    const added = appended.position.offsetBytes - from.offsetBytes;
    if (appended.kind === 'complete' && body.range && body.range.end - body.range.start + 1 !== added) {
      throw new OciError(
        'SIZE_INVALID',
        `Content-Range names ${body.range.end - body.range.start + 1} bytes, ${added} came`,
      );
    }
    return appended;
  }

  /** Ends a session whose bytes are gone, if it is still the claim's: its offset would be a lie. */
  async function endLost(by: Origin, repository: RepositoryName, id: UploadId, claim: Claim): Promise<void> {
    const mine = await claim.confirm().catch(() => false);
    if (mine) await cancel(by, repository, id).catch(() => undefined); // else it expires
  }

  /** Removes what a session got that stands where it began: nobody goes on with it, and it may be on its way to its place. */
  async function dropFirst(claim: Claim): Promise<void> {
    const { id, offsetBytes, state } = claim.upload;
    if (offsetBytes === 0 && (await claim.confirm().catch(() => false))) await discard(id, state);
  }

  /** Runs `work` under a claim; whatever goes wrong, the claim ends where the session stood. */
  async function underClaim<T>(
    by: Origin,
    repository: RepositoryName,
    id: UploadId,
    sent: UploadBody,
    work: (claim: Claim, body: UploadBody) => Promise<T>,
  ): Promise<T | Readonly<{ kind: 'refused'; offsetBytes: number }>> {
    checkLengths(sent);
    const claim = await claimUpload({ catalog, clock: ports.clock }, by, repository, id, sent.range?.start);
    if (claim.kind === 'unknown') throw unknown(id);
    if (claim.kind === 'refused') return { kind: 'refused', offsetBytes: claim.upload.offsetBytes };
    let admitted: Admitted | undefined;
    try {
      admitted = await admission.admit(repository, sent);
      return await work(claim, admitted.body);
    } catch (failure) {
      if (failure instanceof StorageError && failure.lost) {
        await endLost(by, repository, id, claim);
        throw failure.failure === 'broken' ? new OciError('BLOB_UPLOAD_UNKNOWN', id, failure) : failure;
      }
      await dropFirst(claim);
      await claim.end(positionOf(claim.upload)).catch(() => false); // the first failure is the one to tell
      throw failure;
    } finally {
      admitted?.release();
      claim.release();
    }
  }

  const append = (by: Origin, repository: RepositoryName, id: UploadId, sent: UploadBody): Promise<Advanced> =>
    underClaim(by, repository, id, sent, async (claim, body) => {
      const appended = await extend(claim, body, { algorithm: claim.upload.algorithm, sync: true });
      if (!(await claim.end(appended.position))) throw unknown(id);
      if (appended.kind === 'broken') throw brokenOff(appended.cause);
      return { kind: 'accepted', offsetBytes: appended.position.offsetBytes };
    });

  /** The session of this caller; undefined where it is none of theirs, or over. */
  async function findOwn(by: Origin, repository: RepositoryName, id: UploadId): Promise<UploadRow | undefined> {
    const upload = await catalog.queries.findUpload(id);
    return upload?.repository === repository && upload.principal === by.principal ? upload : undefined;
  }

  /** Ends a session with content that is not what its client said. */
  async function refuseContent(by: Origin, repository: RepositoryName, id: UploadId, found: Digest): Promise<never> {
    await cancel(by, repository, id);
    throw otherDigest(found);
  }

  /**
   * A small body with which a session begins and ends is not claimed: nobody sees anything of it before the command that
   * ends the session, if nobody has claimed that by then. Undefined where it is no such body or session.
   */
  async function finishAtOnce(
    by: Origin,
    repository: RepositoryName,
    id: UploadId,
    digest: Digest,
    sent: UploadBody,
  ): Promise<Finished | undefined> {
    if (sent.range || !sent.expectedBytes || sent.expectedBytes > SMALL_BYTES) return undefined;
    if ((await findOwn(by, repository, id))?.epoch !== 0) return undefined;
    const isOver = await withBody(repository, sent, digest, (at, found, position) =>
      found === digest
        ? settle(by, repository, at, digest, position, { id, epoch: 0 })
        : refuseContent(by, repository, id, found),
    );
    return isOver ? { kind: 'finished', digest } : { kind: 'refused', offsetBytes: await status(by, repository, id) };
  }

  const finishClaimed = (
    by: Origin,
    repository: RepositoryName,
    id: UploadId,
    digest: Digest,
    sent: UploadBody,
  ): Promise<Finished> =>
    underClaim(by, repository, id, sent, async (claim, body) => {
      const whole = { algorithm: algorithmOf(digest), sync: false, destination: digest };
      const rest = { algorithm: claim.upload.algorithm, sync: false };
      const appended = await extend(claim, body, claim.upload.offsetBytes === 0 ? whole : rest);
      if (appended.kind === 'broken') throw brokenOff(appended.cause); // not synced: the session stays where it stood
      const found = await uploads.digest(id, appended.position, algorithmOf(digest));
      if (!(await claim.confirm())) throw unknown(id);
      if (found !== digest) return refuseContent(by, repository, id, found);
      if (!(await settle(by, repository, id, digest, appended.position, { id, epoch: claim.epoch }))) throw unknown(id);
      await discard(id, appended.position.state ?? claim.upload.state);
      return { kind: 'finished', digest };
    });

  const finish: Uploads['finish'] = async (...asked) => (await finishAtOnce(...asked)) ?? finishClaimed(...asked);

  async function status(by: Origin, repository: RepositoryName, id: UploadId): Promise<number> {
    const upload = await findOwn(by, repository, id);
    if (!upload) throw unknown(id);
    return upload.offsetBytes;
  }

  async function cancel(by: Origin, repository: RepositoryName, id: UploadId): Promise<void> {
    const done = await catalog.run('cancelUpload', { by, nowMs: ports.clock(), id, repository });
    if (done.kind === 'unknown') throw unknown(id);
    await discard(id, done.state);
  }

  return {
    start,
    putWhole: (by, repository, digest, body) => put(by, repository, body, digest),
    putUnnamed: (by, repository, body) => put(by, repository, body),
    append,
    finish,
    status,
    cancel,
  };
}

const otherDigest = (found: Digest): OciError => new OciError('DIGEST_INVALID', `the content is ${found}`);

/** The body ended early: a client that broke it off will hardly hear of it, the log does. */
function brokenOff(cause: unknown): OciError {
  if (cause instanceof OciError) return cause; // it was not the client's: there was no room for more
  return new OciError('BLOB_UPLOAD_INVALID', 'the body broke off', cause);
}
