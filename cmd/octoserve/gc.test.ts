import { describe, expect, it, jest } from '@jest/globals';
import { BY, byDigest, pushBlob, pushImage, repository, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { createSamples, type SampleImage } from '../../internal/testing/images.ts';
import { useWorkshop } from './fixtures.suite.ts';

jest.setTimeout(60_000); // each command opens and closes its stores, and there are several in a test

const samples = createSamples('cmd gc');
const [kept, gone] = [samples.image({ layers: 1 }), samples.image({ layers: 1 })];
const uploaded = samples.blob();
const workshop = useWorkshop(async (rig) => {
  await pushImage(rig as Rig, 'team/app', kept, 'v1');
  await pushImage(rig as Rig, 'team/app', gone);
  await rig.registry.manifests.delete(BY, repository('team/app'), byDigest(gone.manifest.digest));
  await pushBlob(rig as Rig, 'team/tool', uploaded);
});
const partsOf = ({ manifest, blobs }: SampleImage) => [manifest, ...blobs];
const GARBAGE = partsOf(gone);
const BYTES = GARBAGE.reduce((sum, { size }) => sum + size, 0);

describe('octoserve gc', () => {
  it('deletes nothing before its time, and what is garbage when the delay is waived', async () => {
    await workshop.fill();
    expect(await workshop.run('gc')).toEqual({
      exitCode: 0,
      stdout: 'Garbage collection completed: 0 blobs deleted, 0 manifests deleted, 0 bytes freed\n',
      stderr: '',
    });
    expect((await workshop.run('gc', '--grace', '0')).stdout).toBe(
      `Garbage collection completed: 3 blobs deleted, 0 manifests deleted, ${BYTES} bytes freed\n`,
    );
    expect((await workshop.run('verify', '--content')).exitCode).toBe(0);
    expect((await workshop.run('gc', 'explain', GARBAGE[0]!.digest)).exitCode).toBe(1);
  });

  it('lists with --dry-run what would go, and leaves it', async () => {
    await workshop.fill();
    const dry = ['gc', '--dry-run', '--grace=0'];
    const { exitCode, lines } = await workshop.lines(...dry);
    expect(exitCode).toBe(0);
    expect(lines.slice(0, -1)).toEqual(
      expect.arrayContaining(
        GARBAGE.map(({ digest, size }) => ({
          kind: 'garbage',
          digest,
          sizeBytes: size,
          repository: 'team/app',
          since: expect.any(String),
        })),
      ),
    );
    expect(lines.at(-1)).toMatchObject({ success: true, metrics: { reclaimable_bytes: BYTES, blobs_deleted: 0 } });
    const { stdout } = await workshop.run(...dry);
    expect(stdout.split('\n')).toHaveLength(GARBAGE.length + 2);
    expect(stdout).toContain(`of team/app, unreferenced since`);
  });

  it('keeps to the repositories that are named', async () => {
    await workshop.fill();
    const { lines } = await workshop.lines('gc', '--grace=0', '--repositories=team/tool,other');
    expect(lines).toMatchObject([{ metrics: { blobs_deleted: 0 } }]);
  });

  it('finds content that no row knows with --orphans', async () => {
    await workshop.fill();
    const orphan = samples.blob();
    await workshop.live(async (_, { storage }) => storage.blobs.put(orphan.digest, orphan.bytes));
    const { lines } = await workshop.lines('gc', '--grace=0', '--orphans');
    expect(lines).toMatchObject([{ metrics: { blobs_deleted: GARBAGE.length + 1 } }]);
  });

  it('refuses to run while a server collects', async () => {
    await workshop.fill();
    await workshop.live(async (_, { catalog }) => {
      const nowMs = Date.now();
      await catalog.run('takeLease', { name: 'gc', holder: 'server', nowMs, untilMs: nowMs + 60_000 });
    });
    const { exitCode, stderr } = await workshop.run('gc');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Garbage is being collected already\n/);
    expect(await workshop.run('gc', '--dry-run')).toMatchObject({ exitCode: 0 });
  });

  it.each([['--grace=soon'], ['--repositories=A'], ['--dry'], ['explain', 'sha256:short']])(
    'refuses %s %s, exit 2',
    async (...argv) => {
      await workshop.fill();
      expect(await workshop.run('gc', ...argv)).toMatchObject({ exitCode: 2, stdout: '' });
    },
  );
});

describe('octoserve gc explain', () => {
  const explain = async (digest: string): Promise<string> => (await workshop.run('gc', 'explain', digest)).stdout;

  it('names what keeps content, or says when it goes', async () => {
    await workshop.fill();
    const { manifest, blobs } = kept;
    expect(await explain(blobs[0]!.digest)).toContain(`is kept by team/app@${manifest.digest}, tagged v1\n`);
    expect(await explain(manifest.digest)).toContain('is a manifest of team/app, tagged v1\n');
    expect(await explain(GARBAGE[0]!.digest)).toMatch(/ has been without a reference since .*, and goes after /);
    expect(await explain(uploaded.digest)).toMatch(/ is kept for clients of team\/tool until .*\n.* goes after /);
    expect(await explain(samples.blob().digest)).toContain('is not known\n');
  });

  it('says so to programs too', async () => {
    await workshop.fill();
    const { exitCode, stdout } = await workshop.run('gc', 'explain', uploaded.digest, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ digest: uploaded.digest, sizeBytes: uploaded.size, kind: 'leased' });
  });
});
