import { OciError } from '../../pkg/oci/index.ts';
import type { Exchange } from './exchange.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;

const urlOf = (text: string | undefined): URL | undefined =>
  text !== undefined && URL.canParse(text) ? new URL(text) : undefined;

/**
 * Whether the host that a page was loaded from is this server by right. A page may let its own name lead to its
 * visitor's machine (DNS rebinding) and so become what its browser takes for our site: over a loopback connection only
 * the names that mean this machine count, beside the public one that a proxy here may serve.
 */
function isOwnHost(exchange: Exchange, page: URL, publicHost: string | undefined): boolean {
  if (page.host === publicHost) return true;
  const isLocal = LOOPBACK.test(exchange.req.socket.localAddress ?? '');
  return page.host === exchange.header('host') && (!isLocal || LOCAL_NAMES.has(page.hostname));
}

/**
 * With nobody asked to sign in, a page of another site could have its visitor's browser change things here:
 * such requests are refused (DENIED) unless the site is in `server.cors_origins`. `publicHost` is the host, with its
 * port, of `server.public_url`.
 */
export function refuseOtherSites(exchange: Exchange, allowed: readonly string[], publicHost: string | undefined): void {
  if (SAFE.has(exchange.method)) return;
  const origin = exchange.header('origin');
  const site = exchange.header('sec-fetch-site');
  if (origin === undefined && (site === undefined || site === 'none')) return; // no browser, or no page
  if (origin !== undefined && allowed.includes(origin)) return;
  const page = urlOf(origin ?? (site === 'same-origin' ? `http://${exchange.header('host')}` : undefined));
  if (page && isOwnHost(exchange, page, publicHost)) return;
  throw new OciError('DENIED', 'a page of another site may not change anything here');
}
