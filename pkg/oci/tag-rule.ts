import type { RepositoryName, Tag } from './name.ts';
import { matchesPattern, matchesSegment, wrongOfPattern } from './pattern.ts';

/**
 * Which tags of which repositories a rule is about, as text: `v*` for these of every repository, `team/**:release-*` for
 * those of some. `*` stands for any part of a tag.
 */
const TAGS = /^[A-Za-z0-9_.*-]{1,128}$/;

const partsOf = (rule: string): { readonly repositories: string; readonly tags: string } => {
  const colon = rule.indexOf(':');
  return colon < 0
    ? { repositories: '**', tags: rule }
    : { repositories: rule.slice(0, colon), tags: rule.slice(colon + 1) };
};

/** What is wrong with a rule, in words that follow it; undefined where it is one. */
export function wrongOfTagRule(rule: string): string | undefined {
  const { repositories, tags } = partsOf(rule);
  const wrong = wrongOfPattern(repositories);
  if (wrong !== undefined) return wrong;
  return TAGS.test(tags) ? undefined : 'has no pattern of tags such as v1.0, v* or team/app:v*';
}

/** The patterns of tags that the rules name for this repository. */
export function tagPatternsFor(rules: readonly string[], repository: RepositoryName): readonly string[] {
  return rules.map(partsOf).flatMap(({ repositories, tags }) => (matchesPattern(repositories, repository) ? tags : []));
}

/**
 * Tags that clients move as they add signatures and referrers: `sha256-<hex>` (64 digits of it, whatever the algorithm),
 * and what cosign appends to that.
 */
const LINKING_TAG = /^sha(?:256|512)-[0-9a-f]{64}(?:\.[A-Za-z0-9_.-]+)?$/;

/** Whether the tag stands for what belongs to a manifest rather than for one (distribution-spec: Referrers Tag Schema). */
export function isLinkingTag(tag: Tag): boolean {
  return LINKING_TAG.test(tag);
}

/** Whether one of the patterns is the tag's. Tags that clients must be able to move are no pattern's. */
export function matchesTagPattern(patterns: readonly string[], tag: Tag): boolean {
  return !isLinkingTag(tag) && patterns.some((pattern) => matchesSegment(pattern, tag));
}
