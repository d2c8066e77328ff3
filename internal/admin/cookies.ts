import type { Exchange } from '../http/index.ts';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** 0: it goes. */
  readonly seconds: number;
}

/** Whether the client reached us over TLS. */
export const isSecure = (exchange: Exchange): boolean => exchange.site.startsWith('https:');

/**
 * Has the answer set a cookie: for our own paths only, out of reach of scripts, and sent along from other sites only
 * where a person follows a link.
 */
export function setCookie(exchange: Exchange, { name, value, path, seconds }: Cookie): void {
  const attributes = [`Path=${path}`, `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Lax'];
  if (isSecure(exchange)) attributes.push('Secure');
  const line = [`${name}=${value}`, ...attributes].join('; ');
  exchange.baseHeaders = [...exchange.baseHeaders, 'Set-Cookie', line];
}

/** What the request has under that name; the first where there are several, as browsers order them. */
export function cookieOf(exchange: Exchange, name: string): string | undefined {
  for (const pair of (exchange.header('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
