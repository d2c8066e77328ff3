import * as z from 'zod';
import { findRepositoryName, type RepositoryName } from '../../../pkg/oci/index.ts';
import { parseDuration } from '../../config/index.ts';
import { answerOf, metricsOf, NOT_CONFIGURED, STARTED, type Gc, type GcAnswer, type GcRun } from '../../gc/index.ts';
import { originOf } from '../../http/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { timeOrNull } from './times.ts';

export interface GcRouteDeps {
  readonly gc: Gc;
}

const HOUR_MS = 3_600_000;
const BUSY: GcAnswer = { success: false, message: 'Garbage collection is already running', metrics: null };

const REPOSITORY = z
  .string()
  .refine((text) => findRepositoryName(text) !== undefined, 'Invalid repository name')
  .transform((text) => text as RepositoryName); // found to be one

// Strict: a misspelt `dry_run` must not delete.
const REQUEST = z
  .strictObject({
    dry_run: z.boolean().optional().describe('Find what would go, and delete nothing'),
    grace: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, 'Invalid duration')
      .transform((text) => parseDuration(text) ?? 0)
      .optional()
      .describe('In place of gc.review_delay, as in 1h30m; what a client was told is there stays in any case'),
    repositories: z
      .array(REPOSITORY)
      .max(1000)
      .optional()
      .describe('Only what these uploaded or were the last to reference'),
    orphans: z.boolean().optional().describe('Look through storage first, for content that no row knows'),
  })
  .optional();

const METRICS = z.object({
  orphaned_blobs_found: z.int(),
  orphaned_manifests_found: z.int(),
  blobs_deleted: z.int(),
  manifests_deleted: z.int(),
  bytes_freed: z.int(),
  run_duration_seconds: z.number(),
  dry_run: z.boolean(),
  reclaimable_blobs: z.int(),
  reclaimable_manifests: z.int(),
  reclaimable_bytes: z.int(),
  errors: z.int().describe('Blobs that could not be removed yet'),
  limited: z.boolean().describe('Whether it broke off before its end'),
});
const ANSWER = z.object({ success: z.boolean(), message: z.string(), metrics: METRICS.nullable() });
const STATUS = z.object({
  enabled: z.boolean(),
  interval_hours: z.number().optional(),
  grace_period_hours: z.number().optional(),
  dry_run: z.boolean().optional(),
  max_blobs_per_run: z.int().optional().describe('0: there is no such limit'),
  status: z.enum(['configured', 'not_configured']),
  state: z.enum(['idle', 'running']),
  next_run_at: z.iso.datetime().nullable(),
  last_run: z
    .object({
      trigger: z.enum(['schedule', 'admin', 'command']),
      started_at: z.iso.datetime(),
      finished_at: z.iso.datetime().nullable().describe('Null where its process ended before it'),
      dry_run: z.boolean(),
      success: z.boolean(),
      error: z.string().nullable(),
      metrics: METRICS,
    })
    .nullable(),
});

/** Collects garbage, and tells of it (drift contract, section 9). */
export function gcRoutes({ gc }: GcRouteDeps): readonly AdminRoute[] {
  const isEnabled = gc.config['gc.enabled'];
  const run = defineRoute({
    method: 'POST',
    path: '/admin/gc',
    visibility: 'admin',
    summary: 'Delete content that nothing references',
    query: z.object({ async: z.enum(['true', 'false']).optional().describe('Answer as soon as it has begun') }),
    body: REQUEST,
    answers: {
      200: { description: 'What was deleted, or would be', json: ANSWER },
      202: { description: 'It has begun', json: ANSWER },
      409: { description: 'It runs already, here or in another process', json: ANSWER },
      500: { description: 'It broke off', json: ANSWER },
    },
    handle: async ({ query, body = {} }, exchange) => {
      if (!isEnabled) return exchange.respondJson(200, NOT_CONFIGURED);
      const begun = await gc.begin({
        trigger: 'admin',
        by: originOf(exchange),
        dryRun: body.dry_run === true,
        graceMs: body.grace,
        repositories: body.repositories && new Set(body.repositories),
        orphans: body.orphans,
      });
      if (begun.kind === 'busy') return exchange.respondJson(409, BUSY);
      if (query.async === 'true') return exchange.respondJson(202, STARTED);
      const done = await begun.done;
      return exchange.respondJson(done.error === undefined ? 200 : 500, answerOf(done));
    },
  });

  const status = defineRoute({
    method: 'GET',
    path: '/admin/gc/status',
    visibility: 'admin',
    summary: 'Tell whether garbage is collected, when next, and how the last run went',
    answers: { 200: { description: 'The state', json: STATUS } },
    handle: async (_, exchange) => {
      const { isRunning, nextMs, last } = await gc.status();
      exchange.respondJson(200, {
        enabled: isEnabled,
        ...(isEnabled && {
          interval_hours: gc.config['gc.interval'] / HOUR_MS,
          grace_period_hours: gc.config['gc.review_delay'] / HOUR_MS,
          dry_run: false,
          max_blobs_per_run: 0,
        }),
        status: isEnabled ? 'configured' : 'not_configured',
        state: isRunning ? 'running' : 'idle',
        next_run_at: timeOrNull(nextMs),
        last_run: last ? describeRun(last) : null,
      });
    },
  });
  return [run, status];
}

function describeRun(run: GcRun): object {
  const { trigger, startedMs, finishedMs, dryRun, error } = run;
  return {
    trigger,
    started_at: timeOrNull(startedMs),
    finished_at: timeOrNull(finishedMs),
    dry_run: dryRun,
    success: finishedMs !== undefined && error === undefined,
    error: error ?? null,
    metrics: metricsOf(run),
  };
}
