import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import type { buildConnector } from 'undici';
import type { Permit } from './addresses.ts';
import { OutboundError } from './failures.ts';

/** All addresses of a name, as `dns.promises.lookup` gives them. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** As Node asks it while it connects: what it gets is what it connects to, so no second answer can slip in between. */
function checkedLookup(isAllowed: (address: string) => boolean, resolve: Resolve): LookupFunction {
  const find = callbackify(resolve);
  return (host, options, callback) =>
    find(host, (failure, found) => {
      if (failure) return callback(new OutboundError('unreachable', `${host} has no address`, failure), '');
      const allowed = found.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (!first) return callback(refusal(host, found), '');
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
}

function refusal(host: string, found: readonly Pick<LookupAddress, 'address'>[]): OutboundError {
  const addresses = found.map(({ address }) => address).join(', ');
  return new OutboundError(
    'refused',
    `${host} (${addresses}) is inside a private network, or to be reached without TLS: outbound.allow_networks can permit it`,
  );
}

export interface ConnectorDeps {
  readonly permit: Permit;
  readonly resolve: Resolve;
  readonly timeoutMs: number;
}

/** Makes connections to permitted addresses only, whether they come by a name or stand in the URL. */
export function createConnector(
  build: typeof buildConnector,
  { permit, resolve, timeoutMs }: ConnectorDeps,
): buildConnector.connector {
  const connectors = [true, false].map((isPlain) => {
    const isAllowed = (address: string): boolean => permit(address, isPlain);
    const connect = build({ lookup: checkedLookup(isAllowed, resolve), timeout: timeoutMs, allowH2: false });
    const checked: buildConnector.connector = (options, callback) => {
      const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
      if (isIP(host) !== 0 && !isAllowed(host)) callback(refusal(host, [{ address: host }]), null);
      else connect(options, callback);
    };
    return checked;
  });
  const [plain, secure] = connectors as [buildConnector.connector, buildConnector.connector];
  return (options, callback) => (options.protocol === 'https:' ? secure : plain)(options, callback);
}
