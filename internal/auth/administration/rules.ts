import { OciError } from '../../../pkg/oci/index.ts';
import type { BindingRow, Catalog, Origin, RoleRow } from '../../catalog/index.ts';
import { isRoleName } from '../names.ts';
import { BUILT_IN_ROLES } from '../policy.ts';
import { BUILT_IN, checkActions, checkBinding, checkPattern, checkSubject, invalid, unknown } from './checks.ts';

export type RoleView = RoleRow & { readonly builtIn: boolean };

/** Roles and who has them. REQUEST_INVALID, ENTRY_UNKNOWN, ENTRY_EXISTS. */
export interface RulesAdministration {
  /** Those that are always there first, the others by name. */
  listRoles(): Promise<readonly RoleView[]>;
  putRole(by: Origin, role: RoleRow): Promise<void>;
  /** Only where nobody has it. */
  deleteRole(by: Origin, name: string): Promise<void>;
  /** By subject, role and pattern; of one subject, where it is given. */
  listBindings(subject?: string): Promise<readonly BindingRow[]>;
  addBinding(by: Origin, binding: BindingRow): Promise<void>;
  deleteBinding(by: Origin, binding: BindingRow): Promise<void>;
}

interface Deps {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly clock: () => number;
  readonly renew: () => void;
}

export function createRulesAdministration({ catalog, clock, renew }: Deps): RulesAdministration {
  return {
    listRoles: async () => {
      const { roles } = await catalog.queries.readPolicy();
      const always = [...BUILT_IN_ROLES].map(([name, actions]) => ({ name, actions: [...actions], builtIn: true }));
      return [...always, ...roles.map((role) => ({ ...role, builtIn: false }))];
    },
    putRole: async (by, { name, actions }) => {
      if (!isRoleName(name))
        throw invalid('a role’s name has small letters, digits and - only, and begins with a letter');
      if (BUILT_IN.includes(name)) throw new OciError('ENTRY_EXISTS', `role ${name} is always as it is`);
      checkActions(actions);
      if (actions.length === 0) throw invalid('a role allows something');
      await catalog.run('putRole', { by, nowMs: clock(), name, actions });
      renew();
    },
    deleteRole: async (by, name) => {
      if (BUILT_IN.includes(name)) throw new OciError('ENTRY_EXISTS', `role ${name} is always there`);
      if (!isRoleName(name)) throw unknown('role', name);
      const done = await catalog.run('deleteRole', { by, nowMs: clock(), name });
      if (done.kind === 'absent') throw unknown('role', name);
      if (done.kind === 'bound') throw new OciError('ENTRY_EXISTS', `role ${name} is bound to ${done.subject}`);
      renew();
    },
    listBindings: async (subject) => {
      const { bindings } = await catalog.queries.readPolicy();
      return subject === undefined ? bindings : bindings.filter((binding) => binding.subject === subject);
    },
    addBinding: async (by, { subject, role, pattern }) => {
      await checkBinding(catalog, { subject, role, pattern });
      const row = { subject, role, pattern, known: BUILT_IN };
      const { kind } = await catalog.run('putBinding', { by, nowMs: clock(), ...row });
      if (kind === 'roleAbsent') throw unknown('role', role);
      renew();
    },
    deleteBinding: async (by, { subject, role, pattern }) => {
      checkSubject(subject);
      checkPattern(pattern);
      if (!isRoleName(role)) throw unknown('role', role);
      const { kind } = await catalog.run('deleteBinding', { by, nowMs: clock(), subject, role, pattern });
      if (kind === 'absent') throw unknown('binding', `${subject} ${role} ${pattern}`);
      renew();
    },
  };
}
