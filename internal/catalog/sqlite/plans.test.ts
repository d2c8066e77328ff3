import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../commands/table.ts';
import { at, digest, freshRepository, freshUploadId, manifestArgs, SIZE, tag } from '../fixtures.suite.ts';
import { QUERIES } from '../queries/table.ts';
import { ROWS } from '../restore.suite.ts';
import { compile, type Text } from '../statement.ts';
import { drive, type Step, type Work } from '../step.ts';
import type { CommandArgs, CommandName } from '../types.ts';
import { SQLITE, type Connection } from './connection.ts';
import { openMemory } from './open.ts';

/** Steps that read a table from one end: they stop at a limit, or are the totals, which are documented to. */
const SCANS: Readonly<Record<string, readonly string[]>> = {
  beginRestore: ['SCAN repositories', 'SCAN blobs', 'SCAN changes', 'SCAN seals'],
  createUpload: ['SCAN uploads USING COVERING INDEX', 'SCAN some'],
  sealChanges: ['SCAN seals'],
  totals: ['SCAN repositories USING', 'SCAN uploads USING', 'SCAN some'],
};

describe('query plans on SQLite', () => {
  let connection: Connection;
  const seen = new Map<string, Set<Text>>();
  beforeAll(() => void (connection = openMemory()));
  afterAll(() => connection.close());

  function record<Result>(name: string, work: Work<Result>): Result {
    const texts = seen.get(name) ?? new Set();
    seen.set(name, texts);
    const execute = (step: Step): unknown => {
      if (step.want !== 'lock') texts.add(step.text);
      return connection.execute(step);
    };
    return drive(work, execute);
  }
  const command = <Name extends CommandName>(name: Name, args: CommandArgs<Name>) =>
    record(name, COMMANDS[name].run(args));

  /** Goes through every command and query once, on a way that reaches all their statements. */
  function driveAll(): void {
    for (let times = 0; times < 2; times += 1) command('beginRestore', { holder: 'me' });
    command('restoreRows', { rows: ROWS });
    command('endRestore', { holder: 'me' });
    const [repository, other] = [freshRepository(), freshRepository()];
    const [finished, cancelled] = [freshUploadId(), freshUploadId()];
    for (const id of [finished, cancelled]) {
      command('createUpload', { ...at(), id, repository, algorithm: 'sha256', limitEach: 5, limitAll: 5 });
      command('claimUpload', { ...at(), id, repository, untilMs: 2000 });
    }
    command('renewUpload', { id: finished, epoch: 1, untilMs: 3000 });
    const session = { id: finished, epoch: 1 };
    command('finishUpload', { ...at(), session, repository, digest: digest('blob'), sizeBytes: SIZE });
    command('advanceUpload', {
      id: cancelled,
      epoch: 1,
      nowMs: 1,
      offsetBytes: 1,
      digest: undefined,
      state: undefined,
    });
    command('cancelUpload', { ...at(), id: cancelled, repository });
    command('expireUploads', { beforeMs: 1, nowMs: 1, limit: 1 });
    command('mountBlob', { ...at(), repository: other, from: repository, digest: digest('blob') });

    const blobs = [{ digest: digest('blob'), sizeBytes: SIZE }];
    const names = { blobs, foreign: [digest('blob')], children: [digest('child')], subject: digest('subject') };
    const manifest = manifestArgs(repository, 'manifest', { ...names, tags: [tag('v1'), tag('v2')] });
    command('putManifest', manifest);
    command('putManifest', { ...manifest, mediaType: 'text/other' });
    command('sealChanges', { nowMs: 1, limit: 10 });
    command('moveCursor', { name: 'records', sequence: 1 });
    command('takeLease', { name: 'job', holder: 'me', nowMs: 1, untilMs: 2 });
    command('dropLease', { name: 'job', holder: 'me' });

    record('hasRepository', QUERIES.hasRepository(repository));
    record('findManifest', QUERIES.findManifest(repository, manifest.digest));
    record('findTag', QUERIES.findTag(repository, tag('v1')));
    record('findBlob', QUERIES.findBlob(repository, digest('blob')));
    record('listHolders', QUERIES.listHolders(digest('blob'), { limit: 10 }));
    record('listTags', QUERIES.listTags(repository, { limit: 10 }));
    record('listRepositories', QUERIES.listRepositories({ limit: 10 }));
    record('listReferrers', QUERIES.listReferrers(repository, digest('subject'), { limit: 10 }));
    record('listReferrers', QUERIES.listReferrers(repository, digest('subject'), { limit: 10, artifactType: 'x' }));
    record('findUpload', QUERIES.findUpload(freshUploadId()));
    record('listTagMoves', QUERIES.listTagMoves(repository, tag('v1'), { limit: 10 }));
    record('listChanges', QUERIES.listChanges({ limit: 10 }));
    record('findCursor', QUERIES.findCursor('records'));
    record('findRestore', QUERIES.findRestore());
    record('listBlobs', QUERIES.listBlobs({ limit: 10 }));
    record('findContent', QUERIES.findContent(digest('blob')));
    record('listManifests', QUERIES.listManifests(repository, { limit: 10 }));
    record('totals', QUERIES.totals());

    command('deleteTag', { ...at(), repository, tag: tag('v2') });
    command('deleteBlob', { ...at(), repository: other, digest: digest('blob') });
    command('deleteManifest', { ...at(), repository, digest: manifest.digest });
  }

  it('cost what is asked for and not what is stored: no table is read through, nothing is sorted', () => {
    driveAll();
    const bad: string[] = [];
    for (const [name, texts] of seen) {
      for (const text of texts) {
        const { sql } = compile(text, SQLITE);
        const plan = connection.ask(`explain query plan ${sql}`).map(({ detail }) => String(detail));
        const dear = plan.filter((line) => /\bSCAN\b|TEMP B-TREE|AUTOMATIC/.test(line));
        const allowed = (line: string) => (SCANS[name] ?? []).some((known) => line.startsWith(known));
        bad.push(...dear.filter((line) => !allowed(line)).map((line) => `${name}: ${line} in ${sql}`));
      }
    }
    expect(bad).toEqual([]);
  });

  it('were looked at for every command and query', () => {
    expect([...seen.keys()].toSorted()).toEqual([...Object.keys(COMMANDS), ...Object.keys(QUERIES)].toSorted());
  });
});
