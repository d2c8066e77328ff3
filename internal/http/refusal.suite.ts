// A suite by its name only because nothing but tests may import it.

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

interface WireError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
}

function isWireError(value: unknown): value is WireError {
  const { code, message, detail = '', ...more } = value as Record<string, unknown>;
  return [code, message, detail].every((text) => typeof text === 'string') && Object.keys(more).length === 0;
}

/** The errors of an answer; throws where it is not in the one form that the distribution specification has for them. */
function errorsOf({ status, headers, body }: Answer): readonly WireError[] {
  const text = Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
  const { errors, ...more } = JSON.parse(text) as Record<string, unknown>;
  const wellFormed =
    headers['content-type'] === 'application/json' &&
    Object.keys(more).length === 0 &&
    Array.isArray(errors) &&
    errors.length > 0 &&
    errors.every(isWireError);
  if (!wellFormed) throw new Error(`${status} without an error in its proper form: ${text}`);
  return errors;
}

/** Status and code of a refusal, `404 BLOB_UNKNOWN`. */
export function refusalOf(answer: Answer): string {
  return `${answer.status} ${[...new Set(errorsOf(answer).map(({ code }) => code))].join(' ')}`;
}

/** What a refusal says in detail. */
export function detailsOf(answer: Answer): readonly (string | undefined)[] {
  return errorsOf(answer).map(({ detail }) => detail);
}
