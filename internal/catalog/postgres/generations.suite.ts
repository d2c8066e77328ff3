import { describe, expect, it } from '@jest/globals';
import { digest, freshRepository, manifestArgs, tag } from '../fixtures.suite.ts';
import { call, type Stage } from './race.suite.ts';

/** What whoever reads beside a change may rely on. */
export function describeGenerations(stage: Stage): void {
  describe('a generation', () => {
    it('is not seen before the change, nor the change before it', async () => {
      const { catalog, track } = stage;
      const [repository, key] = [freshRepository(), 'seen with its change'];
      const guards = { fixed: [], kept: [], raises: { key, without: [] } };
      const put = (what: string, name: string) => manifestArgs(repository, what, { tags: [tag(name)], guards });
      await catalog.run('putManifest', put('one', '1'));
      const look = async () => {
        const isThere = (await catalog.queries.findTag(repository, tag('2'))) !== undefined;
        return { isThere, generation: (await catalog.queries.findGeneration(key))?.generation };
      };
      const commit = await track.stopAtCommit(call('putManifest', put('two', '2')));
      expect(await look()).toEqual({ isThere: false, generation: 1000 });
      await commit();
      expect(await look()).toEqual({ isThere: true, generation: 1001 });
      expect((await catalog.queries.findTag(repository, tag('2')))?.digest).toBe(digest('two'));
    });
  });
}
