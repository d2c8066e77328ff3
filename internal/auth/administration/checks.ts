import { OciError } from '../../../pkg/oci/index.ts';
import type { BindingRow, Catalog } from '../../catalog/index.ts';
import { ACTIONS, findAction } from '../actions.ts';
import { isGroupName, isSubject, isUserName } from '../names.ts';
import { LONGEST_PASSWORD } from '../passwords.ts';
import { wrongOfPattern } from '../pattern.ts';
import { BUILT_IN_ROLES } from '../policy.ts';

// What administrators give, on the command line or in a request: each check throws what they are told of it.

const SHORTEST_PASSWORD = 8;

/** The names of the roles that are always there. */
export const BUILT_IN: readonly string[] = [...BUILT_IN_ROLES.keys()];

export const unknown = (what: string, name: string): OciError => new OciError('ENTRY_UNKNOWN', `${what} ${name}`);
export const invalid = (detail: string): OciError => new OciError('REQUEST_INVALID', detail);

export function checkPassword(password: string): void {
  if (password.length < SHORTEST_PASSWORD) throw invalid(`a password has at least ${SHORTEST_PASSWORD} characters`);
  if (password.length > LONGEST_PASSWORD) throw invalid(`a password has at most ${LONGEST_PASSWORD} characters`);
}

/** Of a user or a key. */
export function checkName(name: string): void {
  if (isUserName(name)) return;
  throw invalid('a name begins with a letter or digit, and has up to 128 of these and of . _ @ + -');
}

export function checkGroups(groups: readonly string[]): void {
  if (groups.every(isGroupName)) return;
  throw invalid('a group that is given here has a name without : and =, which those of providers have');
}

export function checkActions(actions: readonly string[]): void {
  if (actions.every(findAction)) return;
  throw invalid(`there is no such action; there are ${ACTIONS.join(', ')}`);
}

export function checkPattern(pattern: string): void {
  const wrong = wrongOfPattern(pattern);
  if (wrong !== undefined) throw invalid(`the pattern ${pattern} ${wrong}`);
}

export function checkSubject(subject: string): void {
  if (isSubject(subject)) return;
  throw invalid('a subject is user:, group:, key: or workload: with a name, or authenticated, or anonymous');
}

/** Also that there is such a role: ENTRY_UNKNOWN. */
export async function checkBinding({ queries }: Pick<Catalog, 'queries'>, binding: BindingRow): Promise<void> {
  const { subject, role, pattern } = binding;
  checkSubject(subject);
  checkPattern(pattern);
  const isThere = BUILT_IN.includes(role) || (await queries.readPolicy()).roles.some(({ name }) => name === role);
  if (!isThere) throw unknown('role', role);
}
