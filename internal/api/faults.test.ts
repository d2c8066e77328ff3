import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { parseRepositoryName } from '../../pkg/oci/index.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { catalogFault, Faults, faultyCatalog, faultyDriver, storageFault } from '../registry/faults.suite.ts';
import { openRig, storedKeys, type Rig } from '../registry/fixtures.suite.ts';
import { createSamples, type Sample } from '../testing/images.ts';
import { getBytes, putManifest } from './client.suite.ts';
import { serveRegistry, type RigServer } from './rig-server.suite.ts';

const IMAGE = createSamples('faults').image({ layers: 1, layerBytes: 1000 });
const [CONFIG, LAYER] = IMAGE.blobs as [Sample, Sample];
const DAY_MS = 24 * 60 * 60 * 1000;
const FAULTS = {
  storage: {
    full: storageFault('full'),
    busy: storageFault('busy'),
    throttled: storageFault('throttled'),
    broken: storageFault('broken'),
  },
  catalog: { full: catalogFault('full'), busy: catalogFault('busy'), broken: catalogFault('broken') },
};
/** How each is answered, and when to come again. */
const REFUSALS: Record<string, readonly [string, string?]> = {
  full: ['507 UNKNOWN'],
  busy: ['503 UNKNOWN', '1'],
  throttled: ['429 TOOMANYREQUESTS', '5'],
  broken: ['500 UNKNOWN'],
};

describe('a push of which one call fails', () => {
  let rig: Rig;
  let server: RigServer;
  const faults = { storage: new Faults(), catalog: new Faults() };
  beforeEach(async () => {
    rig = await openRig({ wrapDriver: faultyDriver(faults.storage), wrapCatalog: faultyCatalog(faults.catalog) });
    server = await serveRegistry(rig.registry);
  });
  afterEach(async () => {
    await server.close();
    await rig.close();
  });

  /** Every request of a push, until one is refused: that answer. */
  async function pushUntilRefused(): Promise<request.Response | undefined> {
    const blob = (method: 'post' | 'patch' | 'put', path: string, bytes: Uint8Array) =>
      request(server.url)[method](path).set('Content-Type', 'application/octet-stream').send(Buffer.from(bytes));
    const whole = await blob('post', `/v2/a/blobs/uploads/?digest=${CONFIG.digest}`, CONFIG.bytes);
    if (whole.status !== 201) return whole;
    const started = await request(server.url).post('/v2/a/blobs/uploads/');
    if (started.status !== 202) return started;
    const path = started.headers['location']!;
    for (const part of [LAYER.bytes.subarray(0, 400), LAYER.bytes.subarray(400, 800)]) {
      const patched = await blob('patch', path, part);
      if (patched.status !== 202) return patched;
    }
    const finished = await blob('put', `${path}?digest=${LAYER.digest}`, LAYER.bytes.subarray(800));
    if (finished.status !== 201) return finished;
    const put = await putManifest(server, 'a', 'latest', IMAGE.manifest);
    return put.status === 201 ? undefined : put;
  }

  /** All that was pushed can be pulled, and nothing that was not is in storage once its time is over. */
  async function expectWhole(): Promise<void> {
    for (const [path, { bytes }] of [
      ['manifests/latest', IMAGE.manifest],
      [`blobs/${CONFIG.digest}`, CONFIG],
      [`blobs/${LAYER.digest}`, LAYER],
    ] as const) {
      const got = await getBytes(server, `/v2/a/${path}`).expect(200);
      expect((got.body as Buffer).equals(bytes)).toBe(true);
    }
    rig.clock.nowMs += 2 * DAY_MS;
    await rig.registry.chores.sweepUploads();
    await rig.registry.chores.followChanges();
    expect(await storedKeys(rig, 'uploads')).toEqual([]);
    const contents = (await storedKeys(rig, 'blobs')).map((key) => key.slice(key.lastIndexOf('/') + 1));
    expect(contents).toEqual([IMAGE.manifest, CONFIG, LAYER].map(({ digest }) => digest.slice(7)).toSorted());
    const records: string[] = [];
    for await (const { name, digest } of rig.storage.manifests.walk()) records.push(`${name} ${digest}`);
    expect(records.toSorted()).toEqual(
      [`latest ${IMAGE.manifest.digest}`, `${IMAGE.manifest.digest} ${IMAGE.manifest.digest}`].toSorted(),
    );
  }

  async function callsOfOnePush(what: 'storage' | 'catalog'): Promise<number> {
    faults[what].arm(0, () => new Error('never'));
    expect(await pushUntilRefused()).toBeUndefined();
    return faults[what].calls;
  }

  it('makes enough calls for these tests to mean something', async () => {
    expect(await callsOfOnePush('storage')).toBeGreaterThan(12);
    expect(await callsOfOnePush('catalog')).toBeGreaterThan(8);
  });

  describe.each(['storage', 'catalog'] as const)('to %s', (what) => {
    const failures = Object.entries(FAULTS[what]);
    it.each(failures)('is answered clearly, and repeated succeeds, whichever it is (%s)', async (failure, make) => {
      const calls = await callsOfOnePush(what);
      const [refusal, retryAfter] = REFUSALS[failure]!;
      for (let at = 1; at <= calls; at += 1) {
        await server.close();
        await rig.close();
        rig = await openRig({ wrapDriver: faultyDriver(faults.storage), wrapCatalog: faultyCatalog(faults.catalog) });
        server = await serveRegistry(rig.registry);
        faults[what].arm(at, make);
        const refused = await pushUntilRefused();
        faults[what].disarm();
        expect([at, refused && refusalOf(refused)]).toEqual([at, refused && refusal]);
        expect(refused?.text ?? '').not.toMatch(/EIO|SQLITE|srv/);
        expect(refused?.headers['retry-after']).toBe(refused && retryAfter);
        expect(await pushUntilRefused()).toBeUndefined();
        await expectWhole();
      }
    });
  });

  it('is repeated with success where only the answer of the catalog was lost', async () => {
    const calls = await callsOfOnePush('catalog');
    for (let at = 1; at <= calls; at += 1) {
      await server.close();
      await rig.close();
      rig = await openRig({ wrapCatalog: faultyCatalog(faults.catalog) });
      server = await serveRegistry(rig.registry);
      faults.catalog.arm(at, catalogFault('broken'), true);
      const refused = await pushUntilRefused();
      faults.catalog.disarm();
      expect([at, refused && refusalOf(refused)]).toEqual([at, refused && '500 UNKNOWN']);
      expect(await pushUntilRefused()).toBeUndefined();
      await expectWhole();
    }
  });

  it('stands at an offset that is on the disk, from where it can go on', async () => {
    const calls = await callsOfOnePush('storage');
    for (let at = 1; at <= calls; at += 1) {
      const started = await request(server.url).post('/v2/b/blobs/uploads/').expect(202);
      const path = started.headers['location']!;
      const send = (from: number) =>
        request(server.url)
          .patch(path)
          .set('Content-Range', `${from}-${from + 99}`)
          .send(LAYER.bytes.subarray(from, from + 100));
      faults.storage.arm(at, storageFault('busy'));
      for (let turn = 0; turn < 6; turn += 1) await send(turn * 100);
      faults.storage.disarm();
      const { headers } = await request(server.url).get(path).expect(204);
      const offset = headers['range'] === '0-0' ? 0 : Number(headers['range']!.slice(2)) + 1;
      const rest = await request(server.url)
        .put(`${path}?digest=${LAYER.digest}`)
        .set('Content-Range', `${offset}-999`)
        .send(LAYER.bytes.subarray(offset));
      expect([at, rest.status]).toEqual([at, 201]);
      await rig.registry.blobs.delete(
        { principal: '', address: '', requestId: '' },
        parseRepositoryName('b'),
        LAYER.digest,
      );
    }
  });

  it('is answered with success where only what is left over cannot be removed', async () => {
    rig.storage.uploads.discard = () => Promise.reject(storageFault('broken')());
    expect(await pushUntilRefused()).toBeUndefined();
    const cancelled = await request(server.url).post('/v2/a/blobs/uploads/').expect(202);
    expect((await request(server.url).delete(cancelled.headers['location']!)).status).toBe(204);
  });
});
