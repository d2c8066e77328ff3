import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { watchFile } from '../config/index.ts';
import type { Logger } from '../log/index.ts';

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Reads certificate and key and checks that they belong together; throws an Error that names the files. */
export function readTlsPair(files: TlsFiles): TlsPair {
  try {
    const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`server.tls: ${files.cert} and ${files.key} are no usable pair: ${reason}`, { cause });
  }
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
  for (const path of [files.cert, files.key]) watchFile(path, reload, { signal });
}
