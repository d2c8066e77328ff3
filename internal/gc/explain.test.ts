import { describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag } from '../../pkg/oci/index.ts';
import type { BlobUse } from '../catalog/index.ts';
import { explain, type Explanation } from './explain.ts';

const [NOW, DELAY] = [10_000, 1000];
const APP = parseRepositoryName('team/app');
const REFERENCE = { repository: APP, manifest: digestOf(Buffer.from('manifest')), tag: parseTag('v1') };
const use = (more: Partial<BlobUse>): BlobUse => ({
  sizeBytes: 5,
  createdMs: 1,
  deletingMs: undefined,
  candidateMs: NOW - DELAY,
  leases: [],
  references: [],
  ...more,
});
const lease = (untilMs: number) => ({ repository: APP, untilMs });

describe('explain', () => {
  it.each<[string, BlobUse | undefined, Explanation]>([
    ['no such blob', undefined, { kind: 'unknown' }],
    ['a referenced one', use({ references: [REFERENCE] }), { kind: 'kept', references: [REFERENCE] }],
    [
      'a referenced one that lost another reference',
      use({ references: [REFERENCE], leases: [lease(NOW + 1)] }),
      { kind: 'kept', references: [REFERENCE] },
    ],
    [
      'one that somebody relies on',
      use({ leases: [lease(NOW + 5), lease(NOW)] }),
      { kind: 'leased', leases: [lease(NOW + 5)], untilMs: NOW + 5 },
    ],
    [
      'one that somebody relies on for less than its delay',
      use({ candidateMs: NOW, leases: [lease(NOW + 5)] }),
      { kind: 'leased', leases: [lease(NOW + 5)], untilMs: NOW + DELAY },
    ],
    ['a young one', use({ candidateMs: NOW - 1 }), { kind: 'waiting', sinceMs: NOW - 1, untilMs: NOW - 1 + DELAY }],
    ['garbage', use({}), { kind: 'due', sinceMs: NOW - DELAY }],
    ['one on its way out', use({ deletingMs: 7 }), { kind: 'deleting', sinceMs: 7 }],
  ])('%s', (_, facts, expected) => {
    expect(explain(facts, NOW, DELAY)).toEqual(expected);
  });
});
