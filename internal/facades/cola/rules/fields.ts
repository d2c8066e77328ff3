import type { Problem } from './invalid.ts';
import { isVersion } from './versions.ts';

const LONGEST_NAME = 64;
const LONGEST_DESCRIPTION = 4096;
const LONGEST_URL = 2048;
const MOST_CUSTOM_VALUES = 20;
const LONGEST_CUSTOM_VALUE = 1024;
const MOST_PEOPLE = 100;
const LONGEST_PERSON = 320;
export const LAST_PARTITION = 255;

const NAME = /^[a-z0-9][a-z0-9_-]*$/;
const CHECKSUM = /^(?:sha256:)?[A-Fa-f0-9]{64}$/;
const CUSTOM_KEY = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/;

/** Whether it can be the name of a registry or a package. */
export const isName = (text: string): boolean => text.length <= LONGEST_NAME && NAME.test(text);

export function wrongOfName(name: string): Problem | undefined {
  const field = 'name';
  if (name === '') return { field, error: 'name is required' };
  if (name.length > LONGEST_NAME) return { field, error: `name must be at most ${LONGEST_NAME} characters` };
  return NAME.test(name) ? undefined : { field, error: `name must match pattern ${NAME.source}` };
}

export function wrongOfVersion(version: string): Problem | undefined {
  const field = 'version';
  if (version === '') return { field, error: 'version is required' };
  if (isVersion(version)) return undefined;
  return { field, error: 'version must be a valid version (e.g., 1, 1.2, 1.0.0, 2.1.3-alpha)' };
}

export function wrongOfChecksum(checksum: string): Problem | undefined {
  const field = 'checksum';
  if (checksum === '') return { field, error: 'checksum is required' };
  if (CHECKSUM.test(checksum)) return undefined;
  return { field, error: 'checksum must be 64 hexadecimal characters (SHA256)' };
}

/** As it is kept and told: lower-case hex digits without a prefix. To be given what `wrongOfChecksum` finds right. */
export const bareChecksum = (checksum: string): string => checksum.slice(-64).toLowerCase();

/** Of a URL that is given; whether there must be one is the store's to say. */
export function wrongOfUrl(url: string): Problem | undefined {
  const field = 'url';
  if (url.length > LONGEST_URL) return { field, error: `url must be at most ${LONGEST_URL} characters` };
  // The scheme in lower case, as `cdt` knows a URL from the name of a file (contract, section 10.6).
  if (!/^https?:\/\//.test(url)) return { field, error: 'url must start with http:// or https://' };
  const parsed = URL.parse(url);
  // A reader that takes control characters or blanks out of it, or a backslash for a slash, would ask elsewhere than another.
  if (!parsed || parsed.hostname === '' || /[\p{Cc}\s\\]/u.test(url))
    return { field, error: 'url must be a valid URL' };
  const isPrivate = parsed.username !== '' || parsed.password !== '';
  return isPrivate ? { field, error: 'url must not hold a user name or a password' } : undefined;
}

export function wrongOfDescription(description: string): Problem | undefined {
  // Code points, not UTF-16 units.
  const isShort = description.length <= LONGEST_DESCRIPTION || Array.from(description).length <= LONGEST_DESCRIPTION;
  if (isShort) return undefined;
  return { field: 'description', error: `description must be at most ${LONGEST_DESCRIPTION} characters` };
}

export function wrongOfCustomValues(values: ReadonlyMap<string, string>): Problem | undefined {
  const field = 'custom_values';
  if (values.size > MOST_CUSTOM_VALUES) {
    return { field, error: `custom_values must contain at most ${MOST_CUSTOM_VALUES} key-value pairs` };
  }
  for (const [key, value] of values) {
    if (!CUSTOM_KEY.test(key)) return { field, error: `custom_values keys must match pattern ${CUSTOM_KEY.source}` };
    if (value.length > LONGEST_CUSTOM_VALUE) {
      return { field, error: `custom_values values must be at most ${LONGEST_CUSTOM_VALUE} characters` };
    }
  }
  return undefined;
}

export function wrongOfPeople(people: readonly string[], field: 'admins' | 'maintainers'): Problem | undefined {
  if (people.length > MOST_PEOPLE) return { field, error: `${field} must contain at most ${MOST_PEOPLE} entries` };
  const isLong = people.some((person) => person.length > LONGEST_PERSON);
  return isLong ? { field, error: `${field} entries must be at most ${LONGEST_PERSON} characters` } : undefined;
}

export function wrongOfPartition(value: number, field: 'startPartition' | 'endPartition'): Problem | undefined {
  if (!Number.isInteger(value)) return { field, error: `${field} must be an integer` };
  if (value < 0) return { field, error: `${field} must be >= 0` };
  // A client reads them as bytes, and refuses the whole index for one that is none.
  return value > LAST_PARTITION ? { field, error: `${field} must be <= ${LAST_PARTITION}` } : undefined;
}
