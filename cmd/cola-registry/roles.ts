import type { Binding, FileRoles } from '../../internal/auth/index.ts';
import { segmentOf } from '../../pkg/oci/index.ts';

type Role = 'admin' | 'publisher' | 'reader';
const ROLE = /^(admin|publisher|reader)(?:@([a-z0-9][a-z0-9_-]{0,63}))?$/;

/** A role of the product, on repositories. */
type Grant = Pick<Binding, 'role' | 'pattern'>;

/**
 * What the roles of `users.yaml` are on the repositories below the prefix (cola contract, section 11.2). Where nobody
 * has any, everybody who signs in may write: so it was before there were roles.
 */
export const createFileRoles =
  (prefix: string): FileRoles =>
  (users) => {
    const isOpen = users.every(({ roles }) => roles.length === 0);
    return users.flatMap(({ name, roles }) => {
      const grants = isOpen ? everything(prefix) : roles.flatMap((role) => grantsOf(prefix, name, role));
      return grants.map((grant) => ({ subject: `user:${name}`, ...grant }));
    });
  };

const everything = (prefix: string): readonly Grant[] => [
  { role: 'admin', pattern: `${prefix}/*` },
  { role: 'admin', pattern: `${prefix}/**` },
];

function grantsOf(prefix: string, name: string, text: string): readonly Grant[] {
  const [, role, registry] = ROLE.exec(text) ?? [];
  if (role === undefined) {
    throw new Error(`the role ${text} of ${name} is none: there are admin, publisher and reader, and publisher@ops`);
  }
  if (role === 'admin' && registry === undefined) return [{ role: 'admin', pattern: '**' }];
  const ofRegistry = `${prefix}/${registry === undefined ? '*' : segmentOf(registry)}`;
  const below = `${ofRegistry}/**`;
  const named: Readonly<Record<Role, readonly [string, string]>> = {
    admin: ['admin', 'admin'],
    publisher: ['reader', 'maintainer'], // registries are made by admins
    reader: ['reader', 'reader'],
  };
  const [onRegistry, onPackages] = named[role as Role];
  return [
    { role: onRegistry, pattern: ofRegistry },
    { role: onPackages, pattern: below },
  ];
}
