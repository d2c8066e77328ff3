import * as z from 'zod';
import { parseDuration } from '../../config/index.ts';
import { originOf } from '../../http/index.ts';
import { shareDone, type HurtContent, type Scrub, type ScrubRun } from '../../maintenance/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { timeOrNull } from './times.ts';

export interface ScrubRouteDeps {
  readonly scrub: Scrub;
  /** What is quarantined, with what that hurts: a page after a digest. */
  readonly listHurtContent: (after: string | undefined, limit: number) => Promise<readonly HurtContent[]>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const HOUR_MS = 3_600_000;
const PAGE_ROWS = 100;

// Strict: a misspelt `repair` must not be taken for the default.
const REQUEST = z
  .strictObject({
    all: z.boolean().optional().describe('Begin anew, where a pass was cut short that could be gone on with'),
    since: z
      .string()
      .refine((text) => (parseDuration(text) ?? 0) > 0, 'Invalid duration')
      .transform((text) => parseDuration(text) ?? 0)
      .optional()
      .describe('Only what came in so long until now, as in 24h'),
    quarantined: z.boolean().optional().describe('Only what is quarantined already'),
    repair: z.boolean().optional().describe('In place of scrub.repair: bring damaged content back'),
  })
  .optional();

const TALLY = {
  blobs: z.int().describe('Contents that were read'),
  bytes: z.int(),
  damaged: z.int().describe('Of these, how many were found damaged'),
  mended: z.int().describe('Of those, how many were brought back'),
};
const PASS = z.object({
  trigger: z.enum(['schedule', 'admin', 'command']),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable().describe('Null while it goes on, and where it was cut short'),
  done: z.number().describe('How much of all content it has read, from 0 to 1'),
  since: z.iso.datetime().nullable().describe('Where it is only about what came since then'),
  error: z.string().nullable().describe('Why it broke off; it goes on where it stood'),
  ...TALLY,
});
const STATUS = z.object({
  enabled: z.boolean(),
  interval_hours: z.number(),
  rate: z.int().describe('Bytes a second; 0: as many as it can'),
  state: z.enum(['idle', 'running']),
  next_run_at: z.iso.datetime().nullable(),
  sources: z.array(z.string()).describe('Where damaged content is brought back from'),
  pass: PASS.nullable().describe('The one that goes on, or else the last one'),
  quarantined: z
    .array(
      z.object({
        digest: z.string(),
        size: z.int(),
        problem: z.enum(['missing', 'wrong size', 'wrong content']),
        found_at: z.iso.datetime(),
        hurt: z
          .array(z.object({ repository: z.string(), digest: z.string(), tag: z.string().nullable() }))
          .describe('Manifests that cannot be pulled whole without it, with their tags; not more than some'),
      }),
    )
    .describe('Content that was found damaged and is given to nobody until it is pushed again or brought back'),
  next: z.string().nullable().describe('The `last` of the next page of what is quarantined'),
});
const ANSWER = z.object({ success: z.boolean(), message: z.string() });

/** Reads all content to find what went bad, and tells of it. */
export function scrubRoutes({ scrub, listHurtContent: list, clock }: ScrubRouteDeps): readonly AdminRoute[] {
  const status = defineRoute({
    method: 'GET',
    path: '/admin/scrub',
    visibility: 'admin',
    summary: 'Tell how far all content was read, and what was found damaged',
    query: z.object({ last: z.string().max(200).optional().describe('The digest that the last page ended with') }),
    answers: { 200: { description: 'The state', json: STATUS } },
    handle: async ({ query }, exchange) => {
      const { isRunning, nextMs, last, sources } = await scrub.status();
      const quarantined = await list(query.last, PAGE_ROWS);
      exchange.respondJson(200, {
        enabled: scrub.config['scrub.enabled'],
        interval_hours: scrub.config['scrub.interval'] / HOUR_MS,
        rate: scrub.config['scrub.rate'],
        state: isRunning ? 'running' : 'idle',
        next_run_at: timeOrNull(nextMs),
        sources,
        pass: last ? describePass(last) : null,
        quarantined: quarantined.map(describeContent),
        next: quarantined.length === PAGE_ROWS ? (quarantined.at(-1)?.digest ?? null) : null,
      });
    },
  });

  const begin = defineRoute({
    method: 'POST',
    path: '/admin/scrub',
    visibility: 'admin',
    summary: 'Begin to read all content, or go on where that was cut short',
    body: REQUEST,
    answers: {
      202: { description: 'It has begun', json: ANSWER },
      409: { description: 'It goes on already, here or in another process', json: ANSWER },
    },
    handle: async ({ body = {} }, exchange) => {
      const begun = await scrub.begin({
        trigger: 'admin',
        by: originOf(exchange),
        repair: body.repair,
        anew: body.all,
        onlyQuarantined: body.quarantined,
        sinceMs: body.since === undefined ? undefined : clock() - body.since,
      });
      if (begun.kind === 'busy') {
        return exchange.respondJson(409, { success: false, message: 'Content is being read already' });
      }
      return exchange.respondJson(202, { success: true, message: 'started' });
    },
  });
  return [status, begin];
}

function describePass(run: ScrubRun): object {
  const { trigger, startedMs, finishedMs, sinceMs, error, tally } = run;
  return {
    trigger,
    started_at: timeOrNull(startedMs),
    finished_at: timeOrNull(finishedMs),
    done: shareDone(run),
    since: timeOrNull(sinceMs),
    error: error ?? null,
    ...tally,
  };
}

function describeContent({ digest, sizeBytes, problem, foundMs, hurt }: HurtContent): object {
  return {
    digest,
    size: sizeBytes,
    problem,
    found_at: timeOrNull(foundMs),
    hurt: hurt.map(({ repository, manifest, tag }) => ({ repository, digest: manifest, tag: tag ?? null })),
  };
}
