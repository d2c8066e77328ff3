export { createAuthenticator, type Authenticator } from './auth.ts';
export { createClient } from './client.ts';
export { ClientError, type ClientFailure, type WireError } from './errors.ts';
export type * from './types.ts';
