import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseRepositoryName } from '../../pkg/oci/index.ts';
import { DUMP_KINDS, type DumpRow, type DumpRowOf } from './dump-rows.ts';
import { at, digest, freshRepository, manifestArgs, putBlob, SIZE, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog, CatalogSnapshot, DumpScope } from './types.ts';

const HOLDER = 'test';
const [FIRST, SECOND] = [parseRepositoryName('z/first'), parseRepositoryName('a/second')];

const manifest = (what: string, more: Partial<DumpRowOf<'manifest'>> = {}): DumpRowOf<'manifest'> => ({
  kind: 'manifest',
  repository: FIRST,
  digest: digest(what),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  sizeBytes: SIZE,
  pushedMs: 5000,
  artifactType: undefined,
  subject: undefined,
  annotations: undefined,
  blobs: [],
  children: [],
  ...more,
});

const change = (sequence: number | undefined, name: string): DumpRowOf<'change'> => ({
  kind: 'change',
  sequence,
  timeMs: 7000,
  action: 'tag.put',
  repository: FIRST,
  name,
  from: undefined,
  to: digest('image'),
  principal: 'alice',
  address: '192.0.2.7',
  requestId: 'request-1',
  result: 'done',
  detail: undefined,
  hash: undefined,
});

const EVENT: DumpRow = {
  kind: 'change',
  sequence: 10,
  timeMs: 7001,
  action: 'signin',
  repository: undefined,
  name: 'alice',
  from: undefined,
  to: undefined,
  principal: 'anonymous',
  address: '192.0.2.7',
  requestId: 'request-2',
  result: 'denied',
  detail: '{"method":"password"}',
  hash: 'def',
};

const BLOBS: readonly DumpRow[] = ['layer', 'image', 'index', 'other'].map((what) => ({
  kind: 'blob',
  digest: digest(what),
  sizeBytes: SIZE,
  createdMs: 4000,
}));
const IMAGE = manifest('image', {
  artifactType: 'text/a',
  subject: digest('index'),
  annotations: '{"b":"1","a":"2"}',
  blobs: [digest('layer')],
});
const INDEX = manifest('index', { repository: SECOND, children: [digest('absent'), digest('image')].toSorted() });

const PEOPLE: readonly DumpRow[] = [
  {
    kind: 'user',
    name: 'alice',
    password: '$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA',
    email: 'alice@example.com',
    displayName: 'Alice É',
    disabled: 1,
    generation: 4,
    createdMs: 10,
    signedInMs: 20,
  },
  {
    kind: 'user',
    name: 'bob',
    password: undefined,
    email: undefined,
    displayName: undefined,
    disabled: 0,
    generation: 5,
    createdMs: 11,
    signedInMs: undefined,
  },
  { kind: 'group', user: 'bob', source: 'github', name: 'github:acme' },
  { kind: 'group', user: 'bob', source: 'local', name: 'builders' },
  { kind: 'identity', provider: 'github', subject: '4711', user: 'bob' },
  {
    kind: 'profile',
    user: 'bob',
    provider: 'github',
    subject: '4711',
    avatarUrl: undefined,
    organizations: '["acme"]',
    teams: '[]',
  },
  { kind: 'role', name: 'releaser', actions: '["pull","push"]' },
  { kind: 'binding', subject: 'group:builders', role: 'releaser', pattern: 'team/**' },
  { kind: 'binding', subject: 'user:alice', role: 'admin', pattern: '**' },
  {
    kind: 'key',
    name: 'ci',
    hash: 'ab',
    owner: undefined,
    repositories: '["team/*"]',
    actions: '["push"]',
    createdMs: 12,
    expiresMs: 13,
    usedMs: undefined,
  },
  {
    kind: 'key',
    name: 'laptop',
    hash: 'cd',
    owner: 'bob',
    repositories: '[]',
    actions: '[]',
    createdMs: 12,
    expiresMs: undefined,
    usedMs: 14,
  },
  { kind: 'workload', name: 'github', document: '{"issuer":"https://example.com"}', changedMs: 15 },
];

/** One catalog, in the order of a dump: something of each kind. */
export const ROWS: readonly DumpRow[] = [
  { kind: 'repository', name: FIRST },
  { kind: 'repository', name: SECOND },
  ...BLOBS.toSorted((a, b) => ('digest' in a && 'digest' in b && a.digest < b.digest ? -1 : 1)),
  { kind: 'quarantine', digest: digest('layer'), problem: 'wrong content', foundMs: 4003 },
  { kind: 'membership', repository: SECOND, digest: digest('other'), sinceMs: 4001 },
  { kind: 'membership', repository: FIRST, digest: digest('layer'), sinceMs: 4002 },
  INDEX,
  IMAGE,
  { kind: 'facts', repository: FIRST, digest: IMAGE.digest, by: 'door/1', facts: '{"a":1}' },
  { kind: 'tag', repository: SECOND, name: tag('all'), digest: INDEX.digest },
  { kind: 'tag', repository: FIRST, name: tag('V1'), digest: IMAGE.digest },
  { kind: 'tag', repository: FIRST, name: tag('v1'), digest: IMAGE.digest },
  { kind: 'pull', repository: FIRST, digest: IMAGE.digest, pulledMs: 6000 },
  {
    kind: 'deleted',
    repository: SECOND,
    digest: digest('other'),
    mediaType: 'text/gone',
    sizeBytes: SIZE,
    deletedMs: 6001,
  },
  change(8, 'v1'),
  change(9, 'V1'),
  EVENT,
  change(undefined, 'late'),
  { kind: 'seal', first: 8, last: 7, hash: 'begin', timeMs: 1 },
  { kind: 'seal', first: 8, last: 10, hash: 'abc', timeMs: 8000 },
  { kind: 'cursor', name: 'others', sequence: 3 },
  { kind: 'cursor', name: 'records', sequence: 9 },
  ...PEOPLE,
];

async function readRows(snapshot: CatalogSnapshot, scope: DumpScope = 'all'): Promise<readonly DumpRow[]> {
  const rows: DumpRow[] = [];
  for (const kind of DUMP_KINDS) for await (const row of snapshot.read(kind, scope)) rows.push(row);
  return rows;
}

async function dumpOf(catalog: Catalog, scope?: DumpScope): Promise<readonly DumpRow[]> {
  const snapshot = await catalog.snapshot();
  try {
    return await readRows(snapshot, scope);
  } finally {
    await snapshot.close();
  }
}

export function describeRestore(open: OpenCatalog): void {
  let catalog: Catalog;
  beforeEach(async () => void (catalog = await open()));
  afterEach(() => catalog.close());

  async function restore(rows: readonly DumpRow[]): Promise<void> {
    await catalog.run('beginRestore', { holder: HOLDER });
    await catalog.run('restoreRows', { rows });
    await catalog.run('endRestore', { holder: HOLDER, nowMs: 1 });
  }

  describe('a restore', () => {
    it('gives what was dumped, row for row and in its order', async () => {
      await restore(ROWS);
      expect(await dumpOf(catalog)).toEqual(ROWS);
    });

    it('gives the same from rows in any order, and when rows come again', async () => {
      await catalog.run('beginRestore', { holder: HOLDER });
      const sealed = ROWS.filter((row) => row.kind !== 'change' || row.sequence !== undefined);
      const [repositories, others] = [sealed.slice(0, 2), sealed.slice(2)];
      await catalog.run('restoreRows', { rows: [...repositories, ...others.toReversed()] });
      await catalog.run('restoreRows', { rows: others });
      const byNumber = (rows: readonly DumpRow[]) => rows.filter(({ kind }) => kind !== 'change');
      expect(byNumber(await dumpOf(catalog))).toEqual(byNumber(ROWS));
      expect((await dumpOf(catalog)).filter(({ kind }) => kind === 'change')).toHaveLength(3);
    });

    it('makes a catalog that answers like any other', async () => {
      await restore(ROWS);
      const { queries } = catalog;
      expect(await queries.findTag(FIRST, tag('V1'))).toMatchObject({ digest: IMAGE.digest, pushedMs: 5000 });
      expect(await queries.listRepositories({ limit: 10 })).toEqual([SECOND, FIRST]);
      expect(await queries.findBlob(FIRST, digest('layer'))).toEqual({ sizeBytes: SIZE, damage: 'wrong content' });
      expect(await queries.findBlob(SECOND, digest('layer'))).toBeUndefined();
      const [referrer] = await queries.listReferrers(FIRST, INDEX.digest, { limit: 10, artifactType: 'text/a' });
      expect(referrer).toMatchObject({ digest: IMAGE.digest, annotations: { b: '1', a: '2' } });
      const layer = { ...at(), repository: FIRST, digest: digest('layer') };
      expect(await catalog.run('deleteBlob', layer)).toMatchObject({ kind: 'referenced', manifest: IMAGE.digest });
    });

    it('goes on with the numbers of the log', async () => {
      await restore(ROWS);
      expect(await catalog.run('sealChanges', { nowMs: 1, limit: 10 })).toEqual({ sealed: 1, last: 11 });
      expect(await catalog.queries.findCursor('records')).toBe(9);
    });

    it('keeps the order in which repositories came to be', async () => {
      const held = [FIRST, SECOND].map((repository): DumpRow => ({
        kind: 'membership',
        repository,
        digest: digest('other'),
        sinceMs: 1,
      }));
      await restore([...ROWS, ...held]);
      expect(await catalog.queries.listHolders(digest('other'), { limit: 10 })).toEqual([FIRST, SECOND]);
    });

    it('is refused by a catalog that holds anything', async () => {
      await putBlob(catalog, freshRepository(), 'a');
      expect(await catalog.run('beginRestore', { holder: HOLDER })).toEqual({ kind: 'notEmpty' });
      expect(await catalog.queries.findRestore()).toBeUndefined();
    });

    it('is known until its end, goes on where it was begun, and lets no other begin', async () => {
      expect(await catalog.run('beginRestore', { holder: HOLDER })).toEqual({ kind: 'begun' });
      await catalog.run('restoreRows', { rows: ROWS });
      expect(await catalog.queries.findRestore()).toBe(HOLDER);
      expect(await catalog.run('beginRestore', { holder: 'b' })).toEqual({ kind: 'unfinished', holder: HOLDER });
      expect(await catalog.run('beginRestore', { holder: HOLDER })).toEqual({ kind: 'resumed' });
      await catalog.run('restoreRows', { rows: ROWS });
      await catalog.run('endRestore', { holder: HOLDER, nowMs: 1 });
      expect(await catalog.queries.findRestore()).toBeUndefined();
      expect(await dumpOf(catalog)).toEqual(ROWS);
    });

    it('leaves nothing of rows that name what is not there', async () => {
      await catalog.run('beginRestore', { holder: HOLDER });
      const dangling: DumpRow = { kind: 'tag', repository: FIRST, name: tag('v1'), digest: digest('nowhere') };
      await expect(catalog.run('restoreRows', { rows: [...ROWS, dangling] })).rejects.toMatchObject({
        failure: 'broken',
      });
      expect(await dumpOf(catalog)).toEqual([]);
    });

    it('brings people back with what they may do, and is refused where there are any', async () => {
      await restore(PEOPLE);
      const { queries } = catalog;
      expect(await queries.findUser('alice')).toMatchObject({ disabled: true, generation: 4, displayName: 'Alice É' });
      expect(await queries.findUser('bob')).toMatchObject({ groups: ['builders', 'github:acme'] });
      expect((await queries.readPolicy()).bindings).toHaveLength(2);
      expect(await queries.findKey('laptop')).toMatchObject({ owner: 'bob' });
      expect(await catalog.run('beginRestore', { holder: HOLDER })).toEqual({ kind: 'notEmpty' });
    });
  });

  describe('a snapshot', () => {
    it('shows one moment, whatever is written while it is read', async () => {
      await restore(ROWS);
      const snapshot = await catalog.snapshot();
      await putBlob(catalog, freshRepository(), 'later');
      await catalog.run('deleteManifest', { ...at(), repository: FIRST, digest: IMAGE.digest });
      expect(await readRows(snapshot)).toEqual(ROWS);
      await snapshot.close();
      expect((await dumpOf(catalog)).filter(({ kind }) => kind === 'manifest')).toEqual([INDEX]);
    });

    it('can be left in the middle', async () => {
      await restore(ROWS);
      const snapshot = await catalog.snapshot();
      for await (const row of snapshot.read('manifest', 'all')) if (row.digest === INDEX.digest) break;
      expect(await readRows(snapshot)).toEqual(ROWS);
      await snapshot.close();
    });

    it('shows of a logical catalog only what its manifests imply', async () => {
      const repository = freshRepository();
      for (const what of ['layer', 'loose', 'own bytes']) await putBlob(catalog, repository, what);
      const blobs = [{ digest: digest('layer'), sizeBytes: SIZE }];
      await catalog.run('putManifest', manifestArgs(repository, 'own bytes', { blobs }));
      const rows = await dumpOf(catalog, 'logical');
      const digests = (kind: 'blob' | 'membership') =>
        rows.flatMap((row) => (row.kind === kind && 'digest' in row ? [row.digest] : []));
      expect(digests('blob')).toEqual([digest('layer'), digest('own bytes')].toSorted());
      expect(digests('membership')).toEqual([digest('layer')]);
    });
  });

  describe('lists of all that there is', () => {
    beforeEach(() => restore(ROWS));

    it('pages through content by digest, and finds the size of any', async () => {
      const digests = BLOBS.flatMap((row) => ('digest' in row ? [row.digest] : [])).toSorted();
      const first = await catalog.queries.listBlobs({ limit: 3 });
      const rest = await catalog.queries.listBlobs({ after: first.at(-1)?.digest, limit: 3 });
      expect([...first, ...rest]).toEqual(digests.map((each) => ({ digest: each, sizeBytes: SIZE })));
      expect(await catalog.queries.findContent(digest('other'))).toEqual({ sizeBytes: SIZE });
      expect(await catalog.queries.findContent(digest('nowhere'))).toBeUndefined();
    });

    it('tells of a manifest what it names, and what of that the repository does not hold', async () => {
      const unheld = manifest('third', { blobs: [digest('layer'), digest('other')].toSorted() });
      const rows: DumpRow[] = [{ kind: 'blob', digest: unheld.digest, sizeBytes: SIZE, createdMs: 1 }, unheld];
      await catalog.run('restoreRows', { rows });
      const all = [
        { ...IMAGE, unheld: [] },
        { ...unheld, unheld: [digest('other')] },
      ].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
      expect(await catalog.queries.listManifests(FIRST, { limit: 10 })).toEqual(all);
      const [one] = await catalog.queries.listManifests(FIRST, { limit: 1 });
      const after = await catalog.queries.listManifests(FIRST, { after: one?.digest, limit: 10 });
      expect([one, ...after]).toEqual(all);
      expect(await catalog.queries.listManifests(freshRepository(), { limit: 10 })).toEqual([]);
    });
  });
}
