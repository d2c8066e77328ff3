import { OciError } from '../../pkg/oci/index.ts';
import type { Exchange } from './exchange.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * With nobody asked to sign in, a page of another site could have its visitor's browser change things here:
 * such requests are refused (DENIED) unless the site is in `server.cors_origins`.
 */
export function refuseOtherSites(exchange: Exchange, allowed: readonly string[]): void {
  if (SAFE.has(exchange.method)) return;
  const origin = exchange.header('origin');
  const site = exchange.header('sec-fetch-site');
  if (origin === undefined && site === undefined) return; // no browser
  if (origin !== undefined && allowed.includes(origin)) return;
  const own = origin !== undefined && URL.canParse(origin) && new URL(origin).host === exchange.header('host');
  if (own || (origin === undefined && (site === 'same-origin' || site === 'none'))) return;
  throw new OciError('DENIED', 'a page of another site may not change anything here');
}
