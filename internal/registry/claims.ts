import type { RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { Catalog, Origin, UploadRow } from '../catalog/index.ts';
import type { UploadPosition } from '../storage/index.ts';

/** A claim ends by itself after so long without a byte (DESIGN: Uploads). */
const SILENCE_MS = 30_000;
/** A claim whose bytes move is renewed this often. */
const RENEW_MS = 10_000;
/** A holder that was silent for so long writes no more: somebody may soon hold the session in its place. */
const TRUST_MS = 25_000;

/** One request's hold on an upload session: nobody else writes to it meanwhile. */
export interface Claim {
  readonly kind: 'claimed';
  readonly upload: UploadRow;
  readonly epoch: number;
  /** Aborts when the claim was lost to another request. */
  readonly signal: AbortSignal;
  /**
   * The same bytes, each piece a sign of life that renews the claim from time to time. Ends as if the claim were lost
   * where one comes after a silence in which it may have passed on.
   */
  guard(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /**
   * Ends the claim at the position reached. False where it was lost before: the position is not the session's.
   * Only the first call counts; later ones answer like it.
   */
  end(position: UploadPosition): Promise<boolean>;
}

export type Claimed = Claim | Readonly<{ kind: 'refused'; upload: UploadRow }> | Readonly<{ kind: 'unknown' }>;

/** Takes an upload session for one request; `startBytes` is where the client says its bytes start, if it does. */
export async function claimUpload(
  { catalog, clock }: { readonly catalog: Catalog; readonly clock: () => number },
  by: Origin,
  repository: RepositoryName,
  id: UploadId,
  startBytes?: number,
): Promise<Claimed> {
  const startedMs = clock();
  const taken = await catalog.run('claimUpload', {
    by,
    nowMs: startedMs,
    repository,
    id,
    offsetBytes: startBytes,
    untilMs: startedMs + SILENCE_MS,
  });
  if (taken.kind !== 'claimed') return taken;
  const { epoch, upload } = taken;
  const lost = new AbortController();
  let renewedMs = startedMs;
  let askedMs = startedMs;
  let ended: Promise<boolean> | undefined;

  async function renew(nowMs: number): Promise<void> {
    const held = await catalog.run('renewUpload', { id, epoch, untilMs: nowMs + SILENCE_MS });
    if (held) renewedMs = nowMs;
    else lost.abort(new Error('the upload was cancelled, or another request took it over'));
  }

  function onByte(): void {
    const nowMs = clock();
    if (nowMs - renewedMs >= TRUST_MS) lost.abort(new Error('the claim was not renewed in time'));
    lost.signal.throwIfAborted();
    if (nowMs - askedMs < RENEW_MS) return;
    askedMs = nowMs;
    renew(nowMs).catch(() => undefined); // the next renewal tries again; a claim that lapsed is noticed at its end
  }

  async function* guard(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of stream) {
      onByte();
      yield chunk;
    }
  }

  return {
    kind: 'claimed',
    upload,
    epoch,
    signal: lost.signal,
    guard,
    end: (position) =>
      (ended ??= catalog.run('advanceUpload', {
        id,
        epoch,
        nowMs: clock(),
        offsetBytes: position.offsetBytes,
        digest: position.digest,
        state: position.state,
      })),
  };
}
