import { findUrl } from './paths.ts';
import type { Method } from './types.ts';

const MAX_HOPS = 5;
const FIRST_WAIT_MS = 500;
/** 136 years: far beyond any limit, and still a plain number. */
const MAX_SECONDS = 2 ** 32;
const BUSY: readonly number[] = [429, 503];
/** Those that promise to keep the method, and those that only a reader may follow. */
const REDIRECTS: readonly number[] = [307, 308];
const READERS_REDIRECTS: readonly number[] = [301, 302, 303, ...REDIRECTS];

/** What has been tried so far for one request. */
export interface Tries {
  readonly url: URL;
  readonly hops: number;
  readonly waits: number;
  readonly challenged: boolean;
}

/** What may be tried at all. */
export interface Limits {
  /** The registry itself: only its own challenges are answered. */
  readonly origin: string;
  readonly maxRetries: number;
  readonly maxWaitMs: number;
}

/** What to do about an answer that is no success. */
export type Step =
  | Readonly<{ kind: 'follow'; url: URL }>
  | Readonly<{ kind: 'wait'; ms: number }>
  | Readonly<{ kind: 'authenticate'; challenge: string }>
  | Readonly<{ kind: 'fail' }>;

/** The next step after an answer to a request that can be sent again. */
export function planStep(
  method: Method,
  tries: Tries,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  limits: Limits,
  nowMs: number,
): Step {
  if (BUSY.includes(status) && tries.waits < limits.maxRetries) {
    const ms = waitMs(headers.get('retry-after'), tries.waits + 1, nowMs);
    if (ms <= limits.maxWaitMs) return { kind: 'wait', ms };
  }
  const challenge = headers.get('www-authenticate');
  if (status === 401 && challenge && !tries.challenged && tries.url.origin === limits.origin) {
    return { kind: 'authenticate', challenge };
  }
  const allowed = method === 'GET' || method === 'HEAD' ? READERS_REDIRECTS : REDIRECTS;
  if (allowed.includes(status) && tries.hops < MAX_HOPS) {
    const url = findUrl(headers.get('location'), tries.url);
    if (url) return { kind: 'follow', url };
  }
  return { kind: 'fail' };
}

/** How long to wait before retry number `retry` (from 1): what `Retry-After` says, else half a second, doubled each time. */
export function waitMs(retryAfter: string | null, retry: number, nowMs: number): number {
  const text = retryAfter?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_SECONDS) * 1000;
  const time = /^[A-Z]/i.test(text) ? Date.parse(text) : Number.NaN; // an HTTP date begins with the day's name
  return Number.isNaN(time) ? FIRST_WAIT_MS * 2 ** (retry - 1) : Math.max(0, time - nowMs);
}
