import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openCatalog, type Catalog } from '../../catalog/index.ts';
import { createKeysAdministration } from './keys.ts';

const BY = { principal: 'test', address: '', requestId: '' };
const KEY = { name: 'ci', repositories: ['ops/**'], actions: ['pull'] };

describe('the keys of users of a file', () => {
  let catalog: Catalog;
  const renewed: number[] = [];
  const keys = () =>
    createKeysAdministration({
      catalog,
      clock: () => 7,
      isFileUser: (name) => name === 'alice',
      renew: () => void renewed.push(1),
    });
  beforeEach(async () => {
    const config = { 'catalog.type': 'sqlite', 'catalog.path': undefined } as const;
    catalog = await openCatalog(config, { path: '', durability: 'os', memory: true });
  });
  afterEach(() => catalog.close());

  it('are owned by a name of the catalog that nobody can sign in by', async () => {
    expect(await keys().add(BY, { ...KEY, owner: 'alice' })).toMatch(/^octk_/);
    expect(await keys().get('ci')).toMatchObject({ owner: 'alice' });
    expect(await catalog.queries.findUser('alice')).toMatchObject({ password: undefined, groups: [] });
    await keys().add(BY, { ...KEY, name: 'second', owner: 'alice' });
    expect(await keys().list({ limit: 10 })).toHaveLength(2);
  });

  it('are refused to a name that nobody has', async () => {
    await expect(keys().add(BY, { ...KEY, owner: 'bob' })).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
    expect(await catalog.queries.findUser('bob')).toBeUndefined();
  });
});
