import { describe } from '@jest/globals';
import { describeBlobs } from '../../../catalog/blobs.suite.ts';
import { describeGc } from '../../../catalog/gc.suite.ts';
import { describeHistory } from '../../../catalog/history.suite.ts';
import { describeLeases } from '../../../catalog/leases.suite.ts';
import { describeRetention } from '../../../catalog/retention.suite.ts';
import { describeScrub } from '../../../catalog/scrub.suite.ts';
import { describeUploads } from '../../../catalog/uploads.suite.ts';
import type { Catalog } from '../../../catalog/types.ts';
import { World } from '../world.ts';
import { createRandom } from '../random.ts';
import { Engine } from './engine.ts';
import { readSchema } from './schema.ts';
import { Database } from './sessions.ts';

/** A catalog on the model, in a world where everybody goes on at once. */
async function openModel(): Promise<Catalog> {
  const world = new World(createRandom(1));
  world.turn = () => Promise.resolve();
  const { queries, run } = new Database(new Engine(readSchema()), world).openCatalog({ name: 'p', isDead: false });
  return { queries, run, close: () => Promise.resolve() } as Catalog; // no more of it is asked for here
}

describe('the model of PostgreSQL', () => {
  describeBlobs(openModel);
  describeUploads(openModel);
  describeLeases(openModel);
  describeGc(openModel);
  describeHistory(openModel);
  describeRetention(openModel);
  describeScrub(openModel);
});
