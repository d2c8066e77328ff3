import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Catalog } from '../catalog/index.ts';
import { openArtifactRig, publish, repository, tag, type ArtifactRig } from './fixtures.suite.ts';

/** What was asked of the catalog, in order. */
const asked: string[] = [];

const listen = (catalog: Catalog): Catalog => ({
  ...catalog,
  run: (name, args) => {
    asked.push(name);
    return catalog.run(name, args);
  },
  queries: new Proxy(catalog.queries, {
    get: (queries, name, self) => {
      asked.push(String(name));
      return Reflect.get(queries, name, self) as unknown;
    },
  }),
});

let rig: ArtifactRig;
beforeEach(async () => void (rig = await openArtifactRig({ wrapCatalog: listen })));
afterEach(() => rig.close());

const OPS = 'tools/ops/hello';

async function askedFor(act: () => Promise<unknown>): Promise<readonly string[]> {
  asked.length = 0;
  await act();
  return [...asked];
}

describe('the catalog is asked', () => {
  it('the same for the four-hundredth version as for the second', async () => {
    const costOf = (index: number) => askedFor(() => publish(rig, `${OPS}:1.0.${index}`, `version ${index}`));
    await costOf(0);
    const second = await costOf(1);
    for (let index = 2; index < 400; index += 1) await costOf(index);
    expect(await costOf(400)).toEqual(second);
    expect(second.filter((name) => name === 'putManifest')).toHaveLength(1);
  });

  it('once for a version, once for a page of them, once for a generation', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `tools/ops/p${index % 4}:1.0.${index}`);
    for (const name of names) await publish(rig, name, name);
    const [ops, package0] = [repository('tools/ops'), repository('tools/ops/p0')];
    const { artifacts } = rig;
    expect(await askedFor(() => artifacts.find(package0, tag('1.0.0')))).toEqual(['findArtifact']);
    expect(await askedFor(() => artifacts.list(package0, { limit: 99 }))).toEqual(['listArtifacts']);
    expect(await askedFor(() => artifacts.listBelow(ops, { limit: 99 }))).toEqual(['listArtifactsBelow']);
    expect(await askedFor(() => artifacts.generation('tools/ops'))).toEqual(['findGeneration']);
    expect(await askedFor(() => artifacts.repositories(ops, { limit: 99 }))).toEqual(['listDescribed']);
  });
});
