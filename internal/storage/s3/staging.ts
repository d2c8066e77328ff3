import { unreachable } from '../../../pkg/oci/index.ts';
import { contentOf } from '../content.ts';
import type { Destination, Growing, Key, Staging } from '../driver.ts';
import { childKey } from '../layout.ts';
import { StorageError, type Content } from '../types.ts';
import type { Assembler } from './assembler.ts';
import { Discarder } from './discarder.ts';
import { Growth, type GrowthDeps } from './growth.ts';
import { buffersPerPart } from './limits.ts';
import { contentOfSpans } from './object-content.ts';
import { completeParts } from './part-sender.ts';
import { planMerge } from './plan-merge.ts';
import type { Span } from './plan-parts.ts';
import type { Reading } from './range-reader.ts';
import type { Trace, Traces } from './traces.ts';
import { cutPieces, formatState, parseState, sizeOf, type Piece, type UploadState } from './upload-state.ts';

export interface StagingDeps extends GrowthDeps {
  readonly reading: Reading;
  readonly assembler: Assembler;
  readonly traces: Traces;
}

/** Uploads in pieces below their keys, in memory just before they are published, or on their way to their final keys. */
export function createStaging(deps: StagingDeps): Staging {
  const { bucket, buffers, held, limits, reading, assembler, traces, nonce } = deps;
  const discarder = new Discarder(deps);
  let straightUnits = 0;

  const spansOf = (key: Key, pieces: readonly Piece[]): readonly Span<Key>[] =>
    pieces.map(({ name, sizeBytes }) => ({ source: childKey(key, name), start: 0, end: sizeBytes - 1 }));

  function heldBytes(key: Key, sizeBytes: number): Uint8Array {
    const bytes = held.find(key);
    if (!bytes) throw new StorageError('busy', `the bytes of ${key} were put aside for too long`);
    if (bytes.length < sizeBytes) throw new StorageError('broken', 'the upload is shorter than it was');
    return bytes.subarray(0, sizeBytes);
  }

  async function begin(key: Key, state: UploadState, destination?: Destination): Promise<Growing> {
    const trace = traces.begin(key);
    await discarder.giveUpDirect(trace);
    held.drop(key);
    const litter = trace.stored || (state.kind === 'pieces' && state.pieces.length > 0);
    const units = destination && unitsFor(destination);
    if (!units) return growing(new Growth(deps, { key, pieces: [], litter }), trace);
    straightUnits += units;
    const onEnd = (): void => void (straightUnits -= units);
    const straight = { to: destination.key, units };
    return growing(new Growth(deps, { key, pieces: [], litter, straight, onEnd }), trace);
  }

  /** How large the parts are that go straight to their place; undefined where they had better not. */
  function unitsFor({ sizeBytes }: Destination): number | undefined {
    if (sizeBytes <= limits.partBytes) return undefined; // it is held, or one piece
    const units = buffersPerPart(limits, sizeBytes);
    // Their buffers are not called back: some must be left for others.
    return units && (straightUnits + units) * 2 <= buffers.limit ? units : undefined;
  }

  async function goOn(key: Key, offsetBytes: number, state: UploadState): Promise<Growing> {
    const trace = traces.find(key);
    switch (state.kind) {
      case 'pieces': {
        const cut = cutPieces(state.pieces, offsetBytes);
        const pieces = await merged(key, cut);
        const litter = state.litter || pieces !== cut || cut.length < state.pieces.length;
        return growing(new Growth(deps, { key, pieces, litter }), trace);
      }
      case 'held': {
        const growth = new Growth(deps, { key, pieces: [], litter: trace?.stored !== false });
        await growth.write(heldBytes(key, offsetBytes));
        return growing(growth, trace);
      }
      case 'direct':
        throw new StorageError('broken', `${key} is on its way to its place: it cannot grow`);
      default:
        return unreachable(state);
    }
  }

  /** The growing object; what there will be to remove is in its trace. */
  function growing(growth: Growth, trace: Trace | undefined): Growing {
    return {
      write: (chunk) => growth.write(chunk),
      async finish({ sync }) {
        try {
          const state = await growth.finish(sync);
          trace?.note(state);
          return formatState(state);
        } catch (failure) {
          trace?.noteFailure();
          throw failure;
        }
      },
    };
  }

  /** The pieces, so many of them put together that their number stays small. */
  async function merged(key: Key, pieces: readonly Piece[]): Promise<readonly Piece[]> {
    const run = planMerge(pieces, limits.mostPieces);
    if (!run) return pieces;
    const before = pieces.slice(0, run.start);
    const together = pieces.slice(run.start, run.start + run.count);
    const sizeBytes = sizeOf(together);
    const name = `${sizeOf(before)}-${nonce()}`;
    await assembler.assemble(spansOf(key, together), childKey(key, name));
    return [...before, { name, sizeBytes, storedBytes: sizeBytes }, ...pieces.slice(run.start + run.count)];
  }

  async function open(key: Key, sizeBytes: number, text?: string): Promise<Content | undefined> {
    if (text === undefined) return undefined;
    const state = parseState(text);
    switch (state.kind) {
      case 'pieces':
        return contentOfSpans(reading, spansOf(key, cutPieces(state.pieces, sizeBytes)));
      case 'held':
        return contentOf(heldBytes(key, sizeBytes));
      case 'direct':
        throw new StorageError('broken', `${key} is on its way to its place: it cannot be read`);
      default:
        return unreachable(state);
    }
  }

  async function publish(from: Key, to: Key, sizeBytes: number, text?: string, replace?: boolean): Promise<void> {
    const state = parseState(text);
    switch (state.kind) {
      case 'pieces': {
        const pieces = cutPieces(state.pieces, sizeBytes);
        const [piece] = pieces;
        const whole = pieces.length === 1 && piece?.storedBytes === piece?.sizeBytes;
        if (replace || !(await isThere(to, sizeBytes))) await assembler.assemble(spansOf(from, pieces), to, whole);
        break;
      }
      case 'held':
        await bucket.put(to, heldBytes(from, sizeBytes)); // to look whether it is there would cost as much
        break;
      case 'direct': {
        if (state.to !== to || state.sizeBytes !== sizeBytes) {
          throw new StorageError('broken', `${from} is on its way to another place`);
        }
        const wasThere = await isThere(to, sizeBytes);
        if (!replace && wasThere) break;
        const trace = traces.find(from);
        const isSure = !wasThere || (trace !== undefined && trace.direct === undefined); // it arrived before
        await completeParts(deps, { key: to, uploadId: state.uploadId }, state.tags, sizeBytes, isSure);
        trace?.noteArrived();
        break;
      }
      default:
        unreachable(state);
    }
  }

  async function isThere(key: Key, sizeBytes: number): Promise<boolean> {
    return (await bucket.head(key))?.sizeBytes === sizeBytes;
  }

  return {
    grow: async (key, offsetBytes, text, destination) => {
      const state = parseState(text);
      return offsetBytes === 0 ? begin(key, state, destination) : goOn(key, offsetBytes, state);
    },
    open,
    publish,
    discard: (key, text) => discarder.discard(key, text),
    sweep: (beforeMs) => discarder.sweep(beforeMs),
  };
}
