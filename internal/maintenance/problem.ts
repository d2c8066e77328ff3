/** What can be wrong with what is kept, each with what it means in `docs/maintenance.md`. */
export const PROBLEM_KINDS = [
  'blob missing',
  'blob of wrong size',
  'blob of wrong content',
  'blob quarantined',
  'manifest unreadable',
  'facts differ',
  'membership missing',
  'record missing',
  'record differs',
  'record stale',
  'record unreadable',
  'record unknown',
  'tag without manifest',
  'not imported',
] as const;

export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** One thing that is wrong, for people and for programs. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly repository?: string;
  /** The tag or digest, where it is about a name of the repository. */
  readonly name?: string;
  /** The content, where it is about that. */
  readonly digest?: string;
  /** What more there is to say. */
  readonly detail?: string;
  /** Whether it was put right. */
  readonly mended?: true;
}

/** Hears of each problem when it is found. */
export type OnProblem = (problem: Problem) => void;

/** Hears how the work goes on, in pieces of the work's own measure. */
export interface OnProgress {
  /** How much there is in all, where that is known; may come late. */
  total(pieces: number): void;
  done(pieces: number): void;
}
