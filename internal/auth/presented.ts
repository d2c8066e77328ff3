import type { Credentials, Presented } from './sign-in.ts';

/** RFC 9110, section 11.4; the scheme is case-insensitive, one space parts it from what follows. */
const HEADER = /^(basic|bearer) +([A-Za-z0-9._~+/-]+=*)$/i;

/** Takes credentials apart. `malformed`: an Authorization header that is none we know. */
export function parseCredentials(credentials: Credentials): Presented | 'malformed' {
  const { authorization, cookie, certificate, address, requestId } = credentials;
  const rest = { cookies: parseCookies(cookie), certificate, address, requestId };
  if (authorization === undefined) return { basic: undefined, bearer: undefined, ...rest };
  const [, scheme = '', text = ''] = HEADER.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { basic: undefined, bearer: text, ...rest };
  const basic = scheme === '' ? undefined : parseBasic(text);
  return basic ? { basic, bearer: undefined, ...rest } : 'malformed';
}

/** RFC 7617: the name has no colon, the password may. */
function parseBasic(text: string): Presented['basic'] {
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0 || decoded.includes('\0')) return undefined;
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** RFC 6265, section 5.4, read with its own grammar; of two of one name the first counts, as browsers order them. */
function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (name !== '' && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}
