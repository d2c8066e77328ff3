import { describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag, type Digest } from '../../../pkg/oci/index.ts';
import { planRetention, type ManifestFate, type RepositoryFacts, type RetentionPolicy } from './plan.ts';
import type { RetentionRule } from './rules.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
const digest = (text: string): Digest => digestOf(Buffer.from(text));
const NAMES = 'abcdefghijklmnop'.split('');
const nameOf = (wanted: Digest): string => NAMES.find((name) => digest(name) === wanted) ?? wanted;

interface Sketch {
  readonly days?: number;
  readonly pulledDays?: number;
  readonly leftDays?: number;
  readonly subject?: string;
  readonly children?: string;
}
const agoMs = (days: number): number => NOW - days * DAY;
const optional = (days: number | undefined): number | undefined => (days === undefined ? undefined : agoMs(days));

const fate = (
  name: string,
  { days = 50, pulledDays, leftDays, subject, children = '' }: Sketch = {},
): ManifestFate => ({
  digest: digest(name),
  sizeBytes: 1,
  pushedMs: agoMs(days),
  pulledMs: optional(pulledDays),
  leftMs: optional(leftDays),
  subject: subject === undefined ? undefined : digest(subject),
  children: children.split('').map(digest),
  blobs: [],
});

/** Tags as `v1@a:30`: at manifest a, set 30 days ago. */
function facts(tags: string, manifests: readonly ManifestFate[]): RepositoryFacts {
  return {
    repository: parseRepositoryName('team/app'),
    tags: tags
      .split(' ')
      .filter(Boolean)
      .map((text) => {
        const [, tag = '', name = '', days = '50'] = /^(.+)@(.)(?::(\d+))?$/.exec(text) ?? [];
        return { tag: parseTag(tag), digest: digest(name), setMs: agoMs(Number(days)) };
      }),
    manifests,
  };
}

const RULE: RetentionRule = {
  name: 'rule',
  repositories: ['**'],
  tags: ['*'],
  keepTags: [],
  keepLast: undefined,
  keepVersions: undefined,
  keepWithinMs: undefined,
  keepPulledWithinMs: undefined,
  untaggedAfterMs: undefined,
};
const policy = (rules: readonly Partial<RetentionRule>[], more: Partial<RetentionPolicy> = {}): RetentionPolicy => ({
  rules: rules.map((rule) => ({ ...RULE, ...rule })),
  kept: [],
  nowMs: NOW,
  pullsSinceMs: 0,
  historyMs: 0,
  ...more,
});

/** What goes, as texts: `v1` for a tag alone, `a` for a manifest, `a(v1)` with its tags. */
function going(given: RepositoryFacts, by: RetentionPolicy): readonly string[] {
  const plan = planRetention(given, by);
  const manifests = plan.manifests.map(({ manifest, tags }) => {
    const name = nameOf(manifest.digest);
    return tags.length > 0 ? `${name}(${tags.join(' ')})` : name;
  });
  return [...plan.tags.map(({ tag }) => tag), ...manifests];
}
const plain = (names: string): readonly ManifestFate[] => names.split('').map((name) => fate(name));

describe('retention of tags', () => {
  const four = facts('v1.2.0@a:40 v1.10.0@b:30 v2.0.0-rc.1@c:20 main@d:10', plain('abcd'));

  it.each<[string, Partial<RetentionRule>, readonly string[]]>([
    ['nothing without a limit', {}, []],
    ['what is not among the last', { keepLast: 2 }, ['a(v1.2.0)', 'b(v1.10.0)']],
    ['what is no high release', { keepVersions: 1 }, ['a(v1.2.0)', 'c(v2.0.0-rc.1)', 'd(main)']],
    ['what was set too long ago', { keepWithinMs: 25 * DAY }, ['a(v1.2.0)', 'b(v1.10.0)']],
    ['only tags that it is about', { tags: ['v*'], keepLast: 1 }, ['a(v1.2.0)', 'b(v1.10.0)']],
    ['no tags to keep', { keepTags: ['main', '*.0'] }, ['c(v2.0.0-rc.1)']],
    ['what nothing of the rule keeps', { keepLast: 1, keepVersions: 1 }, ['a(v1.2.0)', 'c(v2.0.0-rc.1)']],
  ])('lets go of %s', (_, rule, expected) => {
    expect([...going(four, policy([rule]))].sort()).toEqual(expected);
  });

  it('keeps what one of several rules keeps, and what no rule is about', () => {
    const rules = [{ keepLast: 1 }, { tags: ['v1*'], keepVersions: 1 }];
    expect([...going(four, policy(rules))].sort()).toEqual(['a(v1.2.0)', 'c(v2.0.0-rc.1)']);
  });

  it('never touches protected tags, which count for nothing', () => {
    expect(going(four, policy([{ keepLast: 1 }], { kept: ['v1*', 'main'] }))).toEqual([]);
    expect(going(four, policy([{ keepLast: 0 }], { kept: ['v*'] }))).toEqual(['d(main)']);
  });

  it('keeps what was pulled, and what may have been before that was noted', () => {
    const given = facts('x@a y@b z@c', [fate('a', { pulledDays: 5 }), fate('b', { pulledDays: 20 }), fate('c')]);
    const rule = { keepPulledWithinMs: 10 * DAY };
    expect(going(given, policy([rule]))).toEqual(['b(y)', 'c(z)']);
    expect(going(given, policy([rule], { pullsSinceMs: agoMs(3) }))).toEqual(['b(y)']);
  });

  it('says why', () => {
    const { manifests } = planRetention(facts('x@a:40 y@b:1', plain('ab')), policy([{ keepLast: 1 }]));
    expect(manifests[0]?.reason).toBe('rule: not among the 1 set last');
  });
});

describe('retention of manifests', () => {
  const last = policy([{ keepLast: 1 }]);

  it('takes a tag alone where another keeps its manifest', () => {
    expect(going(facts('old@a:40 new@a:1', plain('a')), last)).toEqual(['old']);
  });

  it('takes what belongs to an index with it, and that first', () => {
    const given = facts('old@b:40 new@d:1', [fate('a'), fate('b', { children: 'ac' }), fate('c'), fate('d')]);
    expect(going(given, last)).toEqual(['b(old)', 'a', 'c']);
  });

  it('keeps what belongs to something that stays too', () => {
    const given = facts('old@b:40 new@c:1', [fate('a'), fate('b', { children: 'a' }), fate('c', { children: 'a' })]);
    expect(going(given, last)).toEqual(['b(old)']);
    const tagged = facts('old@a:40 new@c:1', [fate('a'), fate('c', { children: 'a' })]);
    expect(going(tagged, last)).toEqual(['old']);
  });

  it('keeps and takes referrers with their subject, however they are tied to it', () => {
    const link = (name: string): string => `sha256-${digest(name).slice(7)}.sig`;
    const manifests = [
      fate('a'),
      fate('b', { subject: 'a' }),
      fate('c'),
      fate('d'),
      fate('e', { subject: 'd' }),
      fate('f'),
    ];
    const given = facts(`old@a:40 ${link('a')}@c new@d:1 ${link('d')}@f`, manifests);
    expect(going(given, last)).toEqual([`c(${link('a')})`, 'b', 'a(old)']);
  });

  it('leaves manifests without a tag alone unless it is told to', () => {
    const loose = facts('', [
      fate('a', { days: 99 }),
      fate('b', { days: 99, leftDays: 5 }),
      fate('c', { pulledDays: 2 }),
    ]);
    expect(going(loose, last)).toEqual([]);
    expect(going(loose, policy([{ untaggedAfterMs: 10 * DAY }]))).toEqual(['a']);
    expect(going(loose, policy([{ untaggedAfterMs: DAY }]))).toEqual(['a', 'b', 'c']);
    expect(going(loose, policy([{ untaggedAfterMs: DAY }], { historyMs: 6 * DAY }))).toEqual(['a']);
    expect(going(loose, policy([{ untaggedAfterMs: DAY }, { untaggedAfterMs: 10 * DAY }]))).toEqual(['a']);
  });

  it('counts what refers to something that is not here as without a tag', () => {
    const given = facts('', [fate('a', { subject: 'p' })]);
    expect(going(given, policy([{ untaggedAfterMs: DAY }]))).toEqual(['a']);
  });

  it('walks a chain of referrers of any length', () => {
    const chain = Array.from({ length: 50_000 }, (_, at) => fate(`${at}`, at > 0 ? { subject: `${at - 1}` } : {}));
    const given = { ...facts('', chain), tags: [{ tag: parseTag('old'), digest: digest('0'), setMs: 0 }] };
    const { manifests } = planRetention(given, policy([{ keepLast: 0 }]));
    expect(manifests).toHaveLength(50_000);
    expect(manifests.at(-1)?.tags).toEqual(['old']);
  });
});
