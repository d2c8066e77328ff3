import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The other end of a connection; undefined where it was gone before it could be asked. */
export interface Peer {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

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
  if (!isAddress(text)) return false;
  const address = ipaddr.process(text); // ::ffff:1.2.3.4 counts as 1.2.3.4
  return proxies.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
}

// The package alone also takes `9` and octal numbers for addresses.
const isAddress = (text: string): boolean => isIP(text) !== 0 && ipaddr.isValid(text);

/** `1.2.3.4:567`, `[::1]:567` and `[::1]` without what is no address; anything else as it is. */
function withoutPort(hop: string): string {
  const match = /^\[(.*)\](?::\d+)?$/.exec(hop) ?? /^([^:]*):\d+$/.exec(hop);
  return match?.[1] ?? hop;
}

/** Each hop was written by the one after it: the first from the right that is no trusted proxy is the client. */
function forwardedClient(forwardedFor: string, proxies: Proxies): string | undefined {
  const hops = forwardedFor.split(',').map((hop) => withoutPort(hop.trim()));
  const client = hops.findLast((hop) => !isTrusted(hop, proxies));
  return client !== undefined && isAddress(client) ? client : undefined;
}

function peerText({ address, port }: Peer): string {
  if (address === undefined) return '';
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * The client's address with its port, or, where the peer is a trusted proxy, the last address in X-Forwarded-For that
 * no trusted proxy wrote; where that is no address, nothing before it counts either. Nobody is trusted until configured.
 */
export function clientAddress(peer: Peer, forwardedFor: string | undefined, proxies: Proxies): string {
  const believed = proxies.length > 0 && forwardedFor !== undefined && isTrusted(peer.address ?? '', proxies);
  return (believed ? forwardedClient(forwardedFor, proxies) : undefined) ?? peerText(peer);
}

/** What a request says of the site that it was sent to. */
export interface AskedSite {
  readonly host: string | undefined;
  readonly isEncrypted: boolean;
  readonly forwardedProto: string | undefined;
  readonly forwardedHost: string | undefined;
}

// A host name or address, with or without a port: nothing that would end the quotes of a header or begin a path.
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** Scheme and host by which the client reached us. What a proxy forwards counts where it is trusted. */
export function askedSite(peer: Peer, asked: AskedSite, proxies: Proxies): string {
  const believed = proxies.length > 0 && isTrusted(peer.address ?? '', proxies);
  const [proto, host] = believed ? [asked.forwardedProto, asked.forwardedHost] : [];
  const scheme = proto === 'https' || proto === 'http' ? proto : asked.isEncrypted ? 'https' : 'http';
  const name = [host, asked.host].find((text) => text !== undefined && HOST.test(text));
  return `${scheme}://${name ?? 'localhost'}`;
}
