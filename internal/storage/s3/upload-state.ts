import { unreachable } from '../../../pkg/oci/index.ts';
import type { Key } from '../driver.ts';
import { BLOBS, childKey, findStored } from '../layout.ts';
import { StorageError } from '../types.ts';

/** A run of an upload's bytes: the first `sizeBytes` of an object of its own below the upload's key. */
export interface Piece {
  readonly name: string;
  readonly sizeBytes: number;
  /** What the object holds: more, where the upload went on from within it. */
  readonly storedBytes: number;
}

/**
 * Where an upload's bytes are. `pieces`: in objects of its own, one after the other; with `litter`, in further ones
 * that count no more. `held`: in this process's memory, all of them, until they are published. `direct`: in the parts
 * of an object under its final key, which is not complete.
 */
export type UploadState =
  | Readonly<{ kind: 'pieces'; pieces: readonly Piece[]; litter: boolean }>
  | Readonly<{ kind: 'held'; sizeBytes: number }>
  | Readonly<{ kind: 'direct'; to: Key; uploadId: string; tags: readonly string[]; sizeBytes: number }>;

export const NO_PIECES: UploadState = { kind: 'pieces', pieces: [], litter: false };

/** The state as the catalog keeps it: short, since each request rewrites it. Undefined where there is nothing to say. */
export function formatState(state: UploadState): string | undefined {
  switch (state.kind) {
    case 'pieces':
      if (state.pieces.length === 0 && !state.litter) return undefined;
      return JSON.stringify({ pieces: state.pieces.map(formatPiece), ...(state.litter && { litter: true }) });
    case 'held':
      return JSON.stringify({ held: state.sizeBytes });
    case 'direct':
      return JSON.stringify({ direct: state.to, upload: state.uploadId, tags: state.tags, size: state.sizeBytes });
    default:
      return unreachable(state);
  }
}

export function parseState(text: string | undefined): UploadState {
  if (text === undefined) return NO_PIECES;
  const fields = parseFields(text);
  const { pieces, litter, held, direct, upload, tags, size } = fields;
  if (Array.isArray(pieces)) return { kind: 'pieces', pieces: pieces.map(parsePiece), litter: litter === true };
  if (held !== undefined) return { kind: 'held', sizeBytes: parseSize(held) };
  if (typeof direct !== 'string' || typeof upload !== 'string' || !isTexts(tags)) return unreadable();
  return { kind: 'direct', to: parseBlobKey(direct), uploadId: upload, tags, sizeBytes: parseSize(size) };
}

export function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The pieces that hold the first `sizeBytes` bytes. A StorageError where there are not so many. */
export function cutPieces(pieces: readonly Piece[], sizeBytes: number): readonly Piece[] {
  const cut: Piece[] = [];
  let left = sizeBytes;
  for (const piece of pieces) {
    if (left === 0) break;
    cut.push({ ...piece, sizeBytes: Math.min(piece.sizeBytes, left) });
    left -= Math.min(piece.sizeBytes, left);
  }
  if (left > 0) throw new StorageError('broken', 'the upload is shorter than it was', undefined, true);
  return cut;
}

function formatPiece({ name, sizeBytes, storedBytes }: Piece): readonly (string | number)[] {
  return storedBytes === sizeBytes ? [name, sizeBytes] : [name, sizeBytes, storedBytes];
}

function parsePiece(fields: unknown): Piece {
  const [name, size, stored = size] = Array.isArray(fields) ? (fields as readonly unknown[]) : [];
  // It becomes part of a key.
  if (typeof name !== 'string' || !/^[0-9a-z-]{1,64}$/.test(name)) return unreadable();
  return { name, sizeBytes: parseSize(size), storedBytes: parseSize(stored) };
}

function parseBlobKey(text: string): Key {
  const key = childKey(BLOBS, text.slice(BLOBS.length + 1));
  return text === key && findStored(key)?.kind === 'blob' ? key : unreadable();
}

function parseSize(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : unreadable();
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function parseFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === 'object' && fields ? (fields as Record<string, unknown>) : {};
  } catch (cause) {
    return unreadable(cause);
  }
}

function unreadable(cause?: unknown): never {
  throw new StorageError('broken', 'what is known of the upload cannot be read', cause);
}
