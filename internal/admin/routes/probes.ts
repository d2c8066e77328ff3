import * as z from 'zod';
import { createProbe, remember, type Check } from '../probes.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

export interface ProbeDeps {
  readonly version: string;
  /** What must answer before the server counts as ready, by name. */
  readonly checks: Readonly<Record<string, Check>>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether storage has so little room left that nothing new comes in. */
  readonly isLow?: (() => Promise<boolean>) | undefined;
}

const REPORT = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.record(z.string(), z.enum(['ok', 'unavailable'])),
  space: z.literal('low').optional().describe('Reads and deletes go on, and nothing new comes in'),
});
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const JSON_TEXT = { 'content-type': 'application/json; charset=utf-8' };

/** Whether the process lives and its stores answer, and what stands at `/`: for whoever asks. */
export function probeRoutes({ version, checks, isLow, clock }: ProbeDeps): readonly AdminRoute[] {
  const probe = createProbe(checks, clock);
  const low = isLow && remember(isLow, clock);
  const alive = (path: '/livez' | '/healthz'): AdminRoute =>
    defineRoute({
      method: 'GET',
      path,
      visibility: 'open',
      isProbe: true,
      summary: 'Whether the process answers',
      answers: { 200: { description: 'It does', type: 'text/plain' } },
      handle: (_asked, exchange) => exchange.respond(200, TEXT, 'ok\n'),
    });
  return [
    alive('/livez'),
    alive('/healthz'),
    defineRoute({
      method: 'GET',
      path: '/readyz',
      visibility: 'open',
      isProbe: true,
      summary: 'Whether storage and catalog answer',
      answers: {
        200: { description: 'All of them do', json: REPORT },
        503: { description: 'Some do not', json: REPORT },
      },
      handle: async (_asked, exchange) => {
        const [{ status, report }, hasLittle] = await Promise.all([probe(), low?.()]);
        exchange.respondJson(status, { ...report, ...(hasLittle && { space: 'low' }) }, JSON_TEXT);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/health',
      visibility: 'open',
      isProbe: true,
      summary: 'That the process answers, and its version',
      answers: { 200: { description: 'It does', json: z.object({ status: z.literal('OK'), version: z.string() }) } },
      handle: (_asked, exchange) => exchange.respondJson(200, { status: 'OK', version }, JSON_TEXT),
    }),
    defineRoute({
      method: 'GET',
      path: '/',
      visibility: 'open',
      isProbe: true,
      summary: 'Name and version, for people',
      answers: { 200: { description: 'They are', type: 'text/plain' } },
      handle: (_asked, exchange) => exchange.respond(200, TEXT, `octoserve v${version}\n`),
    }),
  ];
}
