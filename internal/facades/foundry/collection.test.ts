import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLeaseStore } from '../../catalog/index.ts';
import { eventually } from '../../server/fixtures.suite.ts';
import { HELLO_HASH, told, useFoundry } from './fixtures.suite.ts';

describe('a collection', () => {
  const { ask, put, server } = useFoundry();

  it('is refused while another goes on, here or on another replica', async () => {
    const leases = createLeaseStore(server.built.catalog);
    const nowMs = Date.now();
    await leases.take('gc', 'another replica', nowMs, nowMs + 60_000);
    const refused = await ask('POST', '/gc');
    expect(told(refused)).toBe('409 garbage collection already running');
    await leases.drop('gc', 'another replica');
    expect((await ask('POST', '/gc')).status).toBe(200);
  });

  it('tells the log of each blob, and the metrics how many they were', async () => {
    await put('/artifacts/tool/1', 'hello');
    await ask('DELETE', '/artifacts/tool/1');
    const { body } = await ask('POST', '/gc');
    await eventually('the blob is in the log', () =>
      server.logged.some(
        ({ message, fields }) => message === 'garbage collected blob' && fields['hash'] === HELLO_HASH,
      ),
    );
    const collected = server.logged.filter(({ message }) => message === 'garbage collected blob');
    expect(collected).toHaveLength((body as { readonly deleted_blobs: number }).deleted_blobs);
  });
});

describe('with gc.enabled off', () => {
  const { ask } = useFoundry(undefined, { settings: { 'gc.enabled': 'false' } });

  it('nothing is collected by hand either', async () => {
    expect(told(await ask('POST', '/gc'))).toBe('400 garbage collection is switched off');
  });
});

describe('a version whose bytes somebody removed', () => {
  const { ask, put, server } = useFoundry(undefined, { settings: { 'storage.type': 'filesystem' } });

  it('is told as missing, and is still listed', async () => {
    await put('/artifacts/tool/1', 'hello');
    const [first, second] = [HELLO_HASH.slice(0, 2), HELLO_HASH.slice(2, 4)];
    await rm(join(server.folder, 'blobs', 'sha256', first, second, HELLO_HASH));
    expect(told(await ask('GET', '/artifacts/tool/1'))).toBe('404 artifact blob missing on disk');
    expect((await ask('GET', '/packages/tool')).body.versions).toMatchObject([{ version: '1', hash: HELLO_HASH }]);
  });
});
