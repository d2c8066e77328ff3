import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { watchFile } from '../config/index.ts';
import type { Logger } from '../log/index.ts';

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Authorities of clients' certificates; undefined: clients are asked for none. */
  readonly ca?: Buffer;
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string | undefined;
}

/** Reads certificate and key and checks that they belong together; throws an Error that names the files. */
export function readTlsPair(files: TlsFiles): TlsPair {
  try {
    const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    createSecureContext(pair);
    return files.ca === undefined ? pair : { ...pair, ca: readAuthorities(files.ca) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`server.tls: ${files.cert} and ${files.key} are no usable pair: ${reason}`, { cause });
  }
}

function readAuthorities(path: string): Buffer {
  const ca = readFileSync(path);
  // A file without a certificate would be taken for one that trusts nobody, and say nothing of it.
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${path} holds no certificate`);
  createSecureContext({ ca });
  return ca;
}

/** Hands over each new pair when the files change; a bad one is logged and the old one stays. */
export function followTlsPair(files: TlsFiles, log: Logger, signal: AbortSignal, use: (pair: TlsPair) => void): void {
  const reload = (): void => {
    try {
      use(readTlsPair(files));
      log.info('TLS certificate reloaded', { cert: files.cert });
    } catch (error) {
      log.error('TLS certificate not reloaded, the old one stays', { error });
    }
  };
  for (const path of [files.cert, files.key, ...(files.ca === undefined ? [] : [files.ca])])
    watchFile(path, reload, { signal });
}
