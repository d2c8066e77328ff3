import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Description } from '../catalog/index.ts';
import type { Door, Facts } from './ports.ts';

/** The door that owns the repository, if one does. */
export type DoorOf = (repository: RepositoryName) => Door | undefined;

export const doorsIn =
  (doors: readonly Door[]): DoorOf =>
  (repository) =>
    doors.find((door) => door.owns(repository));

/** What the facts of a door are kept under: those under another name are not what it would say now. */
export const describedBy = ({ name, factsVersion }: Door): string => `${name}/${factsVersion}`;

export function descriptionOf(door: Door, facts: Facts | undefined): Description {
  return { by: describedBy(door), facts: facts && JSON.stringify(facts) };
}
