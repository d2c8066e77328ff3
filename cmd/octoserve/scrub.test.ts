import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import type { Digest } from '../../pkg/oci/index.ts';
import { pushImage, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { blobKey } from '../../internal/storage/layout.ts';
import { createSamples } from '../../internal/testing/images.ts';
import { useWorkshop } from './fixtures.suite.ts';

jest.setTimeout(60_000); // each command opens and closes its stores, and there are several in a test

const samples = createSamples('cmd scrub');
const image = samples.image({ layers: 1 });
const layer = image.blobs.at(-1)!;
const workshop = useWorkshop(async (rig) => {
  await pushImage(rig as Rig, 'team/app', image, 'v1', 'v2');
});
const fileOf = (digest: Digest): string => join(workshop.data, blobKey(digest));

describe('octoserve scrub', () => {
  it('says that nothing is wrong where nothing is', async () => {
    await workshop.fill();
    const { exitCode, stdout, stderr } = await workshop.run('scrub', '--rate', '50MiB/s');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Read 3 blobs \([\d,]+ bytes\): nothing is wrong\.\n$/);
  });

  it('names what is damaged with the tags that it hurts, exit 1, and says so again until it is mended', async () => {
    await workshop.fill();
    await writeFile(fileOf(layer.digest), Buffer.alloc(layer.size, 'x'));
    const { exitCode, stdout } = await workshop.run('scrub');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `blob of wrong content: ${layer.digest} ${layer.size} bytes (hurts team/app:v1, team/app:v2)\n`,
    );
    expect(stdout).toMatch(/1 damaged, 0 of them mended\. 1 content is left damaged\.\n$/);
    expect((await workshop.run('verify')).stdout).toContain(`blob quarantined: ${layer.digest}`);

    const again = await workshop.lines('scrub', '--quarantined');
    expect([again.exitCode, again.lines]).toMatchObject([
      1,
      [
        { kind: 'blob of wrong content', digest: layer.digest, problem: 'wrong content', isKnown: true },
        { kind: 'summary', blobs: 0, damaged: 0, unmended: 1 },
      ],
    ]);
  });

  it('tells and counts once what was quarantined before', async () => {
    await workshop.fill();
    await writeFile(fileOf(layer.digest), Buffer.alloc(layer.size, 'x'));
    await workshop.run('scrub');
    const { exitCode, stdout } = await workshop.run('scrub', '--all');
    expect([exitCode, stdout.split(layer.digest).length - 1]).toEqual([1, 1]);
    expect(stdout).toMatch(/1 damaged, 0 of them mended\. 1 content is left damaged\.\n$/);
    expect((await workshop.run('scrub', '--quarantined')).stdout).toMatch(
      /0 damaged, 0 of them mended\. 1 content is left damaged\.\n$/,
    );
  });

  it('brings content back from a folder with the layout of a backup', async () => {
    await workshop.fill();
    await cp(join(workshop.data, 'blobs'), join(workshop.cwd, 'backup', 'blobs'), { recursive: true });
    await rm(fileOf(layer.digest));
    const { exitCode, lines } = await workshop.lines('scrub', '--repair', '--scrub.backup=backup');
    expect([exitCode, lines]).toMatchObject([
      0,
      [
        {
          kind: 'blob missing',
          digest: layer.digest,
          mended: true,
          from: 'backup',
          hurt: [
            { repository: 'team/app', digest: image.manifest.digest, tag: 'v1' },
            { repository: 'team/app', digest: image.manifest.digest, tag: 'v2' },
          ],
        },
        { kind: 'summary', blobs: 3, damaged: 1, mended: 1, unmended: 0 },
      ],
    ]);
    expect((await workshop.run('verify', '--content')).exitCode).toBe(0);
  });

  it('says what to do where it has nothing to repair from, or a source is not there', async () => {
    await workshop.fill();
    await rm(fileOf(layer.digest));
    const refused = await workshop.run('scrub', '--repair');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/^There is nothing to bring damaged content back from\n.*--scrub\.backup/);
    const { exitCode, stdout } = await workshop.run('scrub', '--repair', '--scrub.backup=nowhere');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`backup: there is no folder ${join(workshop.cwd, 'nowhere')}`);
  });

  it('looks only at what came since a time', async () => {
    await workshop.fill();
    expect((await workshop.lines('scrub', '--since', '2100-01-01')).lines).toMatchObject([{ blobs: 0 }]);
    expect((await workshop.lines('scrub', '--since', '1000d')).lines).toMatchObject([{ blobs: 3 }]);
  });

  it('refuses to read while a server does', async () => {
    await workshop.fill();
    await workshop.live(async (_, { catalog }) => {
      const nowMs = Date.now();
      await catalog.run('takeLease', { name: 'scrub', holder: 'server', nowMs, untilMs: nowMs + 60_000 });
    });
    const { exitCode, stderr } = await workshop.run('scrub');
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^Content is being read already\n/)]);
  });

  it.each([
    ['--rate', 'fast'],
    ['--since', 'yesterday'],
  ])('says what it cannot read: %s %s', async (flag, value) => {
    const { exitCode, stderr } = await workshop.run('scrub', flag, value);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${flag} ${value} is no `)]);
  });
});
