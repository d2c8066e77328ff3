import type { Door } from '../../registry/index.ts';
import { createNamespace } from './names.ts';
import type { FoundryConfig } from './options.ts';
import { factsOf } from './versions.ts';

/**
 * The repositories below `facades.foundry.prefix`: a tag there is a version, which stays what it is until it is deleted,
 * through `/v2` too.
 */
export function createDoor(config: FoundryConfig): Door {
  const namespace = createNamespace(config['facades.foundry.prefix']);
  const isFixed = config['facades.foundry.immutable_tags'];
  return {
    name: 'foundry',
    factsVersion: 1,
    owns: (repository) => namespace.packageOf(repository) !== undefined,
    fixes: () => isFixed,
    generation: () => undefined,
    async prepare({ repository, manifest }) {
      const name = namespace.packageOf(repository);
      return name === undefined ? undefined : factsOf(manifest, name);
    },
  };
}
