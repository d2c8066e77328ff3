import { describe, expect, it } from '@jest/globals';
import { ERRORS, OciError, type ErrorRow } from './errors.ts';

/** distribution-spec, "Error Codes", and UNKNOWN of the octoserve contract, section 4. */
const WIRE_CODES = [
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'UNAUTHORIZED',
  'DENIED',
  'UNSUPPORTED',
  'TOOMANYREQUESTS',
  'UNKNOWN',
];
const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(ERRORS);

describe('the table of failures', () => {
  it.each(rows)('gives %s a status of failure and a code that clients know', (key, row) => {
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
    expect(WIRE_CODES).toContain(row.code ?? key);
    expect(row.message).not.toBe('');
  });

  it.each(WIRE_CODES)('has a row for %s', (code) => {
    expect(Object.keys(ERRORS)).toContain(code);
  });
});

describe('OciError', () => {
  it('carries one detail or several, and its cause', () => {
    const cause = new Error('disk');
    expect(new OciError('UNKNOWN', 'one').detail).toEqual(['one']);
    expect(new OciError('MANIFEST_BLOB_UNKNOWN', ['a', 'b']).detail).toEqual(['a', 'b']);
    expect(new OciError('UNKNOWN', [], cause).cause).toBe(cause);
    expect(new OciError('UNKNOWN')).not.toHaveProperty('cause');
  });
});
