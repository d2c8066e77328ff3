import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** RFC 4291, section 2.4: of the rest of IPv6 nothing is given out to be reached by everybody. */
const GLOBAL = ipaddr.IPv6.parseCIDR('2000::/3');
const isPublic = (address: Address): boolean =>
  address.range() === 'unicast' && (address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(...GLOBAL));

/** Address ranges; `parseNetworks` makes them. */
export type Networks = readonly (readonly [Address, number])[];

/** Whether a connection may go to an address. Plain HTTP goes inside the allowed networks alone. */
export type Permit = (address: string, isPlain: boolean) => boolean;

/** `10.0.0.0/8`, `::1`, ...; throws with the text that is no address or network. */
export function parseNetworks(texts: readonly string[]): Networks {
  return texts.map((text) => {
    const [address = '', bits, ...rest] = text.split('/');
    const most = isIP(address) === 4 ? 32 : 128;
    const isWidth = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    // The package alone takes a zone for part of an address.
    if (isIP(address) === 0 || address.includes('%') || !isWidth || rest.length > 0) {
      throw new Error(`${text} is no address or network`);
    }
    return [ipaddr.process(address), bits === undefined ? most : Number(bits)];
  });
}

/**
 * Public addresses, over TLS, and what the operator named. All else is refused whatever it is used for (private,
 * loopback, link-local with its metadata services, multicast, tunnels to any of them): a list of bad ranges would miss
 * the next one.
 */
export function createPermit(allowed: Networks): Permit {
  return (text, isPlain) => {
    if (isIP(text) === 0) return false;
    const address = ipaddr.process(text); // ::ffff:10.0.0.1 is 10.0.0.1
    const isNamed = allowed.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
    return isNamed || (!isPlain && isPublic(address));
  };
}
