import { findVersion, OciError, parseRepositoryName, versionOfTag, type Tag } from '../../../../pkg/oci/index.ts';
import type { Door, DoorPush } from '../../../registry/index.ts';
import { createNames, type NamedEntity } from '../names.ts';
import type { ColaConfig } from '../options.ts';
import { isVersion } from '../rules/versions.ts';
import { describe } from './describe.ts';
import { writeFacts, type ColaFacts } from './facts.ts';

/** Tags of what is said about versions: no version begins so. */
export const REGISTRY_TAG = '_registry' as Tag;
export const PACKAGE_TAG = '_package' as Tag;
export const INDEX_TAG = '_index' as Tag;

/** What a reserved tag stands for: nothing else may be pushed there. */
const RESERVED: ReadonlyMap<Tag, ColaFacts['kind']> = new Map([
  [REGISTRY_TAG, 'registry'],
  [PACKAGE_TAG, 'package'],
  [INDEX_TAG, 'index'],
]);

/** A version with all its numbers stays what it is; `1` and `1.2` may follow the newest (contract 12.4). */
function isWholeVersion(tag: Tag): boolean {
  const version = versionOfTag(tag);
  return isVersion(version) && findVersion(version)?.written === 3;
}

function refuseReserved({ tags }: DoorPush, { packageName }: NamedEntity, facts: ColaFacts | undefined): void {
  for (const tag of tags) {
    const kind = RESERVED.get(tag);
    if (kind === undefined || facts?.kind === kind) continue;
    throw new OciError(
      'MANIFEST_INVALID',
      `tag ${tag} of a ${packageName === undefined ? 'registry' : 'package'} is for its ${kind} alone`,
    );
  }
}

/** What COLA says of the repositories below its prefix: `cola/<registry>` and `cola/<registry>/<package>`. */
export function createDoor(config: ColaConfig): Door {
  const names = createNames(parseRepositoryName(config['facades.cola.prefix']));
  const isFixed = config['facades.cola.immutable_tags'];
  return {
    name: 'cola',
    factsVersion: 1,
    owns: (repository) => names.read(repository) !== undefined,
    fixes: (repository, tag) => isFixed && names.read(repository)?.packageName !== undefined && isWholeVersion(tag),
    spares: [...RESERVED.keys()],
    generation(repository) {
      const registry = names.read(repository)?.registry;
      return registry === undefined ? undefined : { key: generationKey(names.prefix, registry), without: [INDEX_TAG] };
    },
    async prepare(push) {
      const entity = names.read(push.repository);
      if (!entity) return undefined;
      const facts = await describe(push, entity);
      refuseReserved(push, entity, facts);
      return facts && writeFacts(facts);
    },
  };
}

export const generationKey = (prefix: string, registry: string): string => `${prefix}/${registry}`;
