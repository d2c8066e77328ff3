import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClient } from '../../../pkg/client/index.ts';
import { contentFor } from '../generator/content.ts';
import { imagesFixture } from '../workloads/fixtures.ts';
import { prepareFixture } from '../workloads/prepare.ts';
import { findDistribution } from './distribution.ts';
import { forkServer } from './forked.ts';
import { findFreePort, startProgram } from './program.ts';

// Processes start slowly on a machine that is busy with other tests.
jest.setTimeout(120_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'octobench-peers-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the bare server', () => {
  it.each([
    ['full', '1'],
    ['os', '2'],
  ])('gives back what was pushed, with durability %s and %s processes', async (durability, processes) => {
    const server = await forkServer('bare-server', [folder, durability, processes]);
    const client = createClient({ url: server.url });
    const fixture = imagesFixture('a');
    await prepareFixture(client, fixture);
    const { bytes, digest } = fixture.manifests[0]!;
    for (const reference of ['v0', digest]) {
      expect(Buffer.from((await client.getManifest('a/images', reference)).bytes).equals(bytes)).toBe(true);
    }
    const large = contentFor('x', 5_000_000);
    await prepareFixture(client, { repository: 'b', blobs: [large], manifests: [] });
    let size = 0;
    for await (const chunk of await client.getBlob('b', large.digest)) size += chunk.length; // the client verifies it
    expect(size).toBe(5_000_000);
    expect(await client.headBlob('b', contentFor('y', 10).digest)).toBeUndefined();
    await server.close();
  });
});

describe('the null server', () => {
  it('answers as many bytes as it is asked for', async () => {
    const server = await forkServer('null-server');
    for (const size of [0, 1, 65_536, 3_000_000]) {
      const response = await fetch(`${server.url}/v2/null/${size}`);
      expect((await response.arrayBuffer()).byteLength).toBe(size);
    }
    const put = await fetch(`${server.url}/v2/null/blobs/uploads/1`, { method: 'PUT', body: Buffer.alloc(100_000) });
    expect(put.status).toBe(201);
    await server.close();
  });
});

describe('startProgram', () => {
  const options = async (script: string) => {
    const url = `http://127.0.0.1:${await findFreePort()}`;
    const port = new URL(url).port;
    return { command: process.execPath, args: ['-e', script.replace('PORT', port)], env: {}, folder, url };
  };

  it('waits until the server answers, and ends it', async () => {
    const script = "console.log('up'); require('http').createServer((q, s) => s.end()).listen(PORT, '127.0.0.1')";
    const server = await startProgram(await options(script));
    expect(server.startMs).toBeGreaterThan(0);
    expect((await fetch(server.url)).status).toBe(200);
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
    expect(await readFile(join(folder, 'output.log'), 'utf8')).toContain('up');
  });

  it('says where to look when the program ends instead', async () => {
    await expect(startProgram(await options('process.exit(3)'))).rejects.toMatchObject({
      name: 'CliError',
      hint: `What it said is in ${join(folder, 'output.log')}.`,
    });
  });
});

describe('findDistribution', () => {
  it('takes the program that is named', async () => {
    expect(await findDistribution({ OCTOBENCH_DISTRIBUTION: '/opt/registry' }, () => undefined)).toBe('/opt/registry');
  });
});
