import { tagPatternsFor, type RepositoryName, type Tag } from '../../pkg/oci/index.ts';
import type { TagGuards } from '../catalog/index.ts';
import { doorsIn } from './doors.ts';
import type { RegistryConfig } from './options.ts';
import type { Door } from './ports.ts';

type Rules = Pick<RegistryConfig, 'registry.immutable_tags' | 'registry.protected_tags'>;

/**
 * What a change of the repository's tags must mind, whoever makes it: every command that moves or deletes tags is told.
 * `tags` are those that it is about to set.
 */
export type GuardsFor = (repository: RepositoryName, tags?: readonly Tag[]) => TagGuards;

/** The rules that say which tags are not deleted. */
export const keepingRules = (rules: Rules): readonly string[] => [
  ...rules['registry.immutable_tags'],
  ...rules['registry.protected_tags'],
];

export function createGuards(rules: Rules, doors: readonly Door[]): GuardsFor {
  const doorOf = doorsIn(doors);
  return (repository, tags = []) => {
    const fixed = tagPatternsFor(rules['registry.immutable_tags'], repository);
    const kept = tagPatternsFor(keepingRules(rules), repository);
    const door = doorOf(repository);
    if (!door) return { fixed, kept };
    return {
      fixed: [...fixed, ...tags.filter((tag) => door.fixes(repository, tag))],
      kept,
      typed: ['*'], // a door was told what the manifest is: so it stays
      spared: door.spares,
      raises: door.generation(repository),
    };
  };
}
