import { describe, expect, it } from '@jest/globals';
import { DatabaseError } from 'pg';
import { CatalogError } from '../types.ts';
import { ConnectionLost, judge, NoConnection, OutcomeUnknown, toCatalogError } from './failures.ts';

const said = (code: string) => Object.assign(new DatabaseError(`it said ${code}`, 1, 'error'), { code });

describe('a failure of PostgreSQL', () => {
  it.each([
    ['40001', 'again', 'busy'],
    ['40P01', 'again', 'busy'],
    ['23505', 'again', 'broken'],
    ['23503', 'again', 'broken'],
    ['57P01', 'lost', 'busy'],
    ['57P03', 'lost', 'busy'],
    ['25006', 'lost', 'busy'],
    ['25P03', 'lost', 'busy'],
    ['08006', 'lost', 'busy'],
    ['57014', 'busy', 'busy'],
    ['55P03', 'busy', 'busy'],
    ['53300', 'busy', 'busy'],
    ['53100', 'full', 'full'],
    ['42601', 'broken', 'broken'],
    ['23502', 'broken', 'broken'],
  ])('of state %s is judged as %s, and told as %s when nothing helps', (code, verdict, failure) => {
    expect(judge(said(code))).toBe(verdict);
    expect(toCatalogError(said(code))).toMatchObject({ failure, message: `it said ${code}` });
  });

  it.each([
    [new ConnectionLost(new Error('reset')), 'lost', 'busy'],
    [new NoConnection(new Error('refused')), 'lost', 'busy'],
    [new OutcomeUnknown(new Error('reset')), 'unknown', 'busy'],
    [new CatalogError('full', 'no room'), 'full', 'full'],
    [new TypeError('a bug'), 'broken', 'broken'],
    ['not even an error', 'broken', 'broken'],
  ])('that is %s is judged as %s and told as %s', (error, verdict, failure) => {
    expect(judge(error)).toBe(verdict);
    expect(toCatalogError(error)).toMatchObject({ name: 'CatalogError', failure });
  });

  it('keeps its cause for the log', () => {
    const cause = said('42601');
    expect(toCatalogError(cause).cause).toBe(cause);
  });
});
