import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Place } from './place.ts';

/** Secrets that all processes share: the first signs, each is believed. */
export type Secrets = () => Promise<readonly Uint8Array[]>;

/** Whoever has such a URL may read that one version, until then (contract 5.4). */
export interface UrlSigner {
  /** Until when URLs of now are good, in seconds since 1970: an hour or more, and the same for an hour. */
  expiry(): number;
  /** Signs as many as are wanted until then; the query of each. */
  begin(expiry: number): Promise<(place: Place) => string>;
  /** `unsigned`: nothing of the kind was asked. */
  check(place: Place, query: URLSearchParams): Promise<'unsigned' | 'good' | 'bad' | 'expired'>;
}

const HOUR_SECONDS = 3600;

export function createUrlSigner(secrets: Secrets, clock: () => number): UrlSigner {
  const nowSeconds = (): number => Math.floor(clock() / 1000);
  const signature = (secret: Uint8Array, { registry, package: packageName, version }: Place, expiry: number): Buffer =>
    createHmac('sha256', secret)
      .update(JSON.stringify([registry, packageName, version, expiry]))
      .digest();

  return {
    expiry: () => (Math.ceil(nowSeconds() / HOUR_SECONDS) + 1) * HOUR_SECONDS,
    async begin(expiry) {
      const [secret] = await secrets();
      if (!secret) throw new Error('there is nothing to sign URLs with');
      return (place) => `exp=${expiry}&sig=${signature(secret, place, expiry).toString('hex')}`;
    },
    async check(place, query) {
      const [expiry, given] = [query.get('exp'), query.get('sig')];
      if (expiry === null || given === null) return 'unsigned';
      if (!/^\d{1,12}$/.test(expiry) || !/^[0-9a-f]{64}$/.test(given)) return 'bad';
      const bytes = Buffer.from(given, 'hex');
      const all = await secrets();
      const isOurs = all.some((secret) => timingSafeEqual(signature(secret, place, Number(expiry)), bytes));
      if (!isOurs) return 'bad';
      return Number(expiry) <= nowSeconds() ? 'expired' : 'good';
    },
  };
}
