import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf } from '../http/refusal.suite.ts';
import { useServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher, type Pusher } from '../testing/push.ts';
import { putManifest } from './client.suite.ts';

const samples = createSamples('guarded tags');
const [ONE, TWO] = [samples.image(), samples.image()];

describe('registry.immutable_tags and protected_tags', () => {
  const server = useServer({
    settings: { 'registry.immutable_tags': 'team/**:v*', 'registry.protected_tags': 'main' },
  });
  let push: Pusher;
  beforeEach(async () => {
    push = createPusher(server.url);
    for (const repository of ['team/app', 'other']) {
      await push.image(repository, ONE, 'v1');
      await push.image(repository, TWO, 'main');
    }
  });
  const put = (repository: string, tag: string, { manifest } = ONE) => putManifest(server, repository, tag, manifest);
  const remove = (repository: string, reference: string) =>
    request(server.url).delete(`/v2/${repository}/manifests/${reference}`);
  const digestOfTag = async (repository: string, tag: string): Promise<unknown> =>
    (await request(server.url).head(`/v2/${repository}/manifests/${tag}`)).headers['docker-content-digest'];

  it('accepts the same digest again', async () => {
    expect((await put('team/app', 'v1')).status).toBe(201);
  });

  it('refuses another one with 409, by the tag and among many', async () => {
    const moved = await put('team/app', 'v1', TWO);
    expect(refusalOf(moved)).toBe('409 DENIED');
    const path = `${TWO.manifest.digest}?tag=new&tag=v1`;
    expect((await put('team/app', path, TWO)).status).toBe(409);
    expect(await digestOfTag('team/app', 'v1')).toBe(ONE.manifest.digest);
    expect(await digestOfTag('team/app', 'new')).toBeUndefined();
  });

  it('refuses deletes with 405, by tag and by digest', async () => {
    for (const reference of ['v1', ONE.manifest.digest, 'main', TWO.manifest.digest]) {
      expect(refusalOf(await remove('team/app', reference))).toBe('405 UNSUPPORTED');
    }
    expect(await digestOfTag('team/app', 'v1')).toBe(ONE.manifest.digest);
  });

  it('moves what is only protected, and leaves other repositories alone', async () => {
    expect((await put('team/app', 'main', ONE)).status).toBe(201);
    expect((await put('other', 'v1', TWO)).status).toBe(201);
    expect((await remove('other', 'v1')).status).toBe(202);
  });
});
