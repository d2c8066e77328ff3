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
  /** Whether the claim before was never ended: its holder may still be writing. */
  readonly lapsed: boolean;
  /**
   * The same bytes, each piece a sign of life that renews the claim from time to time. Ends as if the claim were lost
   * where a piece, or the end, comes after a silence in which it may have passed on. After the end, whichever it was,
   * the claim is renewed by itself, until `release`: the work that follows a body may take long.
   */
  guard(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Renews the claim now. False where it is another's: then nothing of the session may be touched. */
  confirm(): Promise<boolean>;
  /** Stops renewing. To be called once, whatever became of the claim. */
  release(): void;
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
  let keeping: NodeJS.Timeout | undefined;
  let isReleased = false;

  async function renew(): Promise<boolean> {
    const nowMs = clock();
    const held = await catalog.run('renewUpload', { id, epoch, untilMs: nowMs + SILENCE_MS });
    if (held) renewedMs = nowMs;
    else lost.abort(new Error('the upload was cancelled, or another request took it over'));
    return held;
  }
  const tryToRenew = (): void => void renew().catch(() => undefined); // the next one tries again, or comes too late

  function insistOnTime(): void {
    if (clock() - renewedMs >= TRUST_MS) lost.abort(new Error('the claim was not renewed in time'));
    lost.signal.throwIfAborted();
  }

  async function* guard(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      for await (const chunk of stream) {
        insistOnTime();
        if (clock() - askedMs >= RENEW_MS) {
          askedMs = clock();
          tryToRenew();
        }
        yield chunk;
      }
    } finally {
      insistOnTime(); // what came before a long silence is not to be written after it
      // A body that nobody waits for any more may end when all is over.
      if (!isReleased) keeping = setInterval(tryToRenew, RENEW_MS).unref();
    }
  }

  return {
    kind: 'claimed',
    upload,
    epoch,
    signal: lost.signal,
    lapsed: taken.lapsed,
    guard,
    confirm: renew,
    release: () => {
      isReleased = true;
      clearInterval(keeping);
    },
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
