import { OciError, type RepositoryName } from '../../../pkg/oci/index.ts';
import type { Action, Actor } from '../../auth/index.ts';
import { actorOf, gatherBody, type Exchange } from '../../http/index.ts';
import type { Logger } from '../../log/index.ts';
import { notFound } from './failures.ts';
import type { Names } from './names.ts';
import type { Place } from './place.ts';
import { parseBody } from './rules/requests.ts';
import type { UrlOf } from './rules/json.ts';
import type { UrlSigner } from './signed-urls.ts';
import type { Urls } from './urls.ts';
import type { Absent, ColaContents, ColaStore, Found } from './store.ts';

/** What every route stands on. */
export interface ColaContext {
  readonly store: ColaStore;
  /** Undefined where the store keeps no bytes. */
  readonly contents: ColaContents | undefined;
  readonly names: Names;
  /** The URLs of versions of a registry, as the client of this request is to be told them. */
  readonly urlsFor: (exchange: Exchange) => Promise<(registry: string) => UrlOf>;
  readonly urls: Urls;
  readonly signer: UrlSigner;
  /** Whoever does not sign in. */
  readonly anonymous: () => Promise<Actor>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
}

/** contract, section 4: PAYLOAD_TOO_LARGE. */
const LONGEST_BODY = 1024 * 1024;

/** What a body says, whatever its Content-Type. */
export const readBody = async (exchange: Exchange): Promise<Readonly<Record<string, unknown>>> =>
  parseBody(await gatherBody(exchange, LONGEST_BODY, 'REQUEST_TOO_LARGE'));

/** DENIED where who asks may not do that to the repository. */
export function need(exchange: Exchange, action: Action, repository: RepositoryName | undefined): void {
  if (repository === undefined || !actorOf(exchange).may(action, repository)) {
    throw new OciError('DENIED', repository === undefined ? [] : `${action} of ${repository}`);
  }
}

/** What was found, or the failure of what was not. */
export function present<T>(found: Found<T>, place: Partial<Place>): T {
  if (found.kind === 'absent') throw notFound(found, place);
  return found.value;
}

/** Ends where something on the way is not there. */
export function refuseAbsent<T extends { readonly kind: string }>(
  outcome: T | Absent,
  place: Partial<Place>,
): asserts outcome is Exclude<T, Absent> {
  if (outcome.kind === 'absent') throw notFound(outcome as Absent, place);
}

export const JSON_TYPE = { 'content-type': 'application/json', 'cache-control': 'no-cache' } as const;
