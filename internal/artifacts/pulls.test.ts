import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseDigest, type Digest, type RepositoryName } from '../../pkg/oci/index.ts';
import { openArtifactRig, publish, repository, tag, type ArtifactRig } from './fixtures.suite.ts';
import { NO_CONFIG } from './manifest.ts';

const NAME = repository('tools/ops/hello');

describe('a file that is fetched without its manifest', () => {
  let rig: ArtifactRig;
  beforeEach(async () => void (rig = await openArtifactRig()));
  afterEach(() => rig.close());

  const pulled = async (name: RepositoryName = NAME): Promise<readonly Digest[]> => {
    await rig.registry.chores.flushPulls();
    const times = await rig.catalog.queries.listManifestTimes(name, { limit: 9 });
    return times.filter(({ pulledMs }) => pulledMs !== undefined).map(({ digest }) => digest);
  };
  const manifestOf = async (version: string): Promise<Digest> =>
    parseDigest((await rig.artifacts.find(NAME, tag(version)))?.digest ?? '');
  const fetchFile = async (name: RepositoryName, text: string | Uint8Array): Promise<void> => {
    const opened = await rig.registry.blobs.open(name, digestOf(Buffer.from(text)));
    if (opened.kind === 'stream') await opened.content.close();
  };

  it('is a pull of the version that it is of, and of no other', async () => {
    await publish(rig, `${NAME}:1.0.0`, 'one');
    await publish(rig, `${NAME}:2.0.0`, 'two');
    await fetchFile(NAME, 'two');
    expect(await pulled()).toEqual([await manifestOf('2.0.0')]);
    const opened = await rig.artifacts.open(NAME, digestOf(Buffer.from('one')));
    if (opened.kind === 'stream') await opened.content.close();
    expect(await pulled()).toHaveLength(2);
  });

  it('tells nothing where it is the config that all artifacts have, or no door owns the repository', async () => {
    await publish(rig, `${NAME}:1.0.0`, 'one');
    await fetchFile(NAME, NO_CONFIG);
    expect(await pulled()).toEqual([]);
    const other = repository('team/app');
    await publish(rig, `${other}:1.0.0`, 'one');
    await fetchFile(other, 'one');
    expect(await pulled(other)).toEqual([]);
  });
});
