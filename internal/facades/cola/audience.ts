import { createHash } from 'node:crypto';
import { EVERYBODY, type Actor } from '../../auth/index.ts';
import { seesPackage } from './sight.ts';
import type { Names } from './names.ts';
import type { RegistryIndex } from './store.ts';

/** Which packages of a registry somebody may not read. */
export interface Hidden {
  readonly packages: ReadonlySet<string>;
  /** The same for the same packages, and short. */
  readonly key: string;
}

const NOTHING: Hidden = { packages: new Set(), key: '' };
/** A right that was taken away holds for so long at most: little of the time that revocations may take. */
const KEPT_MS = 1000;
const MOST = 1000;

/** Says who sees what of an index. A policy is asked about each package once a second, not with each request. */
export function createAudiences(names: Names, clock: () => number) {
  let known = new Map<string, Hidden>();
  let untilMs = 0;

  function find(actor: Actor, registry: string, index: RegistryIndex): Hidden {
    const all = new Set(index.versions.map(({ name }) => name));
    const packages = new Set([...all].filter((name) => !seesPackage(actor, registry, name, names)));
    if (packages.size === 0) return NOTHING;
    return {
      packages,
      key: createHash('sha256')
        .update([...packages].join('/'))
        .digest('base64url'),
    };
  }

  return (actor: Actor, registry: string, index: RegistryIndex): Hidden => {
    if (actor === EVERYBODY) return NOTHING;
    // A token may be good for less than its principal.
    if (actor.identity.scope) return find(actor, registry, index);
    const nowMs = clock();
    if (nowMs >= untilMs || nowMs < untilMs - KEPT_MS || known.size >= MOST) {
      known = new Map();
      untilMs = nowMs + KEPT_MS;
    }
    const key = JSON.stringify([actor.name, registry, index.stamp]);
    const found = known.get(key) ?? find(actor, registry, index);
    known.set(key, found);
    return found;
  };
}
