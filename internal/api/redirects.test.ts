import { afterEach, describe, expect, it } from '@jest/globals';
import { openRig, pushBlob, replaceContent, repository, type Rig } from '../registry/fixtures.suite.ts';
import type { Driver } from '../storage/driver.ts';
import { createSamples } from '../testing/images.ts';
import { serveRegistry, type RigServer } from './rig-server.suite.ts';

const NAME = repository('team/app');
const MIB = 1024 * 1024;
const samples = createSamples('redirects');

const presigning = (driver: Driver): Driver => ({
  ...driver,
  presigns: { presign: async (key, seconds) => new URL(`https://bucket.example/${key}?for=${seconds}`) },
});

describe('a store whose content can be read without us', () => {
  let rig: Rig;
  let server: RigServer;
  afterEach(async () => {
    await server.close();
    await rig.close();
  });

  async function pushed(sizeBytes: number) {
    rig = await openRig({ wrapDriver: presigning });
    server = await serveRegistry(rig.registry);
    const blob = samples.blob(sizeBytes);
    await pushBlob(rig, NAME, blob);
    const get = (from: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${server.url}/v2/${from}/blobs/${blob.digest}`, { redirect: 'manual', ...init });
    return { blob, get };
  }

  it('answers large blobs by a redirect that holds for a minute', async () => {
    const { blob, get } = await pushed(MIB);
    const answer = await get(NAME, { headers: { range: 'bytes=1-2' } });
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toMatch(/^https:\/\/bucket\.example\/blobs\/sha256\/.*\?for=60$/);
    expect(answer.headers.get('docker-content-digest')).toBe(blob.digest);
    expect((await get(NAME, { method: 'HEAD' })).status).toBe(200);
    expect((await get(NAME, { headers: { 'if-none-match': `"${blob.digest}"` } })).status).toBe(304);
  });

  it('tells nobody the place of a blob that the repository does not hold', async () => {
    const { get } = await pushed(MIB);
    const answer = await get('team/other');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('location')).toBeNull();
  });

  it('sends nobody to a blob that is not there as it was pushed, and looks at what many ask for once a minute', async () => {
    const { blob, get } = await pushed(MIB + 1);
    await replaceContent(rig, blob.digest, blob.bytes.subarray(1));
    expect((await get(NAME)).status).toBe(404);
    expect(rig.damages).toEqual([{ repository: NAME, digest: blob.digest, problem: 'wrong size' }]);
    await pushBlob(rig, NAME, blob);
    expect((await get(NAME)).status).toBe(307);
    await replaceContent(rig, blob.digest, undefined);
    expect((await get(NAME)).status).toBe(307);
    rig.clock.nowMs += 60_000;
    expect((await get(NAME)).status).toBe(404);
  });

  it('answers small blobs itself', async () => {
    const { get } = await pushed(MIB - 1);
    expect((await get(NAME)).status).toBe(200);
  });
});
