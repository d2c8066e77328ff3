import { loadFacades } from '../../internal/facades/index.ts';
import type { Door } from '../../internal/registry/index.ts';
import type { Config } from '../../internal/server/index.ts';

/** The doors of the facades that are switched on: what changes content beside a server minds what they say. */
export async function openDoors(config: Config): Promise<readonly Door[]> {
  return (await loadFacades(config)).map((facade) => facade.door(config));
}
