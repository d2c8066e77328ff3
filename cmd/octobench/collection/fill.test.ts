import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openCatalog } from '../../../internal/catalog/index.ts';
import { openTempFolder, type TempFolder } from '../../../internal/testing/temp-folder.ts';
import { encodedOf, type Digest } from '../../../pkg/oci/index.ts';
import { fillStores } from './fill.ts';
import { usingStores } from './stores.ts';

const MANIFESTS = 4;
/** A manifest's own bytes, and its four layers. */
const BLOBS_EACH = 5;

let folder: TempFolder;
beforeEach(async () => {
  folder = await openTempFolder('octobench-fill');
});
afterEach(() => folder.remove());

const fileOf = (digest: Digest): string => {
  const hex = encodedOf(digest);
  return join(folder.path, 'blobs/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
};

it('leaves half of the manifests to be pulled, and all that the other half had to be collected', async () => {
  const fill = () =>
    usingStores({ folder: folder.path }, (stores) =>
      fillStores({ stores, manifests: MANIFESTS, withFiles: true, onStep: () => undefined }),
    );
  const pullable = await fill();
  expect(pullable).toHaveLength(MANIFESTS / 2);

  const settings = { 'catalog.type': 'sqlite', 'catalog.path': undefined } as const;
  const catalog = await openCatalog(settings, { path: join(folder.path, 'catalog.db'), durability: 'os' });
  const candidates = await catalog.queries.listCandidates({ after: undefined, untilMs: Date.now(), limit: 100 });
  const found = await Promise.all(
    pullable.map(({ repository, digest }) => catalog.queries.findManifest(repository, digest)),
  );
  await catalog.close();

  const garbage = candidates.filter(({ isReferenced }) => !isReferenced).map(({ digest }) => digest);
  expect(garbage).toHaveLength((MANIFESTS / 2) * BLOBS_EACH);
  expect(found.every((row) => row !== undefined)).toBe(true);
  expect([...garbage, ...pullable.map(({ digest }) => digest)].filter((digest) => !existsSync(fileOf(digest)))).toEqual(
    [],
  );
  await expect(fill()).rejects.toThrow('not empty');
});
