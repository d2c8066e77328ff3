import { findAction } from './actions.ts';
import { findUser } from './directory.ts';
import type { Facts } from './knowledge.ts';
import { isKeyName } from './names.ts';
import type { Workloads } from './ports.ts';
import { ANONYMOUS, type Access, type Principal } from './principal.ts';
import type { KeyRow } from '../catalog/index.ts';
import type { FileUsers } from './users-file.ts';

export interface SubjectDeps {
  readonly file: () => FileUsers;
  readonly workloads: Workloads;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Whom a token is of: as it was given, to be looked at again each time. */
export interface Subject {
  readonly subject: string;
  readonly generation: number;
  readonly workload?: string | undefined;
}

/** The principal that a token was given to, as it is now; undefined where it is gone, disabled or another by now. */
export async function findPrincipal(
  { subject, generation, workload }: Subject,
  facts: Facts,
  deps: SubjectDeps,
): Promise<Principal | undefined> {
  if (subject === 'anonymous') return ANONYMOUS;
  const colon = subject.indexOf(':');
  const [kind, name] = [subject.slice(0, colon), subject.slice(colon + 1)];
  switch (kind) {
    case 'user': {
      const known = await findUser(name, deps.file(), facts);
      return known && !known.isDisabled && known.generation === generation ? { kind, ...known.user } : undefined;
    }
    case 'key': {
      const row = await facts.key(name);
      return row?.createdMs === generation ? principalOfKey(row, facts, deps) : undefined;
    }
    case 'workload': {
      const access = await deps.workloads.find(name);
      return access && { kind, name, subject: workload ?? '', access };
    }
    default:
      return undefined;
  }
}

/** The principal that a binding's subject is, as it is now; undefined where it is none that could sign in. */
export async function findSubject(text: string, facts: Facts, deps: SubjectDeps): Promise<Principal | undefined> {
  const colon = text.indexOf(':');
  const [kind, name] = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1)];
  if (kind === 'user') {
    const known = await findUser(name, deps.file(), facts);
    return known && !known.isDisabled ? { kind, ...known.user } : undefined;
  }
  if (kind === 'key') {
    const row = isKeyName(name) ? await facts.key(name) : undefined;
    return row && principalOfKey(row, facts, deps);
  }
  // Somebody of that group, of whom no more is known.
  if (kind === 'group') return { kind: 'user', name: '', groups: [name] };
  return findPrincipal({ subject: text, generation: 0 }, facts, deps);
}

/** The principal of a key; undefined where it is over, or its owner may not sign in. */
export async function principalOfKey(row: KeyRow, facts: Facts, deps: SubjectDeps): Promise<Principal | undefined> {
  if (row.expiresMs !== undefined && row.expiresMs <= deps.clock()) return undefined;
  const key = { kind: 'key', name: row.name, access: accessOf(row) } as const;
  if (row.owner === undefined) return { ...key, owner: undefined };
  const owner = await findUser(row.owner, deps.file(), facts);
  return owner && !owner.isDisabled ? { ...key, owner: owner.user } : undefined;
}

/** A word that a later version knows, and we do not, allows nothing here. */
function accessOf({ repositories, actions }: KeyRow): Access {
  return { repositories, actions: actions.flatMap((action) => findAction(action) ?? []) };
}
