import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashBatch, hashChange, openCatalog, toHashed, type Catalog } from '../catalog/index.ts';
import { verifyAudit, type AuditFault } from './audit-verify.ts';

const by = { principal: 'user:ann', address: '192.0.2.1', requestId: 'r1' };

describe('the audit of the sealed chain', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  let path: string;
  let catalog: Catalog;
  beforeEach(async () => {
    path = join(folder, `${++files}.db`);
    catalog = await openCatalog({ 'catalog.type': 'sqlite', 'catalog.path': path }, { path, durability: 'os' });
  });
  afterEach(() => catalog.close());

  const signIns = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ by, nowMs: from + i, action: 'signin', name: `${from + i}` }) as const);

  /** Entries 1 to 10 in batches of 4, 4 and 2, and three that are not sealed. */
  async function live(): Promise<void> {
    await catalog.run('recordEvents', { events: signIns(1, 10) });
    for (const limit of [4, 4, 4]) await catalog.run('sealChanges', { nowMs: 1, limit });
    await catalog.run('recordEvents', { events: signIns(11, 3) });
  }

  /** As somebody with the database in their hands. */
  function tamper(...statements: readonly string[]): void {
    const database = new DatabaseSync(path);
    for (const statement of statements) database.exec(statement);
    database.close();
  }

  it('finds nothing wrong with what nobody touched, and says what is not sealed and what it adds up to', async () => {
    await live();
    const [seal] = (await catalog.queries.listSeals({ limit: 10 })).slice(-1);
    expect(await verifyAudit({ catalog })).toEqual({
      first: 1,
      verified: 10,
      hash: seal?.hash,
      unsealed: 3,
      fault: undefined,
    });
  });

  it('has nothing to say of an empty log', async () => {
    expect(await verifyAudit({ catalog })).toEqual({ first: 1, verified: 0, hash: '', unsealed: 0, fault: undefined });
  });

  it.each<readonly [string, number, AuditFault]>([
    ["update changes set name = 'x' where sequence = 6", 4, { kind: 'altered', sequence: 6 }],
    ["update changes set principal = 'user:eve' where sequence = 1", 0, { kind: 'altered', sequence: 1 }],
    ["update changes set result = 'failed' where sequence = 10", 8, { kind: 'altered', sequence: 10 }],
    ["update changes set detail = '{}' where sequence = 3", 0, { kind: 'altered', sequence: 3 }],
    ['update changes set time_ms = 0 where sequence in (7, 9)', 4, { kind: 'altered', sequence: 7 }],
    ['update changes set hash = null, time_ms = 0 where sequence = 5', 4, { kind: 'altered among', first: 5, last: 8 }],
    ["update seals set hash = 'x' where last_sequence = 8", 4, { kind: 'altered among', first: 5, last: 8 }],
    ['delete from changes where sequence = 6', 4, { kind: 'removed', sequence: 6 }],
    ['delete from changes where sequence = 8', 4, { kind: 'removed', sequence: 8 }],
    ['delete from changes where sequence < 3', 0, { kind: 'removed', sequence: 1 }],
    ['update changes set sequence = 100 where sequence = 2', 0, { kind: 'removed', sequence: 2 }],
    ['delete from seals where last_sequence = 8', 4, { kind: 'seal removed', sequence: 5 }],
    ['delete from seals where last_sequence = 10', 8, { kind: 'seal removed', sequence: 9 }],
    ['delete from seals', 0, { kind: 'seal removed', sequence: 1 }],
  ])('finds the first entry after: %s', async (statement, verified, fault) => {
    await live();
    tamper(statement);
    expect(await verifyAudit({ catalog })).toMatchObject({ verified, fault });
  });

  it('finds an entry that was altered with its own hash', async () => {
    await live();
    const [row] = await catalog.queries.listChanges({ after: 1, limit: 1 });
    const hash = hashChange(toHashed({ ...row!, name: 'forged' }));
    await new Promise(setImmediate); // queries of one turn see one moment
    tamper(`update changes set name = 'forged', hash = '${hash}' where sequence = 2`);
    expect(await verifyAudit({ catalog })).toMatchObject({ fault: { kind: 'altered among', first: 1, last: 4 } });
  });

  it('finds that the end was cut off, where somebody has seen it', async () => {
    await live();
    await catalog.run('moveCursor', { name: 'audit-log', sequence: 10 });
    tamper('delete from changes where sequence > 8', 'delete from seals where last_sequence > 8');
    expect(await verifyAudit({ catalog })).toMatchObject({ verified: 8, fault: { kind: 'removed', sequence: 9 } });
  });

  it('walks a log of any length in pages', async () => {
    await catalog.run('recordEvents', { events: signIns(1, 2500) });
    await catalog.run('sealChanges', { nowMs: 1, limit: 2500 });
    const pages: number[] = [];
    const report = await verifyAudit({ catalog, onProgress: (entries) => void pages.push(entries) });
    expect([report.verified, pages]).toEqual([2500, [1000, 1000, 500]]);
  });

  it('begins where a rebuild went on with the numbers', async () => {
    const seal = { kind: 'seal', first: 8, last: 7, hash: hashBatch('', []), timeMs: 1 } as const;
    await catalog.run('restoreRows', { rows: [seal] });
    await catalog.run('recordEvents', { events: signIns(1, 2) });
    await catalog.run('sealChanges', { nowMs: 1, limit: 10 });
    expect(await verifyAudit({ catalog })).toMatchObject({ first: 8, verified: 9, fault: undefined });
  });

  it('holds beside a sealer', async () => {
    await live();
    const { queries } = catalog;
    const busy = {
      ...queries,
      listSeals: async (page: { after?: number | undefined; limit: number }) => {
        await catalog.run('recordEvents', { events: page.after === 0 ? signIns(20, 5) : [] });
        await catalog.run('sealChanges', { nowMs: 1, limit: 3 });
        return queries.listSeals(page);
      },
    };
    expect(await verifyAudit({ catalog: { queries: busy } })).toMatchObject({ verified: 18, fault: undefined });
  });
});
