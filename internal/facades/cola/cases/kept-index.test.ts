import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { makePackage } from '../../../testing/zip.ts';
import { eventually } from '../../../server/fixtures.suite.ts';
import { useRig } from './rig.suite.ts';

const HELLO = { bytes: makePackage('hello', '1.0.0'), title: 'hello-1.0.0.pkg' };
const SITE = 'https://tools.example.org';

describe('COLA: the index as an artifact', () => {
  const used = useRig({ settings: { 'server.public_url': SITE } });
  const get = (path: string) => request(used.rig.server.url).get(`/v2/cola/ops/${path}`).buffer(true);

  /** What `oras pull cola/ops:_index` gives. */
  async function pull(): Promise<
    { readonly text: string; readonly manifest: Record<string, unknown>; readonly digest: string } | undefined
  > {
    const found = await get('manifests/_index').responseType('blob');
    if (found.status !== 200) return undefined;
    const manifest = JSON.parse((found.body as Buffer).toString()) as { layers: { digest: string }[] };
    const blob = await get(`blobs/${manifest.layers[0]?.digest}`).responseType('blob').expect(200);
    return {
      text: (blob.body as Buffer).toString(),
      manifest: { ...manifest },
      digest: String(found.headers['docker-content-digest']),
    };
  }

  const indexJson = async () => (await used.rig.get('/registry/ops/index.json').expect(200)).text;
  const settled = () => eventually('the index is kept', async () => (await pull())?.text === (await indexJson()));

  it('is what index.json answers, a moment after each change', async () => {
    used.rig.server.built.jobs.start();
    await used.rig.push('cola/ops/hello', '1.0.0', HELLO);
    await settled();
    const first = await pull();
    expect(first?.text).toContain(`"url":"${SITE}/v2/cola/ops/hello/blobs/sha256:`);
    expect(first?.manifest).toMatchObject({
      artifactType: 'application/vnd.cola.index.v1+json',
      layers: [
        {
          mediaType: 'application/vnd.cola.index.v1+json',
          annotations: { 'org.opencontainers.image.title': 'index.json' },
        },
      ],
    });
    await used.rig.publish('hello', '2.0.0');
    await settled();
    // The one before is gone.
    await get(`manifests/${first?.digest}`).expect(404);
    await used.rig.delete('/registry/ops').expect(204);
    expect(await pull()).toBeUndefined();
  });

  it('changes nothing that COLA tells', async () => {
    used.rig.server.built.jobs.start();
    await used.rig.push('cola/ops/hello', '1.0.0', HELLO);
    await settled();
    const generation = () => used.rig.server.built.catalog.queries.findGeneration('cola/ops');
    const stamp = await generation();
    const before = await pull();
    expect((await used.rig.get('/registry/ops').expect(200)).body).toMatchObject({ package_count: 1 });
    expect(await generation()).toEqual(stamp);
    expect((await pull())?.digest).toBe(before?.digest);
  });
});
