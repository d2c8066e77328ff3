import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { useServer } from '../../server/fixtures.suite.ts';
import { createSamples, type SampleImage } from '../../testing/images.ts';
import { createPusher } from '../../testing/push.ts';

const samples = createSamples('admin storage');
const bytesOf = ({ manifest, blobs }: SampleImage): number =>
  [manifest, ...blobs].reduce((sum, { size }) => sum + size, 0);

describe('GET /admin/storage', () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ clock: () => clock.nowMs });
  const stock = async (query = '') =>
    (await request(server.url).get(`/admin/storage${query}`).expect(200)).body as object;
  const remove = (reference: string) =>
    request(server.url).delete(`/admin/repositories/team%2Fapp/manifests/${reference}`);

  it('tells of every byte what keeps it, in each repository and in all', async () => {
    const [own, common] = [samples.image(), samples.image()];
    const push = createPusher(server.url);
    await push.image('team/app', own, 'v1');
    for (const name of ['team/app', 'other']) await push.image(name, common, 'v2');
    const loose = samples.blob(50);
    await push.blob('other', loose);
    const none = { live: 0, shared: 0, waiting: 0, uploads: 0 };
    expect(await stock()).toMatchObject({
      total: { live: bytesOf(own), shared: bytesOf(common), waiting: 50, uploads: 0, unknown: null },
      repositories: [
        { ...none, repository: 'other', shared: bytesOf(common), waiting: 50 },
        { ...none, repository: 'team/app', live: bytesOf(own), shared: bytesOf(common) },
      ],
    });
    const orphan = samples.blob(70);
    await server.built.storage.blobs.put(orphan.digest, orphan.bytes);
    expect(await stock('?scan=true')).toMatchObject({ total: { unknown: 70 } });
  });

  it('a delete says what becomes free and when, and that much waits from then on', async () => {
    const image = samples.image();
    await createPusher(server.url).image('team/app', image, 'v1', 'v2');
    expect((await remove('v2').expect(200)).body).toEqual({ digest: image.manifest.digest, bytes: 0, free_at: null });
    const freed = { digest: image.manifest.digest, bytes: bytesOf(image), free_at: '2026-01-02T00:00:00.000Z' };
    expect((await remove(image.manifest.digest).expect(200)).body).toEqual(freed);
    expect(await stock()).toMatchObject({ total: { live: 0, waiting: bytesOf(image) } });
    expect((await remove(image.manifest.digest)).status).toBe(404);
  });
});
