import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RepositoryName } from '../../pkg/oci/index.ts';
import { at, digest, freshRepository, manifestArgs, SIZE, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

export function describeReferrers(open: OpenCatalog): void {
  describe('referrers', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    const refer = (repository: RepositoryName, what: string, artifactType?: string, annotations = {}) =>
      catalog.run(
        'putManifest',
        manifestArgs(repository, what, { subject: digest('subject'), artifactType, annotations, tags: [tag('t')] }),
      );

    it('lists a manifest under its subject, which need not be here', async () => {
      const repository = freshRepository();
      await refer(repository, 'sbom', 'application/spdx+json', { 'org.example.k': 'ä "v"' });
      expect(await catalog.queries.listReferrers(repository, digest('subject'), { limit: 10 })).toEqual([
        {
          digest: digest('sbom'),
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          sizeBytes: SIZE,
          artifactType: 'application/spdx+json',
          annotations: { 'org.example.k': 'ä "v"' },
        },
      ]);
    });

    it('lists nothing for another subject, another repository or one that never was', async () => {
      const repository = freshRepository();
      await refer(repository, 'signature');
      expect(await catalog.queries.listReferrers(repository, digest('other'), { limit: 10 })).toEqual([]);
      expect(await catalog.queries.listReferrers(freshRepository(), digest('subject'), { limit: 10 })).toEqual([]);
    });

    it('gives each referrer once and by digest, at every size of page, filtered and not', async () => {
      const repository = freshRepository();
      const whats = Array.from({ length: 9 }, (_, i) => `referrer ${i}`);
      for (const [i, what] of whats.entries()) await refer(repository, what, i % 3 === 0 ? 'type/a' : 'type/b');
      const some = whats.filter((_, i) => i % 3 === 0);
      for (const [artifactType, expected] of [
        [undefined, whats],
        ['type/a', some],
      ] as const) {
        for (let limit = 1; limit <= 10; limit += 1) {
          const found: string[] = [];
          const next = () =>
            catalog.queries.listReferrers(repository, digest('subject'), { after: found.at(-1), limit, artifactType });
          for (let page; (page = await next()).length > 0;) found.push(...page.map((each) => each.digest));
          expect(found).toEqual(expected.map(digest).toSorted());
        }
      }
    });

    it.each(["x' or '1'='1", '%', '', '\u0000'])('takes any text as the type asked for: %j', async (artifactType) => {
      const repository = freshRepository();
      await refer(repository, 'plain', 'type/a');
      const page = { limit: 10, artifactType };
      expect(await catalog.queries.listReferrers(repository, digest('subject'), page)).toEqual([]);
    });

    it('gives no more at once than 4 MiB of annotations, and one in any case', async () => {
      const repository = freshRepository();
      const text = 'x'.repeat(1.5 * 1024 * 1024);
      for (const what of ['one', 'two', 'three']) await refer(repository, what, 'type/a', { text });
      await refer(repository, 'huge', 'type/b', { text: text.repeat(3) });
      const list = async (artifactType: string, after?: string) =>
        (await catalog.queries.listReferrers(repository, digest('subject'), { limit: 10, artifactType, after })).map(
          (row) => row.digest,
        );
      const first = await list('type/a');
      expect(first).toHaveLength(2);
      expect([...first, ...(await list('type/a', first.at(-1)))]).toEqual(
        ['one', 'two', 'three'].map((what) => digest(what)).toSorted(),
      );
      expect(await list('type/b')).toEqual([digest('huge')]);
    });

    it('no longer lists a deleted one', async () => {
      const repository = freshRepository();
      await refer(repository, 'deleted');
      await catalog.run('deleteManifest', { ...at(), repository, digest: digest('deleted') });
      expect(await catalog.queries.listReferrers(repository, digest('subject'), { limit: 10 })).toEqual([]);
    });
  });
}
