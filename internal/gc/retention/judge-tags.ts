import { isLinkingTag, matchesTagPattern, type Tag } from '../../../pkg/oci/index.ts';
import type { TagTime } from '../../catalog/index.ts';
import { limitsTags, type RetentionRule } from './rules.ts';
import { releasesOf } from './versions.ts';

/** A tag with what a rule may keep it for. */
export interface JudgedTag extends TagTime {
  readonly setMs: number;
  /** When what it points at was pulled last; undefined where that is not known to have happened. */
  readonly pulledMs: number | undefined;
}

export interface TagPolicy {
  readonly rules: readonly RetentionRule[];
  /** Patterns of tags that are never deleted. */
  readonly kept: readonly string[];
  readonly nowMs: number;
  /** Since when pulls are known: what may have been pulled before that is kept by its pulls. */
  readonly pullsSinceMs: number;
}

/** Why a tag goes. */
export interface TagVerdict {
  readonly rules: readonly string[];
  readonly reason: string;
}

/** Those tags that go, with the reason; tags that are protected or link to something are not among them. */
export function judgeTags(tags: readonly JudgedTag[], policy: TagPolicy): ReadonlyMap<Tag, TagVerdict> {
  const free = tags.filter(({ tag }) => !isLinkingTag(tag) && !matchesTagPattern(policy.kept, tag));
  const judges = policy.rules.filter(limitsTags).map((rule) => createJudge(rule, free, policy));
  const verdicts = new Map<Tag, TagVerdict>();
  for (const tag of free) {
    const opinions = judges.map((judge) => judge(tag)).filter((opinion) => opinion !== undefined);
    // Where one rule keeps a tag, no other takes it.
    if (opinions.length === 0 || opinions.some(({ keeps }) => keeps)) continue;
    const reason = opinions.map(({ rule, reason: why }) => `${rule}: ${why}`).join('; ');
    verdicts.set(tag.tag, { rules: opinions.map(({ rule }) => rule), reason });
  }
  return verdicts;
}

interface Opinion {
  readonly rule: string;
  readonly keeps: boolean;
  readonly reason: string;
}

type Judge = (tag: JudgedTag) => Opinion | undefined;

/** What a rule says of tags; undefined of those that it is not about. */
function createJudge(rule: RetentionRule, free: readonly JudgedTag[], policy: TagPolicy): Judge {
  const { name, keepLast, keepVersions, keepWithinMs, keepPulledWithinMs } = rule;
  const { nowMs, pullsSinceMs } = policy;
  const about = free.filter(({ tag }) => matchesTagPattern(rule.tags, tag));
  const last = new Set(
    about
      .toSorted((a, b) => b.setMs - a.setMs || (a.tag < b.tag ? -1 : 1))
      .slice(0, keepLast ?? 0)
      .map(({ tag }) => tag),
  );
  const versions = new Set(releasesOf(about.map(({ tag }) => tag)).slice(0, keepVersions ?? 0));
  const isWithin = (ms: number, limitMs: number | undefined): boolean => limitMs !== undefined && ms > nowMs - limitMs;

  return ({ tag, setMs, pulledMs = pullsSinceMs }) => {
    if (!matchesTagPattern(rule.tags, tag)) return undefined;
    const keeps =
      last.has(tag) ||
      versions.has(tag) ||
      matchesTagPattern(rule.keepTags, tag) ||
      isWithin(setMs, keepWithinMs) ||
      isWithin(Math.max(setMs, pulledMs), keepPulledWithinMs);
    const lacks = [
      keepLast !== undefined && `not among the ${keepLast} set last`,
      keepVersions !== undefined && `not among the ${keepVersions} highest releases`,
      (keepWithinMs ?? keepPulledWithinMs) !== undefined && `set ${new Date(setMs).toISOString()}`,
      keepPulledWithinMs !== undefined && 'not pulled since long enough',
      rule.keepTags.length > 0 && 'none of the tags to keep',
    ];
    return { rule: name, keeps, reason: lacks.filter(Boolean).join(', ') };
  };
}
