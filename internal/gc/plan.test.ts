import { describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName } from '../../pkg/oci/index.ts';
import type { Candidate } from '../catalog/index.ts';
import { judge, planSweep, type Policy } from './plan.ts';

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const APP = parseRepositoryName('team/app');
const POLICY: Policy = { nowMs: NOW, graceMs: 24 * HOUR };

const candidate = (more: Partial<Candidate> = {}): Candidate => ({
  digest: digestOf(Buffer.from(JSON.stringify(more))),
  sizeBytes: 10,
  sinceMs: NOW - 48 * HOUR,
  repository: APP,
  isReferenced: false,
  leasedUntilMs: 0,
  ...more,
});

describe('judge', () => {
  it.each<[string, Partial<Candidate>, Partial<Policy>, string]>([
    ['what nothing has referenced for long', {}, {}, 'garbage'],
    ['what has just waited long enough', { sinceMs: NOW - 24 * HOUR }, {}, 'garbage'],
    ['what has not', { sinceMs: NOW - 24 * HOUR + 1 }, {}, 'young'],
    ['the same where the delay is waived', { sinceMs: NOW }, { graceMs: 0 }, 'garbage'],
    ['what is referenced', { isReferenced: true }, {}, 'needed'],
    ['what is referenced, whatever its age', { isReferenced: true, sinceMs: NOW }, {}, 'needed'],
    ['what is leased', { leasedUntilMs: NOW + 1 }, {}, 'leased'],
    ['what is leased where the delay is waived', { leasedUntilMs: NOW + 1 }, { graceMs: 0 }, 'leased'],
    ['what is leased and referenced', { leasedUntilMs: NOW + 1, isReferenced: true }, {}, 'leased'],
    ['what was leased until now', { leasedUntilMs: NOW }, {}, 'garbage'],
    ['what was asked for', {}, { repositories: new Set([APP]) }, 'garbage'],
    ['what was not', {}, { repositories: new Set([parseRepositoryName('other')]) }, 'elsewhere'],
    ['what is nobody’s', { repository: undefined }, { repositories: new Set([APP]) }, 'elsewhere'],
    ['what is nobody’s where all is asked for', { repository: undefined }, {}, 'garbage'],
  ])('%s', (_, facts, policy, verdict) => {
    expect(judge(candidate(facts), { ...POLICY, ...policy })).toBe(verdict);
  });
});

describe('planSweep', () => {
  it('parts garbage from what is needed, and leaves the rest as it is', () => {
    const [garbage, needed] = [candidate(), candidate({ isReferenced: true })];
    const others = [candidate({ sinceMs: NOW }), candidate({ leasedUntilMs: NOW + 1 })];
    expect(planSweep([...others, garbage, needed], POLICY)).toEqual({ garbage: [garbage], needed: [needed] });
  });
});
