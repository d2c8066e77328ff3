import { tagPatternsFor, type RepositoryName } from '../../pkg/oci/index.ts';
import type { TagGuards } from '../catalog/index.ts';
import type { RegistryConfig } from './options.ts';

type Rules = Pick<RegistryConfig, 'registry.immutable_tags' | 'registry.protected_tags'>;

/** What nobody may do with tags of the repository: every command that moves or deletes tags is told. */
export function guardsFor(rules: Rules, repository: RepositoryName): TagGuards {
  const fixed = tagPatternsFor(rules['registry.immutable_tags'], repository);
  return { fixed, kept: [...fixed, ...tagPatternsFor(rules['registry.protected_tags'], repository)] };
}
