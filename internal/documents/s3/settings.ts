import { DocumentError } from '../types.ts';
import type { S3Place } from '../uri.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The keys that were given; undefined: whatever AWS finds by itself (web identity, container, instance). */
export function findKeys(token: string | undefined, env: Env): Keys | undefined {
  if (token) {
    const colon = token.indexOf(':');
    if (colon <= 0 || colon === token.length - 1) throw unusable('the storage token of S3 is KEY:SECRET');
    return { accessKeyId: token.slice(0, colon), secretAccessKey: token.slice(colon + 1) };
  }
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  if (!accessKeyId && !secretAccessKey) return undefined;
  throw unusable('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: one of them is not set');
}

const unusable = (why: string): DocumentError => new DocumentError('authentication', 'sign in to S3', why);

/** The query, then the environment, then the host, then the region where S3 began. */
export const findRegion = ({ region }: S3Place, env: Env): string =>
  region.asked ?? (env['AWS_REGION'] || undefined) ?? region.ofHost ?? 'us-east-1';
