import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import type { UploadRow } from '../types.ts';
import { openPostgresCatalog } from './catalog.ts';
import { CONTENT_RACES } from './content-races.suite.ts';
import { settingsFor, SILENT } from './fixtures.suite.ts';
import { GC_RACES } from './gc-races.suite.ts';
import { expectLogTellsState } from './log-state.suite.ts';
import { openTrack, type Stage } from './race.suite.ts';
import { describeSealer } from './sealer.suite.ts';
import { UPLOAD_RACES } from './upload-races.suite.ts';

let server: PostgresServer;
const stage = {} as Stage;
beforeAll(async () => {
  server = await openPostgres();
  const url = await server.createDatabase();
  const catalog = await openPostgresCatalog(settingsFor(url), SILENT);
  Object.assign(stage, { url, catalog, track: await openTrack(settingsFor(url)) } satisfies Stage);
}, 60_000);
afterAll(async () => {
  await stage.track.close();
  await stage.catalog.close();
  await server.close();
});

/** What came of a command, in a word; of a claim also where it goes on, of an expiry how many. */
function wordOf(result: unknown): unknown {
  if (Array.isArray(result)) return result.length;
  if (typeof result !== 'object' || result === null) return result;
  const { kind, upload } = result as { readonly kind: string; readonly upload?: UploadRow };
  return upload ? `${kind} at ${upload.offsetBytes}` : kind;
}

describe('two commands beside each other, wherever the one is when the other comes', () => {
  it.each(Object.entries({ ...CONTENT_RACES, ...UPLOAD_RACES, ...GC_RACES }))(
    '%s',
    async (_, prepare) => {
      for (const order of ['as named', 'the other first'] as const) {
        for (let stopAfter = 0, steps = 1; stopAfter <= steps; stopAfter += 1) {
          const { repository, calls, allowed, after } = await prepare(stage.catalog);
          const [first, second] = order === 'as named' ? calls : [calls[1], calls[0]];
          const finish = await stage.track.race(first, second, stopAfter);
          const words = finish.results.map(wordOf);
          expect(allowed).toContainEqual(order === 'as named' ? words : words.toReversed());
          await expectLogTellsState(stage.catalog, repository);
          await after?.();
          steps = finish.steps;
        }
      }
    },
    60_000,
  );
});

describeSealer(stage);
