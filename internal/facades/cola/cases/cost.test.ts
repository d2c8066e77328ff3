import { describe, expect, it } from '@jest/globals';
import type { Catalog } from '../../../catalog/index.ts';
import { HEX, useRig } from './rig.suite.ts';

/** Counts what the catalog is asked for, by name. */
function countCalls(catalog: Catalog): () => Readonly<Record<string, number>> {
  const before = { ...catalog, queries: { ...catalog.queries } };
  let counts: Record<string, number> = {};
  const count = (name: string): void => void (counts[name] = (counts[name] ?? 0) + 1);
  const counted = Object.entries(before.queries).map(([name, query]) => [
    name,
    (...args: unknown[]) => {
      count(name);
      return (query as (...given: unknown[]) => unknown)(...args);
    },
  ]);
  Object.assign(catalog.queries, Object.fromEntries(counted));
  Object.assign(catalog, {
    run: (...args: Parameters<Catalog['run']>) => {
      count(args[0]);
      return before.run(...args);
    },
  });
  return () => {
    const told = counts;
    counts = {};
    return told;
  };
}

describe('COLA: what requests cost', () => {
  const used = useRig();

  it('case 56: publishing asks the catalog for as much, however many versions there are', async () => {
    await used.rig.makePackage('tool');
    const { catalog } = used.rig.server.built;
    for (let patch = 0; patch < 2; patch += 1) await used.rig.publish('tool', `1.0.${patch}`);
    const take = countCalls(catalog);
    await used.rig.publish('tool', '1.0.2');
    const early = take();
    for (let patch = 3; patch < 120; patch += 1) await used.rig.publish('tool', `1.0.${patch}`);
    take();
    expect((await used.rig.publish('tool', '1.1.0')).body).toMatchObject({ version: '1.1.0', checksum: HEX });
    expect(take()).toEqual(early);
  });

  it('an index that is known asks for its generation and nothing else', async () => {
    await used.rig.makePackage('tool');
    await used.rig.publish('tool', '1.0.0');
    const { catalog } = used.rig.server.built;
    const get = () => used.rig.stranger.get('/api/v1/registry/ops/index.json');
    const { headers } = await get().expect(200);
    const take = countCalls(catalog);
    await get().expect(200);
    await get().set('if-none-match', String(headers['etag'])).expect(304);
    expect(take()).toEqual({ findGeneration: 2 });
  });
});
