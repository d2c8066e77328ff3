import type { Credentials } from '../auth/index.ts';
import type { Exchange } from './exchange.ts';

/** What a request brings to be known by. */
export function credentialsOf(exchange: Exchange): Credentials {
  return {
    authorization: authorizationOf(exchange),
    cookie: exchange.header('cookie'),
    certificate: exchange.certificate,
    address: exchange.address,
    requestId: exchange.requestId,
  };
}

/** The Authorization header; without one, `X-API-Key` brings a bearer. */
export function authorizationOf(exchange: Exchange): string | undefined {
  const key = exchange.header('x-api-key');
  return exchange.header('authorization') ?? (key === undefined ? undefined : `Bearer ${key.trim()}`);
}

/** The Authorization header of a name and a password, for requests that carry them elsewhere. */
export const basicAuthorization = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
