import * as z from 'zod';
import { OciError, findDigest, parseRepositoryName, type Digest } from '../../../pkg/oci/index.ts';
import { originOf } from '../../http/index.ts';
import type { History, TagMove } from '../../registry/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { DIGEST, moment, parseNames, REPOSITORY_NAME, TAG } from './content-names.ts';
import { PAGE_QUERY } from './pages.ts';
import { timeOf } from './times.ts';

export interface HistoryRouteDeps {
  readonly history: History;
}

const SOME = 100;
const NAMES = { name: REPOSITORY_NAME, tag: 'The tag' };

const MOVE = z.object({
  time: z.iso.datetime(),
  from: z.string().optional().describe('What it pointed at before; absent where there was no such tag'),
  to: z.string().optional().describe('What it points at since; absent where it was deleted'),
  principal: z.string(),
  address: z.string(),
  request_id: z.string(),
});
const MOVES = z.object({ moves: z.array(MOVE), next: z.string().optional().describe('Where the next page goes on') });
const TARGET = z.object({
  digest: z.string(),
  since: z.iso.datetime().describe('Since when it pointed there'),
  available: z.boolean().describe('Whether it can be pulled by that digest now'),
});
const POINTED = z.object({ tag: z.string(), digest: z.string() });
const DELETED = z.object({
  manifests: z.array(
    z.object({
      digest: z.string(),
      media_type: z.string(),
      size: z.int().describe('Of the manifest alone'),
      deleted: z.iso.datetime(),
    }),
  ),
  next: z.string().optional().describe('Where the next page goes on'),
});

const toMoveJson = ({ timeMs, from, to, by }: TagMove): z.input<typeof MOVE> => ({
  time: new Date(timeMs).toISOString(),
  from,
  to,
  principal: by.principal,
  address: by.address,
  request_id: by.requestId,
});

/** What tags were, and the way back. */
export function historyRoutes({ history }: HistoryRouteDeps): readonly AdminRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/repositories/{name}/tags/{tag}/history',
      visibility: 'admin',
      summary: 'List what a tag pointed at, newest first',
      names: NAMES,
      query: PAGE_QUERY.extend({
        last: z
          .string()
          .regex(/^\d{1,15}$/)
          .transform(Number)
          .optional()
          .describe('Where the last page ended: its `next`'),
      }),
      answers: { 200: { description: 'A page of moves', json: MOVES } },
      handle: async ({ path, query: { n = SOME, last } }, exchange) => {
        const { repository, tag } = parseNames(path);
        const { rows, more } = await history.moves(repository, tag, { limit: Math.max(1, n), after: last });
        exchange.respondJson(200, { moves: rows.map(toMoveJson), next: more ? String(rows.at(-1)?.id) : undefined });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/admin/repositories/{name}/tags/{tag}/resolve',
      visibility: 'admin',
      summary: 'Tell what a tag pointed at at a time',
      names: NAMES,
      query: z.strictObject({ at: moment('The moment, as in 2026-01-31T10:00:00Z') }),
      answers: { 200: { description: 'What it pointed at', json: TARGET } },
      handle: async ({ path, query }, exchange) => {
        const { repository, tag } = parseNames(path);
        const { digest, sinceMs, isHere } = await history.resolve(repository, tag, query.at);
        exchange.respondJson(200, { digest, since: timeOf(sinceMs), available: isHere });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/admin/repositories/{name}/tags/{tag}/rollback',
      visibility: 'admin',
      summary: 'Point a tag at what it pointed at before, or at what is named; brings that back where it was deleted',
      names: NAMES,
      body: z.strictObject({ digest: DIGEST.optional() }).optional(),
      answers: { 200: { description: 'What it points at now', json: POINTED } },
      handle: async ({ path, body }, exchange) => {
        const { repository, tag } = parseNames(path);
        const digest = await history.rollback(originOf(exchange), repository, tag, body?.digest);
        exchange.respondJson(200, { tag, digest });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/admin/repositories/{name}/deleted',
      visibility: 'admin',
      summary: 'List manifests that were deleted and may be brought back, by digest',
      names: { name: REPOSITORY_NAME },
      query: PAGE_QUERY,
      answers: { 200: { description: 'A page of manifests', json: DELETED } },
      handle: async ({ path, query: { n = SOME, last } }, exchange) => {
        const page = { limit: Math.max(1, n), after: last };
        const { rows, more } = await history.deleted(parseRepositoryName(path.name), page);
        const manifests = rows.map(({ digest, mediaType, sizeBytes, deletedMs }) => ({
          digest,
          media_type: mediaType,
          size: sizeBytes,
          deleted: timeOf(deletedMs),
        }));
        exchange.respondJson(200, { manifests, next: more ? rows.at(-1)?.digest : undefined });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/admin/repositories/{name}/deleted/{digest}/restore',
      visibility: 'admin',
      summary: 'Bring a deleted manifest back, its deleted children too',
      names: { name: REPOSITORY_NAME, digest: 'The digest of the manifest' },
      body: z.strictObject({ tags: z.array(TAG).max(100).optional().describe('Tags to point at it') }).optional(),
      answers: { 204: { description: 'It is there again' } },
      handle: async ({ path, body }, exchange) => {
        const digest = parseDigest(path.digest);
        await history.restore(originOf(exchange), parseRepositoryName(path.name), digest, body?.tags);
        exchange.respond(204);
      },
    }),
  ];
}

function parseDigest(text: string): Digest {
  const digest = findDigest(text);
  if (!digest) throw new OciError('DIGEST_INVALID');
  return digest;
}
