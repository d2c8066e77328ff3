import { wrongOfPattern } from '../../../pkg/oci/index.ts';
import type { ConfigOf, Option } from '../../config/index.ts';

const TAGS = /^[A-Za-z0-9_.*-]{1,128}$/;
const checkTags = (patterns: readonly string[]): string | undefined => {
  const wrong = patterns.find((pattern) => !TAGS.test(pattern));
  return wrong === undefined ? undefined : `be patterns of tags such as v* or pr-*: not ${wrong}`;
};
const checkRepositories = (patterns: readonly string[]): string | undefined => {
  const wrong = patterns.find((pattern) => wrongOfPattern(pattern) !== undefined);
  return wrong === undefined ? undefined : `be patterns of repositories: ${wrong} ${wrongOfPattern(wrong)}`;
};

export const RETENTION_OPTIONS = [
  {
    key: 'retention.interval',
    type: 'duration',
    default: '24h',
    doc: 'How often the retention rules are carried out, by one of all replicas; 0: by hand only.',
  },
  {
    key: 'retention.*.repositories',
    type: 'list',
    default: ['**'],
    doc: 'The repositories that the rule is about, as patterns: team/app, team/*, team/**.',
    check: checkRepositories,
  },
  {
    key: 'retention.*.tags',
    type: 'list',
    default: ['*'],
    doc: 'The tags that the rule is about, as patterns; it leaves all others alone.',
    check: checkTags,
  },
  {
    key: 'retention.*.keep_tags',
    type: 'list',
    default: [],
    doc: 'Of these tags those that are kept whatever else the rule says.',
    check: checkTags,
  },
  {
    key: 'retention.*.keep_last',
    type: 'integer',
    default: undefined,
    doc: 'How many tags are kept in each repository: those that were set last.',
  },
  {
    key: 'retention.*.keep_versions',
    type: 'integer',
    default: undefined,
    doc: 'How many releases are kept in each repository: the highest tags of the form 1.2.3 or v1.2.3.',
  },
  {
    key: 'retention.*.keep_within',
    type: 'duration',
    default: undefined,
    doc: 'How long tags are kept after they were set.',
  },
  {
    key: 'retention.*.keep_pulled_within',
    type: 'duration',
    default: undefined,
    doc: 'How long tags are kept after they were set or what they point at was pulled.',
  },
  {
    key: 'retention.*.untagged_after',
    type: 'duration',
    default: undefined,
    doc: 'After how long manifests go that have no tag; not set: never, since people deploy by digest.',
  },
] as const satisfies readonly Option[];

export type RetentionConfig = ConfigOf<typeof RETENTION_OPTIONS>;
