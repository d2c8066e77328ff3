import type { ConfigOf, Option } from '../../config/index.ts';
import { checkListenAddress } from '../listen.ts';

/** distribution-spec: a part of a repository's name between slashes. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

export const COLA_OPTIONS = [
  { key: 'facades.cola.enabled', type: 'boolean', default: true, doc: 'Whether COLA is served.' },
  {
    key: 'facades.cola.listen',
    type: 'string',
    default: undefined,
    doc: 'An address (0.0.0.0:8080) where COLA is served alone, besides the main one.',
    check: checkListenAddress,
  },
  {
    key: 'facades.cola.prefix',
    type: 'string',
    default: 'cola',
    doc: 'The first part of the repositories that packages are kept in: cola/<registry>/<package>.',
    check: (prefix: string) =>
      prefix.length <= 64 && COMPONENT.test(prefix) ? undefined : 'must be a part of the name of a repository',
  },
  {
    key: 'facades.cola.immutable_tags',
    type: 'boolean',
    default: true,
    doc: 'Whether a version such as 1.2.3 stays what it is until it is deleted, through /v2 too.',
  },
  {
    key: 'facades.cola.partition_overlap',
    type: ['allow', 'reject'],
    default: 'allow',
    doc: 'Whether two versions of a package may be for the same partitions, as every ordinary release is.',
  },
  {
    key: 'facades.cola.index_strict',
    type: 'boolean',
    default: false,
    doc: 'Whether index.json leaves out what command-launcher could not install.',
  },
  {
    key: 'facades.cola.mirror',
    type: 'boolean',
    default: false,
    doc: 'Whether what is published by its URL is fetched, checked and kept here.',
  },
  {
    key: 'facades.cola.rate_limit',
    type: 'integer',
    default: 0,
    doc: 'The most requests a minute from one address to COLA; 0: those of auth.limits alone.',
    check: (count: number) => (count >= 0 ? undefined : 'must be 0 or more'),
  },
  {
    key: 'facades.cola.storage_uri',
    type: 'string',
    default: undefined,
    doc: 'One document that holds all registries, without bytes of packages (file://, oci://, s3://): for the program cola-registry.',
  },
  {
    key: 'facades.cola.storage_token',
    type: 'string',
    default: undefined,
    secret: true,
    doc: 'What lets it read and write that document: KEY:SECRET, user:password, or a token.',
    idleWithout: 'facades.cola.storage_uri',
  },
] as const satisfies readonly Option[];

export type ColaConfig = ConfigOf<typeof COLA_OPTIONS>;
