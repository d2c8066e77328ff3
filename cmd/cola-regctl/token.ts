const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const KEY = /^(?:cola|octk)_[^:]+$/;

/** The header that a token is sent in: a JWT or an API key as it is, anything else as `user:password`. */
export function authorizationOf(token: string): string {
  const isBearer = JWT.test(token) || KEY.test(token);
  return isBearer ? `Bearer ${token}` : `Basic ${Buffer.from(token).toString('base64')}`;
}
