import { redactText } from './redact.ts';

const MAX_CAUSES = 8;

/** What a record says of an error: its message, those of its causes, and (asked for) where each was thrown. */
export interface ErrorFields {
  readonly error: string;
  readonly causes?: readonly string[];
  readonly stack?: string;
}

/** Error to plain values. Chains of causes are cut after eight, so that a cycle ends. */
export function describeError(error: Error, withStack: boolean): ErrorFields {
  const causes = causesOf(error);
  return {
    error: messageOf(error),
    ...(causes.length > 0 && { causes: causes.map(messageOf) }),
    ...(withStack && { stack: redactText([error, ...causes].map(stackOf).join('\ncaused by: ')) }),
  };
}

/** One line for an error of any kind: its message, led by its class where that is not plain Error. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return redactText(String(error));
  const name = error.name === 'Error' ? '' : error.name;
  return redactText([name, error.message].filter((part) => part !== '').join(': ') || 'Error');
}

function causesOf(error: Error): unknown[] {
  const found: unknown[] = [];
  const waiting = direct(error);
  while (waiting.length > 0 && found.length < MAX_CAUSES) {
    const cause = waiting.shift();
    found.push(cause);
    if (cause instanceof Error) waiting.push(...direct(cause));
  }
  return found;
}

function direct(error: Error): unknown[] {
  const own = error.cause === undefined ? [] : [error.cause];
  return error instanceof AggregateError ? [...own, ...error.errors.slice(0, MAX_CAUSES)] : own;
}

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack ? error.stack : messageOf(error);
}
