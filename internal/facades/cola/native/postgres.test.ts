import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { openServer } from '../../../server/fixtures.suite.ts';
import { openPostgres, type PostgresServer } from '../../../testing/postgres.ts';
import { openTempFolder } from '../../../testing/temp-folder.ts';
import { describeColaStore } from '../store.suite.ts';
import { openNativeStore } from './store-rig.suite.ts';

jest.setTimeout(30_000); // each has a server and a database of its own

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await openPostgres();
}, 60_000);
afterAll(() => postgres.close());

const settings = async () => ({ 'catalog.type': 'postgres', 'catalog.url': await postgres.createDatabase() });

describeColaStore('artifacts, on PostgreSQL', async (rules) => openNativeStore(rules, await settings()));

describe('COLA on several replicas', () => {
  it('shows a change of one in the index of all others with the next request', async () => {
    const folder = await openTempFolder('cola-replicas');
    const shared = { ...(await settings()), 'storage.type': 'filesystem', 'storage.path': folder.path };
    const replicas = [await openServer({ settings: shared }), await openServer({ settings: shared })];
    try {
      const [one = '', other = ''] = replicas.map(({ url }) => `${url}/api/v1/registry`);
      await request(one).post('').send({ name: 'ops' }).expect(201);
      await request(other).post('/ops/package').send({ name: 'tool' }).expect(201);
      const version = { checksum: 'a'.repeat(64), url: 'https://dl.example.org/tool.pkg' };
      for (let patch = 0; patch < 6; patch += 1) {
        const [writer, reader] = patch % 2 === 0 ? [one, other] : [other, one];
        await request(writer)
          .post('/ops/package/tool/version')
          .send({ ...version, version: `1.0.${patch}` })
          .expect(201);
        expect((await request(reader).get('/ops/index.json').expect(200)).body).toHaveLength(patch + 1);
      }
      const racing = Array.from({ length: 10 }, (_, at) =>
        request(at % 2 === 0 ? one : other)
          .post('/ops/package/tool/version')
          .send({ ...version, version: '2.0.0', endPartition: at }),
      );
      const statuses = (await Promise.all(racing)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(9);
    } finally {
      for (const replica of replicas) await replica.close();
      await folder.remove();
    }
  }, 30_000);
});
