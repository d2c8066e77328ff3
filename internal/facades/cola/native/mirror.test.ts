import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makePackage } from '../../../testing/zip.ts';
import { HEX, sha256, useRig } from '../cases/rig.suite.ts';

const ZIP = makePackage('hello', '1.0.0');
let elsewhere: Server;
beforeAll(async () => {
  elsewhere = createServer((req, res) => {
    if (req.url === '/moved') res.writeHead(302, { location: '/hello.pkg' }).end();
    else if (req.url === '/loop') res.writeHead(302, { location: '/loop' }).end();
    else if (req.url === '/hello.pkg') res.writeHead(200).end(ZIP);
    else res.writeHead(404).end('nothing');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void elsewhere.close());

const urlOf = (path: string): string => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}${path}`;
const mirror = { 'facades.cola.mirror': 'true' };

describe('COLA: with mirror', () => {
  const used = useRig({ settings: { ...mirror, 'outbound.allow_networks': '127.0.0.0/8' } });
  const publish = (path: string, checksum = sha256(ZIP)) =>
    used.rig.publish('hello', '1.0.0', { url: urlOf(path), checksum });

  it('keeps what is behind a URL, wherever that leads', async () => {
    await used.rig.makePackage('hello');
    const made = await publish('/moved');
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ source: 'oci', installable: true, size: ZIP.length }),
    ]);
    const [entry] = await used.rig.index();
    expect(entry?.url).toBe(`${used.rig.server.url}/v2/cola/ops/hello/blobs/sha256:${sha256(ZIP)}`);
    expect((await publish('/moved')).status).toBe(409);
  });

  it('makes nothing of what is not there, or is something else', async () => {
    await used.rig.makePackage('hello');
    const fields = [];
    for (const [path, checksum] of [['/none'], ['/loop'], ['/hello.pkg', HEX]] as const) {
      const { status, body } = await publish(path, checksum);
      fields.push([status, body.error.details.field]);
    }
    expect(fields).toEqual([
      [400, 'url'],
      [400, 'url'],
      [400, 'checksum'],
    ]);
    expect(await used.rig.index()).toEqual([]);
    expect((await used.rig.publish('none', '1.0.0', { url: urlOf('/none') })).status).toBe(404);
  });
});

describe('COLA: with mirror, where addresses are private', () => {
  const used = useRig({ settings: mirror });

  it('calls none of them, and does not say why', async () => {
    await used.rig.makePackage('hello');
    const refused = await used.rig.publish('hello', '1.0.0', { url: urlOf('/hello.pkg'), checksum: sha256(ZIP) });
    expect([refused.status, refused.body.error.details]).toEqual([
      400,
      { field: 'url', error: 'url cannot be fetched' },
    ]);
  });
});
