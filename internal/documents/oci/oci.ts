import {
  ClientError,
  createClient,
  type Client,
  type Credentials,
  type FetchedManifest,
} from '../../../pkg/client/index.ts';
import {
  ANNOTATION,
  digestOf,
  findDigest,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_MANIFEST,
  type Digest,
} from '../../../pkg/oci/index.ts';
import type { DocumentDeps } from '../deps.ts';
import { DocumentError, type DocumentPlace } from '../types.ts';
import type { OciPlace } from '../uri.ts';
import { findService, type Service } from './services.ts';

const TAG = 'latest';
const PUSH_MS = 60_000;
const PULL_MS = 30_000;
const LIMIT_BYTES = 256 * 1024 * 1024;

const EMPTY_CONFIG = Buffer.from('{}');

/** The layer 0 of what the tag `latest` of a repository names. */
export async function openOci(place: OciPlace, { token, clock }: DocumentDeps): Promise<DocumentPlace> {
  if (!token) {
    throw new DocumentError('authentication', `use ${place.host}`, 'no token was given', {
      hint: 'Give --storage-token, or set COLA_REGISTRY_STORAGE_TOKEN: a token, or user:password.',
    });
  }
  const service = findService(place);
  const credentials = credentialsOf(token, place.host);
  const client = createClient({
    url: service.origin,
    credentials,
    authHosts: service.authHosts,
    userAgent: 'cola-registry',
    clock,
  });
  const { repository } = service;
  const name = `${place.host}/${repository}`;

  async function attempt<T>(
    operation: string,
    timeoutMs: number,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await work(signal);
    } catch (error) {
      throw explain(error, `${operation} ${name}`, signal, service);
    }
  }

  const head = (signal: AbortSignal) => client.headManifest(repository, TAG, { signal });

  const find = (signal: AbortSignal): Promise<FetchedManifest | undefined> =>
    client.getManifest(repository, TAG, { signal }).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });

  return {
    load: () =>
      attempt('load', PULL_MS, async (signal) => {
        const manifest = await find(signal);
        if (!manifest) return undefined;
        const layer = firstLayer(manifest, name);
        return {
          state: manifest.digest,
          bytes: await client.readBlob(repository, layer, { signal, limit: LIMIT_BYTES }),
        };
      }),
    findState: () => attempt('look at', PULL_MS, async (signal) => (await head(signal))?.digest),
    persist: (bytes, expected) =>
      attempt('persist', PUSH_MS, async (signal) => {
        const layer = await push(client, repository, bytes, signal);
        const config = await push(client, repository, EMPTY_CONFIG, signal);
        const manifest = manifestOf(config, layer, new Date(clock()).toISOString());
        // As late as can be: a registry has no condition on moving a tag.
        if ((await head(signal))?.digest !== expected) return { kind: 'changed' };
        const { digest } = await client.putManifest(
          repository,
          TAG,
          { bytes: manifest, mediaType: OCI_IMAGE_MANIFEST },
          { signal },
        );
        return { kind: 'persisted', state: digest };
      }),
    check: () => attempt('reach', PULL_MS, (signal) => head(signal).then(() => undefined)),
    close: () => Promise.resolve(),
  };
}

/** `user:password`, split at the first colon, or a token alone. */
function credentialsOf(token: string, host: string): Credentials {
  const colon = token.indexOf(':');
  if (colon === 0 || colon === token.length - 1) {
    throw new DocumentError('authentication', `use ${host}`, 'the storage token is user:password, or a token');
  }
  if (colon < 0) return { kind: 'password', username: 'token', password: token };
  return { kind: 'password', username: token.slice(0, colon), password: token.slice(colon + 1) };
}

interface Pushed {
  readonly digest: string;
  readonly size: number;
}

async function push(client: Client, repository: string, bytes: Uint8Array, signal: AbortSignal): Promise<Pushed> {
  const digest = digestOf(bytes);
  await client.pushBlob(repository, bytes, { digest, size: bytes.length, signal });
  return { digest, size: bytes.length };
}

function manifestOf(config: Pushed, layer: Pushed, created: string): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_IMAGE_MANIFEST,
      config: { mediaType: OCI_IMAGE_CONFIG, ...config },
      layers: [
        {
          mediaType: 'application/json',
          ...layer,
          annotations: { [ANNOTATION.title]: 'registry.json' },
        },
      ],
      annotations: { [ANNOTATION.created]: created, 'com.cola-registry.version': '1.0.0' },
    }),
  );
}

function firstLayer({ bytes }: FetchedManifest, name: string): Digest {
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as { layers?: { digest?: unknown }[] } | null;
  const digest = manifest?.layers?.[0]?.digest;
  const found = typeof digest === 'string' ? findDigest(digest) : undefined;
  if (found) return found;
  throw new DocumentError('storage', `load ${name}`, `what ${TAG} names has no layer`);
}

const ABSENT_CODES = new Set(['NAME_UNKNOWN', 'MANIFEST_UNKNOWN']);

const isAbsent = (error: unknown): boolean =>
  error instanceof ClientError && (error.status === 404 || error.codes.some((code) => ABSENT_CODES.has(code)));

function explain(error: unknown, operation: string, signal: AbortSignal, { hint }: Service): unknown {
  if (signal.aborted) return new DocumentError('network', operation, 'it did not answer in time', { cause: error });
  if (!(error instanceof ClientError)) return error;
  const isRefused = error.status === 401 || error.status === 403;
  if (isRefused) return new DocumentError('authentication', operation, error.message, { hint, cause: error });
  return new DocumentError(error.failure === 'unreachable' ? 'network' : 'storage', operation, error.message, {
    cause: error,
  });
}
