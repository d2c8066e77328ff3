/** A document as it was found, and what tells it from any other state of it. */
export interface LoadedDocument {
  readonly bytes: Uint8Array;
  readonly state: string;
}

/** `changed`: somebody else has written it meanwhile, and nothing was written now. */
export type Persisted = Readonly<{ kind: 'persisted'; state: string }> | Readonly<{ kind: 'changed' }>;

/**
 * One small document, loaded whole and replaced whole; what is in it is not known here. Methods that fail throw
 * DocumentError, and a write that threw has changed nothing that anybody could load, unless its answer was lost.
 */
export interface DocumentPlace {
  /** Undefined where there is none yet. */
  load(): Promise<LoadedDocument | undefined>;
  /** The state of what is there, without loading it; undefined where there is none. Services count it as no pull. */
  findState(): Promise<string | undefined>;
  /** Replaces the document that was loaded or persisted as `expected`; undefined: there must be none. Durable once it resolves. */
  persist(bytes: Uint8Array, expected: string | undefined): Promise<Persisted>;
  /** Rejects where it could not be loaded or persisted just now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Who must do something: `authentication` whoever gave the credentials, `network` nobody yet, `storage` the rest. */
export type DocumentTrouble = 'authentication' | 'network' | 'storage';

/** Why a document could not be loaded or persisted. Nothing in it is secret. */
export class DocumentError extends Error {
  readonly trouble: DocumentTrouble;
  /** What somebody may do about it, where we know; it is in the message too. */
  readonly hint: string | undefined;

  /** `operation` is what could not be done: `load /data/registry.json`. */
  constructor(trouble: DocumentTrouble, operation: string, why: string, more: { hint?: string; cause?: unknown } = {}) {
    super(
      `${trouble} error: cannot ${operation}: ${why}${more.hint === undefined ? '' : ` (${more.hint})`}`,
      more.cause === undefined ? undefined : { cause: more.cause },
    );
    this.name = 'DocumentError';
    this.trouble = trouble;
    this.hint = more.hint;
  }
}

/** A place that cannot be used with what was said of it: nothing was asked of it. */
export class PlaceInvalid extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PlaceInvalid';
  }
}
