import type { Sample } from '../images.ts';

/** An upload session that the server has given out. */
export interface OpenUpload {
  /** The path of its Location. */
  readonly path: string;
  readonly repository: string;
  readonly sample: Sample;
  /** How many bytes were answered with 202. */
  readonly ackedBytes: number;
  /** Whether the last request has been sent, so that it may be over. */
  readonly finishing: boolean;
}

/** What a server that is about to die has promised, by its answers. */
export interface Ledger {
  /** Content that was answered with 201, by path: it must be there. */
  readonly content: Map<string, Sample>;
  /** What a tag may point at: what was answered last, and whatever was sent since. */
  readonly tags: Map<string, Set<string>>;
  /** Tags that must be there. */
  readonly ackedTags: Set<string>;
  readonly uploads: Map<string, OpenUpload>;
  /** Answers that no push should get. */
  readonly complaints: string[];
}

export const createLedger = (): Ledger => ({
  content: new Map(),
  tags: new Map(),
  ackedTags: new Set(),
  uploads: new Map(),
  complaints: [],
});

export function noteTagSent(ledger: Ledger, path: string, digest: string): void {
  ledger.tags.set(path, (ledger.tags.get(path) ?? new Set()).add(digest));
}

/** Where only one client moves the tag, its last answer is the only thing that it can point at. */
export function noteTagAcked(ledger: Ledger, path: string, digest: string, isOnlyMover: boolean): void {
  ledger.ackedTags.add(path);
  if (isOnlyMover) ledger.tags.set(path, new Set([digest]));
}
