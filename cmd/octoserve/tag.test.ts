import { beforeEach, describe, expect, it } from '@jest/globals';
import { BY, byDigest, byTag, pushImage, repository, type Rig } from '../../internal/registry/fixtures.suite.ts';
import { createSamples } from '../../internal/testing/images.ts';
import { useWorkshop } from './fixtures.suite.ts';

const samples = createSamples('tag commands');
const [ONE, TWO] = [samples.image(), samples.image()];
const [OLD, NEW] = [ONE.manifest.digest, TWO.manifest.digest];

describe('octoserve tag', () => {
  const workshop = useWorkshop(async ({ registry }) => {
    await pushImage({ registry } as Rig, 'team/app', ONE, 'main');
    await pushImage({ registry } as Rig, 'team/app', TWO, 'main');
    await registry.manifests.delete(BY, repository('team/app'), byDigest(OLD));
  });
  beforeEach(() => workshop.fill());
  const pulled = async (): Promise<string> => {
    let digest = '';
    await workshop.live(async ({ registry }) => {
      digest = (await registry.manifests.get(repository('team/app'), byTag('main'))).digest;
    });
    return digest;
  };

  it('history lists what a tag was, newest first', async () => {
    const { lines } = await workshop.lines('tag', 'history', 'team/app:main');
    expect(lines).toMatchObject([{ from: OLD, to: NEW, principal: 'anonymous' }, { to: OLD }]);
  });

  it('resolve says what it was then, and warns of what is gone', async () => {
    const [, first] = (await workshop.lines('tag', 'history', 'team/app:main')).lines as {
      time: string;
    }[];
    const then = await workshop.run('tag', 'resolve', 'team/app:main', '--at', first!.time);
    expect(then).toMatchObject({ exitCode: 0, stdout: `team/app@${OLD}\n` });
    expect(then.stderr).toContain(`tag restore team/app@${OLD}`);
    expect((await workshop.run('tag', 'resolve', 'team/app:main')).stdout).toBe(`team/app@${NEW}\n`);
    expect((await workshop.run('tag', 'resolve', 'team/app:main', '--at', '2001-01-01')).exitCode).toBe(1);
  });

  it('rollback points it at what it was before, and forth again', async () => {
    const back = await workshop.run('tag', 'rollback', 'team/app:main');
    expect(back).toMatchObject({ exitCode: 0, stdout: `team/app:main points at ${OLD}\n` });
    expect(await pulled()).toBe(OLD);
    await workshop.run('tag', 'rollback', 'team/app:main', '--to', NEW);
    expect(await pulled()).toBe(NEW);
    const fixed = await workshop.run('tag', 'rollback', 'team/app:main', '--registry.immutable_tags=main');
    expect(fixed.exitCode).toBe(1);
    expect(fixed.stderr).toContain('the tag is immutable');
    expect(await pulled()).toBe(NEW);
  });

  it('restore brings a manifest back, with tags', async () => {
    expect((await workshop.run('tag', 'restore', `team/app@${OLD}`, '--tags', 'main,old')).exitCode).toBe(0);
    expect(await pulled()).toBe(OLD);
    expect((await workshop.run('tag', 'restore', `team/other@${OLD}`)).exitCode).toBe(1);
  });

  it.each([
    ['history', 'team/app'],
    ['rollback', 'Team/app:v1'],
    ['restore', 'team/app:v1'],
  ])('%s takes no %s', async (command, name) => {
    expect((await workshop.run('tag', command, name)).exitCode).toBe(2);
  });
});
