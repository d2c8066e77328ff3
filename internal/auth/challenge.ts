import type { Challenge } from './auth.ts';

/** How clients sign in: with a password at each request, or with one for a token. */
export type Scheme = 'basic' | 'token';

/** The path of the token endpoint, which a challenge names. */
export const TOKEN_PATH = '/auth/token';

/** RFC 7617, and docker's token specification with RFC 6750, section 3. All that it holds was checked to have no quote. */
export function formatChallenge(scheme: Scheme, service: string, { site, scope, error }: Challenge): string {
  if (scheme === 'basic') return `Basic realm="${service}", charset="UTF-8"`;
  const fields = { realm: `${site}${TOKEN_PATH}`, service, scope, error };
  const parts = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
  return `Bearer ${parts.join(',')}`;
}
