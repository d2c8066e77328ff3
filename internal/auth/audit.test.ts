import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CatalogError, openCatalog, type Catalog } from '../catalog/index.ts';
import type { AuditEvent } from './audit-event.ts';
import { createAudit, type Audit } from './audit.ts';
import { streamAudit } from './audit-stream.ts';

const MINUTE = 60_000;
const by = (principal: string, address = '192.0.2.1') => ({ principal, address, requestId: 'r1' });
const denied = (principal: string, name = 'x', address?: string): AuditEvent => ({
  by: by(principal, address),
  action: 'access.push',
  name,
  result: 'denied',
});

describe('the audit', () => {
  let catalog: Catalog;
  let audit: Audit;
  let errors: string[];
  const clock = { nowMs: 0 };
  beforeEach(async () => {
    clock.nowMs = 100 * MINUTE;
    errors = [];
    catalog = await openCatalog({ 'catalog.type': 'sqlite' } as never, { path: '', durability: 'os', memory: true });
    audit = open(catalog);
  });
  afterEach(async () => {
    await audit.close();
    await catalog.close();
  });
  const open = (to: Pick<Catalog, 'run'>): Audit =>
    createAudit({ catalog: to, clock: () => clock.nowMs, log: { error: (message) => void errors.push(message) } });

  async function entries() {
    await audit.flush();
    const { rows } = await catalog.queries.listAudit({}, { limit: 1000 });
    return rows.toReversed();
  }

  it('puts into the log of changes who signed in, and what was refused to whom', async () => {
    audit.record({ by: by('user:ann'), action: 'signin', name: 'user:ann', detail: { method: 'password' } });
    audit.record(denied('user:bob', 'PUT /v2/a/manifests/v1'));
    expect(await entries()).toMatchObject([
      { action: 'signin', result: 'done', name: 'user:ann', detail: '{"method":"password"}', by: by('user:ann') },
      { action: 'access.push', result: 'denied', name: 'PUT /v2/a/manifests/v1', by: by('user:bob') },
    ]);
  });

  it('lists ten refusals of a principal and action in a minute, and counts the others when it is over', async () => {
    for (let turn = 0; turn < 25; turn += 1) audit.record(denied('user:bob', `try ${turn}`, `192.0.2.${turn % 3}`));
    for (let turn = 0; turn < 3; turn += 1) audit.record(denied('user:ann'));
    expect((await entries()).map(({ name }) => name)).toEqual([
      ...Array.from({ length: 10 }, (_, turn) => `try ${turn}`),
      ...['x', 'x', 'x'],
    ]);
    clock.nowMs += MINUTE;
    expect((await entries()).slice(13)).toMatchObject([
      {
        action: 'access.push',
        result: 'denied',
        name: 'and 15 more',
        by: { principal: 'user:bob' },
        detail: JSON.stringify({ counted: 15, addresses: ['192.0.2.1', '192.0.2.2', '192.0.2.0'] }),
      },
    ]);
    audit.record(denied('user:bob', 'again'));
    expect((await entries()).at(-1)).toMatchObject({ name: 'again' });
  });

  it('never counts what was done', async () => {
    for (let turn = 0; turn < 25; turn += 1) audit.record({ by: by('user:ann'), action: 'signin', name: 'user:ann' });
    expect(await entries()).toHaveLength(25);
  });

  it('keeps apart strangers by their addresses, and stays small whatever their number', async () => {
    for (let turn = 0; turn < 5000; turn += 1)
      audit.record(denied('anonymous', 'x', `10.0.${turn >> 8}.${turn % 256}`));
    clock.nowMs += MINUTE;
    const found = await entries();
    expect(found).toHaveLength(257);
    expect(found.at(-1)).toMatchObject({ name: 'and 4744 more', by: { principal: 'anonymous' } });
  });

  it('tells what it has counted when it is closed', async () => {
    for (let turn = 0; turn < 12; turn += 1) audit.record(denied('user:bob'));
    await audit.close();
    expect((await entries()).at(-1)).toMatchObject({ name: 'and 2 more' });
  });

  it("keeps clients' texts short, and free of what cannot be stored or passes for something else", async () => {
    audit.record({
      by: by('a\u0000b\u001b[31m'),
      action: 'signin',
      name: `\ud800${'x'.repeat(5000)}`,
      detail: { why: 'a\nb' },
    });
    const [entry] = await entries();
    expect(entry?.by.principal).toBe('a\ufffdb\ufffd[31m');
    expect(entry?.name).toBe(`\ufffd${'x'.repeat(299)}…`);
    expect(entry?.detail).toBe('{"why":"a\ufffdb"}');
  });

  it('waits for a catalog that is away, drops beyond what it keeps, and says how much', async () => {
    let isAway = true;
    const flaky: Pick<Catalog, 'run'> = {
      run: (name, args) => (isAway ? Promise.reject(new CatalogError('busy', 'away')) : catalog.run(name, args)),
    };
    await audit.close();
    audit = open(flaky);
    for (let turn = 0; turn < 10_007; turn += 1)
      audit.record({ by: by('user:ann'), action: 'signin', name: `${turn}` });
    await audit.flush();
    isAway = false;
    await audit.flush();
    const { rows } = await catalog.queries.listAudit({}, { limit: 20_000 });
    expect([rows.length, rows[0]?.name]).toEqual([5000, '9999']);
    expect(errors).toEqual(['Entries of the audit were dropped']);
  });

  it('gives up what the catalog will never take, and goes on', async () => {
    let calls = 0;
    const broken: Pick<Catalog, 'run'> = {
      run: (name, args) => (++calls === 1 ? Promise.reject(new CatalogError('broken', 'no')) : catalog.run(name, args)),
    };
    await audit.close();
    audit = open(broken);
    audit.record(denied('user:ann', 'first'));
    await audit.flush();
    audit.record(denied('user:ann', 'second'));
    expect((await entries()).map(({ name }) => name)).toEqual(['second']);
    expect(errors).toEqual(['Entries of the audit could not be written']);
  });

  describe('as a stream of log records', () => {
    const told: { message: string; fields: unknown }[] = [];
    const log = { info: (message: string, fields?: unknown) => void told.push({ message, fields }) };
    const seal = () => catalog.run('sealChanges', { nowMs: 1, limit: 1000 });
    beforeEach(() => void told.splice(0));

    it('has each sealed entry once, in order', async () => {
      audit.record({ by: by('user:ann'), action: 'signin', name: 'user:ann', detail: { method: 'password' } });
      audit.record(denied('user:bob'));
      await audit.flush();
      await streamAudit({ catalog, log });
      expect(told).toEqual([]);
      await seal();
      await streamAudit({ catalog, log });
      await streamAudit({ catalog, log });
      expect(told.map(({ fields }) => fields)).toMatchObject([
        { sequence: 1, action: 'signin', result: 'done', principal: 'user:ann', detail: '{"method":"password"}' },
        { sequence: 2, action: 'access.push', result: 'denied', principal: 'user:bob', remote_addr: '192.0.2.1' },
      ]);
      expect(told[0]?.message).toBe('Audit');
    });

    it('goes on where another process stopped', async () => {
      for (let turn = 0; turn < 3; turn += 1) audit.record({ by: by('user:ann'), action: 'signin', name: `${turn}` });
      await audit.flush();
      await seal();
      await catalog.run('moveCursor', { name: 'audit-log', sequence: 2 });
      await streamAudit({ catalog, log });
      expect(told.map(({ fields }) => fields)).toMatchObject([{ sequence: 3 }]);
    });
  });
});
