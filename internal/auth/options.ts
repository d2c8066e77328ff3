import type { ConfigOf, Option } from '../config/index.ts';
import { wrongOfPattern } from './pattern.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const AUTH_OPTIONS = [
  {
    key: 'auth.anonymous',
    type: 'list',
    default: [],
    doc: 'Patterns of repositories (public/**) that anybody may pull from without signing in.',
    check: checkPatterns,
  },
  {
    key: 'auth.users_file',
    type: 'string',
    default: undefined,
    doc: 'A YAML file of users with bcrypt hashes, beside those of the catalog. Read again when it changes.',
  },
  {
    key: 'auth.service',
    type: 'string',
    default: 'octoserve',
    doc: 'How this registry is called where clients sign in, and in the tokens that it gives; the same on all replicas.',
    check: (name: string) => (/^[\w.:/-]{1,255}$/.test(name) ? undefined : 'must be a name or URL, without spaces'),
  },
  {
    key: 'auth.access_lifetime',
    type: 'duration',
    default: '5m',
    doc: 'How long a token for pulls and pushes is good.',
    check: (ms: number) => (ms >= MINUTE_MS && ms <= 24 * HOUR_MS ? undefined : 'must be between 1m and 24h'),
  },
  {
    key: 'auth.refresh_lifetime',
    type: 'duration',
    default: '720h',
    doc: 'How long a client that signed in (docker login) may get new tokens without its password.',
    check: (ms: number) => (ms >= HOUR_MS ? undefined : 'must be 1h or more'),
  },
  {
    key: 'auth.key_rotation',
    type: 'duration',
    default: '720h',
    doc: 'How often there is a new key that tokens are signed with.',
    check: (ms: number) => (ms >= HOUR_MS ? undefined : 'must be 1h or more'),
  },
] as const satisfies readonly Option[];

export type AuthConfig = ConfigOf<typeof AUTH_OPTIONS>;

function checkPatterns(patterns: readonly string[]): string | undefined {
  for (const pattern of patterns) {
    const wrong = wrongOfPattern(pattern);
    if (wrong !== undefined) return `must be patterns of repositories: ${pattern} ${wrong}`;
  }
  return undefined;
}
