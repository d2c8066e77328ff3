import { createHash, timingSafeEqual } from 'node:crypto';
import type { Access } from './principal.ts';
import type { Method } from './sign-in.ts';

/** A token that a configuration file names: who shows it is `key:<name>`. */
export interface StaticToken {
  readonly name: string;
  /** SHA-256 of the token, 64 hex digits: the token itself is nowhere kept. */
  readonly sha256: string;
  readonly access: Access;
}

export const hashStaticToken = (token: string): string => createHash('sha256').update(token.trim()).digest('hex');

/**
 * Signs in whoever shows one of the tokens, as a bearer token or as a password with any name. For the stand-alone
 * programs of facades whose configuration has such; the product itself has keys of the catalog.
 */
export function createStaticTokens(tokens: readonly StaticToken[]): Method {
  const known = tokens.map((token) => ({ ...token, hash: Buffer.from(token.sha256, 'hex') }));
  return {
    name: 'static token',
    // oxlint-disable-next-line typescript/require-await -- a method like any other
    async signIn({ bearer, basic }) {
      const secret = bearer ?? basic?.password;
      if (secret === undefined) return undefined;
      const shown = createHash('sha256').update(secret).digest();
      // Every one is compared, so that the time tells nothing.
      const found = known.filter(({ hash }) => timingSafeEqual(hash, shown)).at(0);
      if (!found) return undefined;
      const { name, access } = found;
      const identity = { principal: { kind: 'key', name, owner: undefined, access } } as const;
      return { kind: 'signedIn', identity, ambient: false };
    },
  };
}
