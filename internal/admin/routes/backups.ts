import * as z from 'zod';
import type { Backup, Backups } from '../../maintenance/index.ts';
import { BackupError } from '../../maintenance/index.ts';
import { defineRoute, type AdminRoute } from '../route.ts';
import { timeOrNull } from './times.ts';

export interface BackupRouteDeps {
  readonly backups: Backups;
}

const BACKUP = z.object({
  name: z.string(),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime(),
  program: z.string().describe('The version that made it'),
  host: z.string(),
  dump_bytes: z.int(),
  blobs: z.int(),
  bytes: z.int().describe('Of the content that it names'),
  copied_bytes: z.int().describe('Of the content that the target had not yet'),
  lacking: z.int().describe('Contents that storage had not as they should be, and that it goes without'),
});
const LIST = z.object({
  configured: z.boolean(),
  last_at: z.iso.datetime().nullable().describe('When the last good one was begun'),
  age_seconds: z.number().nullable(),
  next_at: z.iso.datetime().nullable(),
  reachable: z.boolean().describe('Whether the target could be read just now; if not, nothing in it is listed'),
  backups: z.array(BACKUP).describe('In the target, oldest first'),
  unreadable: z.array(z.string()).describe('Backups that are damaged, or a later version made'),
  unfinished: z.array(z.string()).describe('Backups that are being made, or broke off'),
});
const ANSWER = z.object({ success: z.boolean(), message: z.string(), backup: BACKUP.nullable() });
const NOT_CONFIGURED = { success: false, message: 'No target of backups is configured', backup: null };
const BUSY = { success: false, message: 'A backup is being made already', backup: null };

/** Makes backups, and tells of them. */
export function backupRoutes({ backups }: BackupRouteDeps): readonly AdminRoute[] {
  const list = defineRoute({
    method: 'GET',
    path: '/admin/backups',
    visibility: 'admin',
    summary: 'List the backups there are, and tell when the next is due',
    answers: { 200: { description: 'The backups in the target', json: LIST } },
    handle: async (_, exchange) => {
      const { lastMs, nextMs, ageMs } = await backups.status();
      const found = await backups.list().catch(() => undefined); // the next backup says in the log what is wrong
      exchange.respondJson(200, {
        configured: backups.isConfigured,
        last_at: timeOrNull(lastMs),
        age_seconds: ageMs === undefined ? null : ageMs / 1000,
        next_at: timeOrNull(nextMs),
        reachable: found !== undefined,
        backups: (found?.backups ?? []).map(describe),
        unreadable: (found?.unreadable ?? []).map(({ name }) => name),
        unfinished: found?.unfinished ?? [],
      });
    },
  });

  const make = defineRoute({
    method: 'POST',
    path: '/admin/backups',
    visibility: 'admin',
    summary: 'Make a backup',
    query: z.object({ async: z.enum(['true', 'false']).optional().describe('Answer as soon as it has begun') }),
    answers: {
      200: { description: 'The backup', json: ANSWER },
      202: { description: 'It has begun', json: ANSWER },
      409: { description: 'One is being made already, here or in another process', json: ANSWER },
      500: { description: 'It could not be made; the log says why', json: ANSWER },
    },
    handle: async ({ query }, exchange) => {
      if (!backups.isConfigured) return exchange.respondJson(200, NOT_CONFIGURED);
      const begun = Promise.withResolvers<undefined>();
      const making = backups.make({ onBegun: () => begun.resolve(undefined) });
      try {
        const made = await (query.async === 'true' ? Promise.race([making, begun.promise]) : making);
        if (made) {
          const message = 'The backup was made';
          return exchange.respondJson(200, { success: true, message, backup: describe(made.backup) });
        }
        making.catch(() => undefined); // the log says why
        return exchange.respondJson(202, { success: true, message: 'started', backup: null });
      } catch (failure) {
        if (failure instanceof BackupError && failure.failure === 'busy') return exchange.respondJson(409, BUSY);
        throw failure;
      }
    },
  });
  return [list, make];
}

function describe({ name, startedMs, finishedMs, program, host, dump, content, copied, lacking }: Backup): object {
  return {
    name,
    started_at: timeOrNull(startedMs),
    finished_at: timeOrNull(finishedMs),
    program,
    host,
    dump_bytes: dump.sizeBytes,
    blobs: content.blobs,
    bytes: content.bytes,
    copied_bytes: copied.bytes,
    lacking: lacking.length,
  };
}
