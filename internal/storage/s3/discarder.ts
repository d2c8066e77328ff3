import type { Key } from '../driver.ts';
import { BLOBS, childKey } from '../layout.ts';
import type { Bucket } from './bucket.ts';
import type { HeldUploads } from './held-uploads.ts';
import type { Multipart, Multiparts } from './multiparts.ts';
import type { Trace, Traces } from './traces.ts';
import { parseState, type UploadState } from './upload-state.ts';

export interface DiscarderDeps {
  readonly bucket: Pick<Bucket, 'remove' | 'list'>;
  readonly multiparts: Pick<Multiparts, 'abort' | 'list' | 'lastMs'>;
  readonly held: HeldUploads;
  readonly traces: Traces;
}

/** So many objects are removed at once. */
const AT_ONCE = 16;

/** Removes what uploads leave behind: what is known of at once, the rest by looking for it. */
export class Discarder {
  readonly #deps: DiscarderDeps;

  constructor(deps: DiscarderDeps) {
    this.#deps = deps;
  }

  async discard(key: Key, text?: string): Promise<void> {
    const { held, traces } = this.#deps;
    const trace = traces.take(key);
    const state = text === undefined ? undefined : readable(text);
    held.drop(key);
    if (trace) await this.giveUpDirect(trace);
    else if (state?.kind === 'direct') await this.#deps.multiparts.abort({ key: state.to, uploadId: state.uploadId });
    if (state?.kind === 'pieces' && !state.litter) {
      await this.#removeAll(state.pieces.map(({ name }) => childKey(key, name)));
    } else if (trace?.stored !== false) {
      await this.#removeBelow(key, trace?.failed !== false);
    }
  }

  /** Gives up parts at a final key that nobody has published. */
  async giveUpDirect(trace: Trace): Promise<void> {
    if (trace.direct) await this.#deps.multiparts.abort(trace.direct);
    trace.noteArrived();
  }

  /** Gives up parts at final keys that no process goes on with; how many. */
  async sweep(beforeMs: number): Promise<number> {
    const { multiparts } = this.#deps;
    let count = 0;
    for await (const multipart of multiparts.list(`${BLOBS}/`)) {
      if (multipart.begunMs >= beforeMs) continue;
      if (((await multiparts.lastMs(multipart)) ?? 0) >= beforeMs) continue;
      await multiparts.abort(multipart);
      count += 1;
    }
    return count;
  }

  /** What there is below the key; with `begun`, also what was begun there and never became an object. */
  async #removeBelow(key: Key, begun: boolean): Promise<void> {
    const { bucket, multiparts } = this.#deps;
    const keys: Key[] = [];
    for await (const entry of bucket.list(`${key}/`)) keys.push(entry.key);
    await this.#removeAll(keys);
    if (!begun) return;
    const left: Multipart[] = [];
    for await (const multipart of multiparts.list(`${key}/`)) left.push(multipart);
    for (const multipart of left) await multiparts.abort(multipart);
  }

  async #removeAll(keys: readonly Key[]): Promise<void> {
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => this.#deps.bucket.remove(key)));
    }
  }
}

/** Undefined where it cannot be read: then what there is to remove is looked for. */
function readable(text: string): UploadState | undefined {
  try {
    return parseState(text);
  } catch {
    return undefined;
  }
}
