/** The field of a request that is not as it must be, and why: `name is required`. */
export interface Problem {
  readonly field: string;
  readonly error: string;
}

/** A request that the rules refuse. Without a field it is one that cannot be read at all. */
export class Invalid extends Error {
  readonly field: string | undefined;

  constructor(message: string, field?: string) {
    super(message);
    this.name = 'Invalid';
    this.field = field;
  }
}

/** Throws what is wrong, where something is. */
export function refuse(problem: Problem | undefined): void {
  if (problem) throw new Invalid(problem.error, problem.field);
}
