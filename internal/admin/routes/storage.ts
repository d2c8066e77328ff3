import * as z from 'zod';
import { parseReference, parseRepositoryName, type Digest, type RepositoryName } from '../../../pkg/oci/index.ts';
import type { StorageReport } from '../../gc/index.ts';
import { originOf } from '../../http/index.ts';
import type { Manifests } from '../../registry/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { REPOSITORY_NAME } from './content-names.ts';

export interface StorageRouteDeps {
  readonly takeStock: (options: { readonly scan: boolean }) => Promise<StorageReport>;
  /** What becomes free for collection where the manifest is deleted, and when at the earliest. */
  readonly foreseeDelete: (
    repository: RepositoryName,
    digest: Digest,
  ) => Promise<{ readonly bytes: number; readonly freeAtMs: number }>;
  readonly manifests: Pick<Manifests, 'stat' | 'delete'>;
}

const BYTES = {
  live: z.int().describe('Referenced by manifests of one repository'),
  shared: z.int().describe('Referenced by manifests of several'),
  waiting: z.int().describe('Referenced by nothing, waiting for its review delay'),
  uploads: z.int().describe('In open uploads'),
};
const REPORT = z.object({
  taken: z.iso.datetime(),
  total: z.object({
    ...BYTES,
    unknown: z.int().nullable().describe('Of content that no row knows; null where nobody looked'),
  }),
  repositories: z.array(z.object({ repository: z.string(), ...BYTES })),
});
const FREED = z.object({
  digest: z.string(),
  bytes: z.int().describe('What nothing references any more'),
  free_at: z.iso.datetime().nullable().describe('When garbage collection may take that'),
});

/** Where the bytes are, and what a delete gives back. */
export function storageRoutes({ takeStock, foreseeDelete, manifests }: StorageRouteDeps): readonly AdminRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/storage',
      visibility: 'admin',
      summary: 'Tell what keeps how many bytes, by repository and in all',
      query: z.strictObject({
        scan: z.enum(['true', 'false']).optional().describe('Look through storage too, for content that no row knows'),
      }),
      answers: { 200: { description: 'The bytes', json: REPORT } },
      handle: async ({ query }, exchange) => {
        const { takenMs, total, repositories } = await takeStock({ scan: query.scan === 'true' });
        const sums = { ...total, unknown: total.unknown ?? null };
        exchange.respondJson(200, { taken: new Date(takenMs).toISOString(), total: sums, repositories });
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/admin/repositories/{name}/manifests/{reference}',
      visibility: 'admin',
      summary: 'Delete a tag, or a manifest with all its tags, and tell how much that frees and when',
      names: { name: REPOSITORY_NAME, reference: 'A tag, or a digest' },
      answers: { 200: { description: 'What becomes free', json: FREED } },
      handle: async ({ path }, exchange) => {
        const repository = parseRepositoryName(path.name);
        const reference = parseReference(path.reference);
        const { digest } = await manifests.stat(repository, reference);
        // Of what is deleted the references can only be told while they are there.
        const { bytes, freeAtMs } =
          reference.kind === 'tag' ? { bytes: 0, freeAtMs: 0 } : await foreseeDelete(repository, digest);
        await manifests.delete(originOf(exchange), repository, reference);
        exchange.respondJson(200, { digest, bytes, free_at: bytes > 0 ? new Date(freeAtMs).toISOString() : null });
      },
    }),
  ];
}
