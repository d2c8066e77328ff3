import { describe, expect, it } from '@jest/globals';
import { createCommands } from '../../../catalog/postgres/commands.ts';
import { CONTENT_RACES } from '../../../catalog/postgres/content-races.suite.ts';
import { GC_RACES } from '../../../catalog/postgres/gc-races.suite.ts';
import { createGate, meetingsOf, type Call, type Stage, type Track } from '../../../catalog/postgres/race.suite.ts';
import type { Session } from '../../../catalog/postgres/session.ts';
import { UPLOAD_RACES } from '../../../catalog/postgres/upload-races.suite.ts';
import type { Catalog, CommandArgs } from '../../../catalog/types.ts';
import { createRandom } from '../random.ts';
import { World, type Process } from '../world.ts';
import { Engine } from './engine.ts';
import { readSchema } from './schema.ts';
import { Database } from './sessions.ts';

const later = (): Promise<void> => new Promise(setImmediate);

/** The races that are run on PostgreSQL, on the model: two sessions, and a catalog for all else. */
function openStage(): Pick<Stage, 'catalog' | 'track'> {
  const blocked = new Set<Process>();
  const world = new World(createRandom(1));
  world.turn = async (process, _label, isReady) => {
    const mayGoOn = isReady ?? (() => true);
    for (; !mayGoOn(); await later()) blocked.add(process);
    blocked.delete(process);
  };
  const database = new Database(new Engine(readSchema()), world);
  const process = (name: string): Process => ({ name, isDead: false });
  const [one, two] = [process('one'), process('two')];

  const run = ({ name, args }: Call, session: Session): Promise<unknown> => {
    const patience = { pause: async () => undefined, random: () => 0.5 };
    return createCommands({ use: (action) => action(session) }, patience)(name, args as CommandArgs<typeof name>);
  };
  const track: Pick<Track, 'race'> = {
    async race(first, second, stopAfter) {
      const gate = createGate(database.openSession(one), stopAfter);
      const ended = run(first, gate.session);
      await Promise.race([gate.reached, ended.catch(() => undefined)]);
      const other = run(second, database.openSession(two));
      const done = other.then(
        () => true,
        () => true,
      );
      while (!blocked.has(two) && !(await Promise.race([done, later()])));
      gate.open();
      return { results: await Promise.all([ended, other]), steps: gate.steps() };
    },
  };
  const { queries, run: runAlone } = database.openCatalog(process('alone'));
  const catalog = { queries, run: runAlone } as Catalog; // no more of it is asked for here
  return { catalog, track: track as Track };
}

describe('on the model of PostgreSQL, two commands beside each other, wherever the one is when the other comes', () => {
  it.each(Object.entries({ ...CONTENT_RACES, ...UPLOAD_RACES, ...GC_RACES }))('%s', async (_, prepare) => {
    for await (const { race, words } of meetingsOf(openStage(), prepare)) {
      expect(race.allowed).toContainEqual(words);
      await race.after?.();
    }
  });
});
