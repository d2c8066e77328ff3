import { findDigest, findRepositoryName, findTag } from '../../pkg/oci/index.ts';
import { CHANGE_ACTIONS, CHANGE_RESULTS, DAMAGE_KINDS, type DumpKind, type DumpRowOf } from '../catalog/index.ts';

/** What a member is not, whatever it may be. */
export const INVALID = Symbol('invalid');

/** A member as it was written, or INVALID. A member without a value is not written at all. */
export type Read = (value: unknown) => unknown;

type Fields<Kind extends DumpKind> = { readonly [Name in Exclude<keyof DumpRowOf<Kind>, 'kind'>]: Read };

const text: Read = (value) => (typeof value === 'string' ? value : INVALID);
const whole: Read = (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? value : INVALID);
const digest = parsed(findDigest);
const repository = parsed(findRepositoryName);
const digests: Read = (value) =>
  Array.isArray(value) && value.every((each) => digest(each) !== INVALID) ? value : INVALID;

const action = oneOf(CHANGE_ACTIONS);
const result = oneOf(CHANGE_RESULTS);
const problem = oneOf(DAMAGE_KINDS);

/** The members of each kind of row, in the order in which they are written. */
export const FIELDS: { readonly [Kind in DumpKind]: Fields<Kind> } = {
  repository: { name: repository },
  blob: { digest, sizeBytes: whole, createdMs: whole },
  quarantine: { digest, problem, foundMs: whole },
  membership: { repository, digest, sinceMs: whole },
  manifest: {
    repository,
    digest,
    mediaType: text,
    sizeBytes: whole,
    pushedMs: whole,
    artifactType: optional(text),
    subject: optional(digest),
    annotations: optional(text),
    blobs: digests,
    children: digests,
  },
  facts: { repository, digest, by: text, facts: optional(text) },
  tag: { repository, name: parsed(findTag), digest },
  pull: { repository, digest, pulledMs: whole },
  deleted: { repository, digest, mediaType: text, sizeBytes: whole, deletedMs: whole },
  change: {
    sequence: optional(whole),
    timeMs: whole,
    action,
    repository: optional(repository),
    name: text,
    from: optional(digest),
    to: optional(digest),
    principal: text,
    address: text,
    requestId: text,
    result: (value) => (value === undefined ? 'done' : result(value)), // none before version 2
    detail: optional(text),
    hash: optional(text),
  },
  seal: { first: whole, last: whole, hash: text, timeMs: whole },
  cursor: { name: text, sequence: whole },
  user: {
    name: text,
    password: optional(text),
    email: optional(text),
    displayName: optional(text),
    disabled: whole,
    generation: whole,
    createdMs: whole,
    signedInMs: optional(whole),
  },
  group: { user: text, source: text, name: text },
  identity: { provider: text, subject: text, user: text },
  profile: {
    user: text,
    provider: text,
    subject: text,
    avatarUrl: optional(text),
    organizations: text,
    teams: text,
  },
  role: { name: text, actions: text },
  binding: { subject: text, role: text, pattern: text },
  key: {
    name: text,
    hash: text,
    owner: optional(text),
    repositories: text,
    actions: text,
    createdMs: whole,
    expiresMs: optional(whole),
    usedMs: optional(whole),
  },
  workload: { name: text, document: text, changedMs: whole },
};

function optional(read: Read): Read {
  return (value) => (value === undefined ? undefined : read(value));
}

function oneOf(known: readonly string[]): Read {
  return parsed((given) => known.find((each) => each === given));
}

function parsed(find: (given: string) => string | undefined): Read {
  return (value) => (typeof value === 'string' ? find(value) : undefined) ?? INVALID;
}
