import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { hashBatch, hashChange, type HashedChange } from './log-hash.ts';

const CHANGE: HashedChange = {
  sequence: 8,
  time_ms: 1234,
  action: 'tag.put',
  repository: 'team/app',
  name: 'v1',
  from_digest: null,
  to_digest: 'sha256:00',
  principal: 'alice "a"',
  address: '192.0.2.7',
  request_id: 'r1',
  result: 'done',
  detail: null,
};
const LINE = '[8,1234,"tag.put","team/app","v1",null,"sha256:00","alice \\"a\\"","192.0.2.7","r1"]\n';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('hashBatch', () => {
  it('hashes the documented text, which other programs recompute', () => {
    expect(hashBatch('', [CHANGE])).toBe(sha256(`\n${LINE}`));
    expect(hashBatch('abc', [CHANGE, CHANGE])).toBe(sha256(`abc\n${LINE}${LINE}`));
  });

  it('hashes result and detail where there is more to tell than done', () => {
    const start = LINE.slice(0, -2);
    const denied = { ...CHANGE, result: 'denied' };
    expect(hashBatch('', [denied])).toBe(sha256(`\n${start},"denied",null]\n`));
    const told = { ...CHANGE, detail: '{"a":1}' };
    expect(hashBatch('', [told])).toBe(sha256(`\n${start},"done","{\\"a\\":1}"]\n`));
  });

  it.each(Object.keys(CHANGE) as (keyof HashedChange)[])('differs where %s differs', (field) => {
    const forged = { ...CHANGE, [field]: typeof CHANGE[field] === 'number' ? 9 : 'forged' };
    expect(hashBatch('', [forged])).not.toBe(hashBatch('', [CHANGE]));
  });

  it('of one row is that of its line alone', () => {
    expect(hashChange(CHANGE)).toBe(sha256(LINE));
  });

  it('differs where the batch before differs', () => {
    expect(hashBatch('a', [CHANGE])).not.toBe(hashBatch('b', [CHANGE]));
  });
});
