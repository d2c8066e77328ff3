import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Address ranges whose forwarded headers count; `parseProxies` refuses what is none. */
export type Proxies = readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

/** `10.0.0.0/8`, `::1`, ...; throws with the text that is no address. */
export function parseProxies(texts: readonly string[]): Proxies {
  return texts.map((text) => {
    if (!ipaddr.isValidCIDR(text) && !ipaddr.isValid(text))
      throw new Error(`server.trusted_proxies: ${text} is no address`);
    const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.process(text), undefined];
    return [address, bits ?? (address.kind() === 'ipv4' ? 32 : 128)];
  });
}

function isTrusted(text: string, proxies: Proxies): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text); // ::ffff:1.2.3.4 counts as 1.2.3.4
  return proxies.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
}

/**
 * The client's address with its port, or, where the peer is a trusted proxy, the last address in X-Forwarded-For that
 * no trusted proxy wrote. Nobody is trusted until configured.
 */
export function clientAddress(req: IncomingMessage, proxies: Proxies): string {
  const peer = req.socket.remoteAddress ?? '';
  if (proxies.length > 0 && isTrusted(peer, proxies)) {
    const header = req.headers['x-forwarded-for'];
    const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => hop.trim());
    const client = hops.reverse().find((hop) => ipaddr.isValid(hop) && !isTrusted(hop, proxies));
    if (client) return client;
  }
  return peer.includes(':') ? `[${peer}]:${req.socket.remotePort}` : `${peer}:${req.socket.remotePort}`;
}
