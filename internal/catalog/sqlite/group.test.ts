import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, digest, freshRepository, manifestArgs, SIZE, tag } from '../fixtures.suite.ts';
import { QUERIES } from '../queries/table.ts';
import { drive } from '../step.ts';
import type { CommandArgs } from '../types.ts';
import type { Connection } from './connection.ts';
import { isDurable, runGroup, type Call } from './group.ts';
import { insist } from './insist.ts';
import { openMemory, openWriter } from './open.ts';

const patience = { pause: () => undefined, random: () => 0.5 };
const repository = freshRepository();
const finish = (what: string): Call => ({
  name: 'finishUpload',
  args: { ...at(), repository, digest: digest(what), sizeBytes: SIZE } satisfies CommandArgs<'finishUpload'>,
});
/** A command that writes and then comes upon a bug: the manifest's foreign digests are no list. */
const broken = (what: string): Call => ({
  name: 'putManifest',
  args: { ...manifestArgs(repository, what, { tags: [tag('v1')] }), foreign: 7 },
});
const done = (value: unknown) => ({ kind: 'done', value });
const failed = (failure: string) => ({ kind: 'failed', error: expect.objectContaining({ failure }) });

describe('a group of commands', () => {
  let connection: Connection;
  beforeEach(() => void (connection = openMemory()));
  afterEach(() => connection.close());

  const runAll = (...calls: Call[]) => runGroup(connection, calls, () => connection.exec('begin'));
  const holds = (what: string) => drive(QUERIES.findBlob(repository, digest(what)), connection.execute) !== undefined;

  it('is committed as one', () => {
    expect(runAll(finish('a'), finish('b'))).toEqual([done({ kind: 'finished' }), done({ kind: 'finished' })]);
    expect(connection.inTransaction()).toBe(false);
    expect([holds('a'), holds('b')]).toEqual([true, true]);
  });

  it('loses only what the command that fails did itself', () => {
    const outcomes = runAll(finish('a'), broken('image'), finish('b'));
    expect(outcomes).toEqual([done({ kind: 'finished' }), failed('broken'), done({ kind: 'finished' })]);
    expect([holds('a'), holds('b')]).toEqual([true, true]);
    expect(drive(QUERIES.findManifest(repository, digest('image')), connection.execute)).toBeUndefined();
    expect(drive(QUERIES.listTags(repository, { limit: 9 }), connection.execute)).toEqual([]);
  });

  it('says what the bug in a command was', () => {
    const [outcome] = runAll(broken('image'));
    expect(outcome).toMatchObject({ error: { message: expect.stringContaining('is not a function') } });
  });

  it('fails as a whole where its transaction cannot begin or be committed', () => {
    const refuse = () => {
      throw new Error('no');
    };
    expect(runGroup(connection, [finish('a'), finish('b')], refuse)).toEqual([failed('broken'), failed('broken')]);
    const faulty = { ...connection, exec: (sql: string) => (sql === 'commit' ? refuse() : connection.exec(sql)) };
    expect(runGroup(faulty, [finish('a'), finish('b')], () => faulty.exec('begin'))).toEqual([
      failed('broken'),
      failed('broken'),
    ]);
    expect(connection.inTransaction()).toBe(false);
    expect([holds('a'), holds('b')]).toEqual([false, false]);
  });

  it('fails as a whole where SQLite gave the transaction up in the middle', () => {
    const lossy: Connection = {
      ...connection,
      execute: (step) => {
        if (step.params['digest'] === digest('b')) connection.exec('rollback');
        return connection.execute(step);
      },
    };
    const outcomes = runGroup(lossy, [finish('a'), finish('b'), finish('c')], () => connection.exec('begin'));
    expect(outcomes).toEqual([failed('broken'), failed('broken'), failed('broken')]);
    expect([holds('a'), holds('c')]).toEqual([false, false]);
  });

  it('says that there is no room, and goes on where room comes back', () => {
    connection.exec('pragma max_page_count = 1');
    const calls = Array.from({ length: 200 }, (_, i) => finish(`blob ${i}`));
    const outcomes = runAll(...calls);
    expect(outcomes.at(-1)).toEqual(failed('full'));
    connection.exec('pragma max_page_count = 100000');
    expect(runAll(...calls).every(({ kind }) => kind === 'done')).toBe(true);
    expect(holds('blob 199')).toBe(true);
  });

  it.each([
    [['takeLease'], false],
    [['createUpload', 'claimUpload', 'renewUpload', 'advanceUpload', 'sealChanges', 'moveCursor'], false],
    [['takeLease', 'finishUpload'], true],
    [['putManifest'], true],
    [['mountBlob'], true],
    [['deleteTag'], true],
    [['deleteManifest'], true],
    [['deleteBlob'], true],
  ] as const)('of %j is durable: %s', (names, durable) => {
    expect(isDurable(names.map((name) => ({ name, args: {} })))).toBe(durable);
  });
});

describe('a writer beside another process’s writer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-group-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is told busy when the other keeps the lock for ever, and not while it comes free in time', () => {
    const [mine, other] = [openWriter(join(folder, 'c.db'), patience), openWriter(join(folder, 'c.db'), patience)];
    other.exec('begin immediate');
    const begin = () => insist(() => mine.exec('begin immediate'), patience, 50);
    expect(runGroup(mine, [finish('a')], begin)).toEqual([failed('busy')]);
    let waits = 0;
    const pause = () => {
      waits += 1;
      if (waits === 3) other.exec('commit');
    };
    const patiently = () => insist(() => mine.exec('begin immediate'), { ...patience, pause });
    expect(runGroup(mine, [finish('a')], patiently)).toEqual([done({ kind: 'finished' })]);
    expect(waits).toBe(3);
    mine.close();
    other.close();
  });
});
