import * as z from 'zod';
import { findRepositoryName, type RepositoryName } from '../../../pkg/oci/index.ts';
import type { Expired, Retention } from '../../gc/index.ts';
import { originOf } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { timeOrNull } from './times.ts';

export interface RetentionRouteDeps {
  readonly retention: Retention;
}

/** An answer lists so many; the rest is only counted. */
const MOST_LISTED = 1000;

const REPOSITORY = z
  .string()
  .refine((text) => findRepositoryName(text) !== undefined, 'Invalid repository name')
  .transform((text) => text as RepositoryName); // found to be one

// Strict: a misspelt `dry_run` must not delete.
const REQUEST = z
  .strictObject({
    dry_run: z.boolean().optional().describe('Find what would go, and delete nothing'),
    repositories: z.array(REPOSITORY).max(1000).optional().describe('Only these'),
  })
  .optional();

const ANSWER = z.object({
  dry_run: z.boolean(),
  repositories: z.int().describe('How many the rules are about'),
  tags: z.int(),
  manifests: z.int(),
  bytes: z.int().describe('What nothing references any more once they are gone'),
  free_at: z.iso.datetime().nullable().describe('When garbage collection may take that'),
  expired: z.array(
    z.object({
      kind: z.enum(['tag', 'manifest']),
      repository: z.string(),
      tag: z.string().optional(),
      digest: z.string(),
      tags: z.array(z.string()).optional().describe('Tags that go with the manifest'),
      reason: z.string(),
    }),
  ),
  truncated: z.boolean().describe(`Whether more go than the ${MOST_LISTED} that are listed`),
});
const BUSY = z.object({ message: z.string() });

/** Carries out the retention rules, or tells what they would do. */
export function retentionRoute({ retention }: RetentionRouteDeps): AdminRoute {
  return defineRoute({
    method: 'POST',
    path: '/admin/retention',
    visibility: 'admin',
    summary: 'Let go of tags and manifests that no retention rule keeps',
    body: REQUEST,
    answers: {
      200: { description: 'What went, or would go, and why', json: ANSWER },
      409: { description: 'It is being done already, here or in another process', json: BUSY },
    },
    handle: async ({ body }, exchange) => {
      const expired: Expired[] = [];
      let listed = 0;
      const done = await retention.run({
        by: originOf(exchange),
        dryRun: body?.dry_run === true,
        repositories: body?.repositories && new Set(body.repositories),
        onExpired: (each) => {
          listed += 1;
          if (listed <= MOST_LISTED) expired.push(each);
        },
      });
      if (done.kind === 'busy') {
        return exchange.respondJson(409, { message: 'The retention rules are being carried out already' });
      }
      const { dryRun, repositories, tags, manifests, bytes, freeAtMs } = done.summary;
      return exchange.respondJson(200, {
        dry_run: dryRun,
        repositories,
        tags,
        manifests,
        bytes,
        free_at: timeOrNull(freeAtMs),
        expired,
        truncated: listed > MOST_LISTED,
      });
    },
  });
}
