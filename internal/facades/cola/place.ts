import type { PathValues } from '../../http/index.ts';

/** The names in a path. Whatever it does not name is empty. */
export interface Place {
  readonly registry: string;
  readonly package: string;
  readonly version: string;
}

export const placeOf = ({ name = '', package: packageName = '', version = '' }: PathValues): Place => ({
  registry: name,
  package: packageName,
  version,
});
