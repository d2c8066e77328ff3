import { describe, expect, it, jest } from '@jest/globals';
import { digest, freshRepository, tag } from '../fixtures.suite.ts';
import type { BlobRow, Queries } from '../types.ts';
import { rememberRows } from './remembered-rows.ts';

function setUp() {
  let number = 1;
  const version = jest.fn(() => number);
  const found = (name: string) => jest.fn(async (): Promise<unknown> => ({ name }));
  const asked = { findTag: found('tag'), findManifest: found('manifest'), findBlob: found('blob') };
  const queries = rememberRows(asked as unknown as Queries, version);
  return { asked, queries, version, commit: () => void (number += 1), repository: freshRepository() };
}

describe('rememberRows', () => {
  it('asks once for what is asked again while nothing is committed', async () => {
    const { asked, queries, repository } = setUp();
    const rows = [1, 2, 3].map(() => queries.findTag(repository, tag('v1')));
    expect(await Promise.all(rows)).toEqual(Array(3).fill({ name: 'tag' }));
    expect(asked.findTag).toHaveBeenCalledTimes(1);
  });

  it('asks again for all after each commit', async () => {
    const { asked, queries, repository, commit } = setUp();
    await queries.findTag(repository, tag('v1'));
    await queries.findBlob(repository, digest('a'));
    commit();
    await queries.findBlob(repository, digest('b'));
    await queries.findTag(repository, tag('v1'));
    await queries.findBlob(repository, digest('a'));
    expect([asked.findTag.mock.calls.length, asked.findBlob.mock.calls.length]).toEqual([2, 3]);
  });

  it('keeps queries, repositories and names apart', async () => {
    const { asked, queries, repository } = setUp();
    const other = freshRepository();
    await queries.findManifest(repository, digest('a'));
    await queries.findManifest(other, digest('a'));
    await queries.findManifest(repository, digest('b'));
    expect(await queries.findBlob(repository, digest('a'))).toEqual({ name: 'blob' });
    expect(asked.findManifest.mock.calls).toEqual([
      [repository, digest('a')],
      [other, digest('a')],
      [repository, digest('b')],
    ]);
  });

  it('remembers that there is nothing, but no failure', async () => {
    const { asked, queries, repository } = setUp();
    asked.findTag.mockResolvedValueOnce(undefined);
    expect(await queries.findTag(repository, tag('v1'))).toBeUndefined();
    expect(await queries.findTag(repository, tag('v1'))).toBeUndefined();
    asked.findBlob.mockRejectedValueOnce(new Error('busy'));
    await expect(queries.findBlob(repository, digest('a'))).rejects.toThrow('busy');
    expect(await queries.findBlob(repository, digest('a'))).toEqual({ name: 'blob' });
    expect(asked.findTag).toHaveBeenCalledTimes(1);
  });

  it('asks each time where it cannot be told whether anything was committed', async () => {
    const { asked, queries, version, repository } = setUp();
    await queries.findTag(repository, tag('v1'));
    version.mockImplementation(() => {
      throw new Error('closed');
    });
    await queries.findTag(repository, tag('v1'));
    await queries.findTag(repository, tag('v1'));
    expect(asked.findTag).toHaveBeenCalledTimes(3);
  });

  it('keeps a bounded number of rows', async () => {
    const { asked, queries, repository } = setUp();
    asked.findBlob.mockImplementation(async () => ({ sizeBytes: 1 }) satisfies BlobRow);
    const ask = async (from: number, to: number) => {
      for (let at = from; at < to; at += 1) await queries.findBlob(repository, `${at}` as never);
    };
    await ask(0, 5000);
    await ask(0, 1);
    expect(asked.findBlob).toHaveBeenCalledTimes(5001);
  });
});
