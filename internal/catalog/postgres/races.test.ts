import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import { ARTIFACT_RACES } from './artifact-races.suite.ts';
import { openPostgresCatalog } from './catalog.ts';
import { CONTENT_RACES } from './content-races.suite.ts';
import { settingsFor, SILENT } from './fixtures.suite.ts';
import { GC_RACES } from './gc-races.suite.ts';
import { expectLogTellsState } from './log-state.suite.ts';
import { describeGenerations } from './generations.suite.ts';
import { meetingsOf, openTrack, type Stage } from './race.suite.ts';
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

describe('two commands beside each other, wherever the one is when the other comes', () => {
  it.each(Object.entries({ ...CONTENT_RACES, ...UPLOAD_RACES, ...GC_RACES, ...ARTIFACT_RACES }))(
    '%s',
    async (_, prepare) => {
      for await (const { race, words } of meetingsOf(stage, prepare)) {
        expect(race.allowed).toContainEqual(words);
        await expectLogTellsState(stage.catalog, race.repository);
        await race.after?.();
      }
    },
    60_000,
  );
});

describeSealer(stage);
describeGenerations(stage);
