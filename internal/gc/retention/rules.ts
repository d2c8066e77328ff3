import { matchesPattern, type RepositoryName } from '../../../pkg/oci/index.ts';
import { namesIn } from '../../config/index.ts';
import type { RetentionConfig } from './options.ts';

/** What a rule says. A tag that it is about goes where nothing of it keeps the tag; without any `keep...` none goes. */
export interface RetentionRule {
  readonly name: string;
  readonly repositories: readonly string[];
  readonly tags: readonly string[];
  readonly keepTags: readonly string[];
  readonly keepLast: number | undefined;
  readonly keepVersions: number | undefined;
  readonly keepWithinMs: number | undefined;
  readonly keepPulledWithinMs: number | undefined;
  readonly untaggedAfterMs: number | undefined;
}

/** The rules of the configuration, by name. */
export function rulesOf(config: RetentionConfig): readonly RetentionRule[] {
  return namesIn(config, 'retention')
    .toSorted()
    .map((name) => ({
      name,
      repositories: config[`retention.${name}.repositories`] ?? ['**'],
      tags: config[`retention.${name}.tags`] ?? ['*'],
      keepTags: config[`retention.${name}.keep_tags`] ?? [],
      keepLast: config[`retention.${name}.keep_last`],
      keepVersions: config[`retention.${name}.keep_versions`],
      keepWithinMs: config[`retention.${name}.keep_within`],
      keepPulledWithinMs: config[`retention.${name}.keep_pulled_within`],
      untaggedAfterMs: config[`retention.${name}.untagged_after`],
    }));
}

export function rulesFor(rules: readonly RetentionRule[], repository: RepositoryName): readonly RetentionRule[] {
  return rules.filter(({ repositories }) => repositories.some((pattern) => matchesPattern(pattern, repository)));
}

/** Whether the rule lets any tag go. */
export const limitsTags = (rule: RetentionRule): boolean =>
  rule.keepTags.length > 0 ||
  [rule.keepLast, rule.keepVersions, rule.keepWithinMs, rule.keepPulledWithinMs].some((limit) => limit !== undefined);
