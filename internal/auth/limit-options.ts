import type { ConfigOf, Option } from '../config/index.ts';

const check = (count: number): string | undefined => (count >= 0 ? undefined : 'must be 0 or more');

/** How much may come from one source; with `auth.mode: none` nothing is limited. */
export const LIMIT_OPTIONS = [
  {
    key: 'auth.limits.requests',
    type: 'integer',
    default: 60_000,
    doc: 'The most requests a minute of one principal that signed in; 0: any number.',
    check,
  },
  {
    key: 'auth.limits.anonymous',
    type: 'integer',
    default: 12_000,
    doc: 'The most requests a minute from one address (IPv6: one /64) without signing in; 0: any number.',
    check,
  },
  {
    key: 'auth.limits.failures',
    type: 'integer',
    default: 10,
    doc: 'The most wrong passwords in ten minutes for one name from one address; ten times as many from one address; 0: any number.',
    check,
  },
] as const satisfies readonly Option[];

export type LimitConfig = ConfigOf<typeof LIMIT_OPTIONS>;
