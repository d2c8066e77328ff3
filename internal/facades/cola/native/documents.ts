import { parseStrictJson } from '../../../../pkg/oci/index.ts';
import { parseBody, parseNew, parseNewVersion, type Kind } from '../rules/requests.ts';
import type { Described, NewVersion, Version } from '../store.ts';

const PEOPLE = { registry: 'admins', package: 'maintainers' } as const;

/** What is kept of a registry or a package (contract 12.2): the same for the same, byte for byte. */
export function describedDocument(
  kind: Kind,
  name: string,
  { description, people, customValues }: Described,
): Uint8Array {
  return Buffer.from(
    JSON.stringify({ name, description, [PEOPLE[kind]]: people, custom_values: Object.fromEntries(customValues) }),
  );
}

/** What such a document says; throws where it is none, or another's. */
export function parseDescribed(kind: Kind, bytes: Uint8Array, expectedName: string): Described {
  parseStrictJson(bytes); // what readers would not agree about is no document
  const { name, fields } = parseNew(parseBody(bytes), kind);
  if (name !== expectedName) throw new Error(`it is of ${name}`);
  return fields;
}

/** What is kept of a version whose bytes are elsewhere. */
export function referenceDocument(
  version: Pick<Version, 'name' | 'version' | 'checksum' | 'startPartition' | 'endPartition'> & { url: string },
): Uint8Array {
  const { name, version: number, checksum, url, startPartition, endPartition } = version;
  return Buffer.from(JSON.stringify({ name, version: number, checksum, url, startPartition, endPartition }));
}

/** What such a document says; throws where it is none, or of another package. */
export function parseReference(bytes: Uint8Array, packageName: string): NewVersion & { readonly url: string } {
  parseStrictJson(bytes);
  const version = parseNewVersion(parseBody(bytes), packageName);
  if (version.url === undefined) throw new Error('it has no url');
  return { ...version, url: version.url };
}
