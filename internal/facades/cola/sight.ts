import type { Actor } from '../../auth/index.ts';
import type { Names } from './names.ts';
import type { Registry } from './store.ts';

/** The registry as somebody sees it: without packages that they may not read. */
export function seenBy(actor: Actor, registry: Registry, names: Names): Registry {
  const packages = registry.packages.filter(({ name }) => seesPackage(actor, registry.name, name, names));
  return packages.length === registry.packages.length ? registry : { ...registry, packages };
}

export function seesPackage(actor: Actor, registry: string, packageName: string, names: Names): boolean {
  const repository = names.package(registry, packageName);
  return repository !== undefined && actor.may('pull', repository);
}

export function seesRegistry(actor: Actor, registry: string, names: Names): boolean {
  const repository = names.registry(registry);
  return repository !== undefined && actor.may('pull', repository);
}

/** Whether there could be a registry that somebody may read. */
export function maySeeSome({ prefixes }: Actor, { prefix }: Names): boolean {
  const ours = `${prefix}/`;
  return prefixes.some((theirs) => ours.startsWith(theirs) || theirs.startsWith(ours));
}
