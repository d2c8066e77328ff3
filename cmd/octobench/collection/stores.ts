import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 } from 'uuid';
import { CATALOG_OPTIONS, openCatalog, type Catalog } from '../../../internal/catalog/index.ts';
import { loadConfig } from '../../../internal/config/index.ts';
import { openStorage, STORAGE_OPTIONS } from '../../../internal/storage/index.ts';
import type { Digest } from '../../../pkg/oci/index.ts';
import { writeContent } from '../peers/stored-content.ts';

/** Where a server is to keep what is measured: in the folder, but for what is elsewhere. */
export interface Places {
  readonly folder: string;
  /** The URL of a database with nothing in it. */
  readonly postgres?: string | undefined;
  readonly s3?: Bucket | undefined;
}

/** An empty bucket. Credentials are looked for as the AWS SDK does it, where there are none. */
export interface Bucket {
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: Readonly<{ accessKeyId: string; secretAccessKey: string }> | undefined;
}

/** The stores of a server that does not run. */
export interface Stores {
  readonly catalog: Catalog;
  /** Keeps content where the server looks for it; nothing of it need outlive a power cut. */
  put(digest: Digest, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The variables by which a server finds the places. */
export function variablesOf({ folder, postgres, s3 }: Places): Readonly<Record<string, string>> {
  return {
    OCTOSERVE_STORAGE_PATH: folder,
    ...(postgres !== undefined && { OCTOSERVE_CATALOG_TYPE: 'postgres', OCTOSERVE_CATALOG_URL: postgres }),
    ...(s3 && {
      OCTOSERVE_STORAGE_TYPE: 's3',
      OCTOSERVE_STORAGE_S3_ENDPOINT: s3.endpoint,
      OCTOSERVE_STORAGE_S3_BUCKET: s3.bucket,
      ...(s3.credentials && {
        OCTOSERVE_STORAGE_S3_ACCESS_KEY_ID: s3.credentials.accessKeyId,
        OCTOSERVE_STORAGE_S3_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      }),
    }),
  };
}

/** Opens the stores for as long as `use` takes. */
export async function usingStores<Result>(places: Places, use: (stores: Stores) => Promise<Result>): Promise<Result> {
  const stores = await openStores(places);
  try {
    return await use(stores);
  } finally {
    await stores.close();
  }
}

async function openStores(places: Places): Promise<Stores> {
  const { folder, s3 } = places;
  await mkdir(folder, { recursive: true });
  const tables = [STORAGE_OPTIONS, CATALOG_OPTIONS] as const;
  const { config } = await loadConfig({ tables, file: false, env: variablesOf(places), cwd: folder });
  const storage = s3 && (await openStorage(config, { clock: Date.now, uuid: v4 }));
  try {
    const catalog = await openCatalog(config, { path: join(folder, 'catalog.db'), durability: 'os' });
    return {
      catalog,
      put: (digest, bytes) => storage?.blobs.put(digest, bytes) ?? writeContent(folder, digest, bytes),
      async close() {
        await catalog.close();
        await storage?.close();
      },
    };
  } catch (failure) {
    await storage?.close();
    throw failure;
  }
}
