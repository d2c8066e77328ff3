import { UsageError } from '../../../internal/cli/index.ts';

/** Where a registry listens. */
export interface Endpoint {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number;
  /** As in the Host field. */
  readonly host: string;
}

/** The address of a registry without a path; throws a UsageError for what is none. */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isTls = url?.protocol === 'https:';
  if (!url || !(isTls || url.protocol === 'http:') || url.pathname !== '/' || url.search !== '') {
    throw new UsageError(`${text} is not the address of a registry: it would be like http://localhost:5000`);
  }
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { isTls, hostname, port: Number(url.port || (isTls ? 443 : 80)), host: url.host };
}
