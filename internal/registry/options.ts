import { wrongOfPattern, wrongOfTagRule } from '../../pkg/oci/index.ts';
import type { ConfigOf, Option } from '../config/index.ts';

function checkTagRules(rules: readonly string[]): string | undefined {
  const wrong = rules.map((rule) => [rule, wrongOfTagRule(rule)] as const).find(([, what]) => what !== undefined);
  return wrong && `have rules such as v* or team/**:v* only: ${wrong[0]} ${wrong[1]}`;
}

export const REGISTRY_OPTIONS = [
  {
    key: 'registry.catalog_endpoint',
    type: 'boolean',
    default: true,
    doc: 'Whether /v2/_catalog lists the repositories that the caller may pull; off, it is 404.',
  },
  {
    key: 'registry.delete',
    type: 'boolean',
    default: true,
    doc: 'Whether tags, manifests and blobs may be deleted; off, every delete through every door is 405.',
  },
  {
    key: 'registry.auto_mount',
    type: 'boolean',
    default: false,
    doc: 'Whether a mount without `from` takes the blob from any repository that the caller may pull.',
  },
  {
    key: 'registry.immutable_tags',
    type: 'list',
    default: [],
    doc: 'Tags that are neither moved nor deleted once they are there, as v* or, of some repositories, team/**:v*.',
    check: checkTagRules,
  },
  {
    key: 'registry.protected_tags',
    type: 'list',
    default: [],
    doc: 'Tags that may be moved but not deleted, by no client and no retention rule; written like immutable_tags.',
    check: checkTagRules,
  },
  { key: 'registry.manifest_limit', type: 'bytes', default: '4MiB', doc: 'The largest manifest that is accepted.' },
  {
    key: 'registry.chunk_min_length',
    type: 'bytes',
    default: 0,
    doc: 'Announced as OCI-Chunk-Min-Length when an upload starts; 0: not announced. Shorter chunks are accepted all the same.',
  },
  {
    key: 'registry.upload_expiry',
    type: 'duration',
    default: '24h',
    doc: 'How long an upload session lives after its last byte; at least 1s.',
    check: (milliseconds: number) => (milliseconds >= 1000 ? undefined : 'must be at least 1s'),
  },
  {
    key: 'registry.upload_limit',
    type: 'integer',
    default: 10_000,
    doc: 'How many upload sessions may be open at once; one more is 429 until some end.',
  },
  {
    key: 'registry.cache_size',
    type: 'bytes',
    default: '64MiB',
    doc: 'Memory for manifests and small blobs, in each worker.',
  },
  {
    key: 'quota.*.repositories',
    type: 'list',
    default: ['**'],
    doc: 'The repositories that share the quota, as patterns: team/app, team/*, team/**.',
    check: (patterns: readonly string[]) => {
      const wrong = patterns.find((pattern) => wrongOfPattern(pattern) !== undefined);
      return wrong && `have patterns of repositories: ${wrong} ${wrongOfPattern(wrong)}`;
    },
  },
  {
    key: 'quota.*.limit',
    type: 'bytes',
    default: undefined,
    doc: 'How much these repositories may have together, content that several of them have counted for each.',
  },
  {
    key: 'history.keep',
    type: 'duration',
    default: '0s',
    doc: 'How long what was deleted, or lost its tag, is kept for a way back; at least gc.review_delay it is in any case.',
  },
] as const satisfies readonly Option[];

export type RegistryConfig = ConfigOf<typeof REGISTRY_OPTIONS>;
