import { OciError } from '../../../../pkg/oci/index.ts';
import { DocumentError, type DocumentPlace } from '../../../documents/index.ts';
import type { Logger } from '../../../log/index.ts';
import { listedVersions } from '../rules/index-json.ts';
import type { ColaStore, Registry } from '../store.ts';
import * as changes from './changes.ts';
import type { Decision, VersionRules } from './changes.ts';
import { DocumentUnreadable, formatDocument, parseDocument, type Registries } from './format.ts';

export interface DocumentStoreDeps extends VersionRules {
  readonly place: DocumentPlace;
  /** Whether other servers may write to the document too. */
  readonly isShared: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What readers see: never anything that was not persisted. */
interface Snapshot {
  readonly registries: Registries;
  /** Of the document that it was loaded from or persisted as. */
  readonly state: string;
}

/** How often a write is decided anew because somebody else's came first. */
const TRIES = 10;
/** How old what readers see may be where others write too. */
const FRESH_MS = 5000;

/**
 * The registries of one document: loaded whole, kept in memory, rewritten with each change, one after the other. Readers
 * wait for nobody. A write that failed changed nothing; one that met another server's is decided anew on what that one
 * wrote. Throws DocumentError or DocumentUnreadable where there is none to start with.
 */
export async function openDocumentStore(deps: DocumentStoreDeps): Promise<ColaStore> {
  const { place, isShared, clock, log } = deps;
  let current = (await load()) ?? (await init());
  let lookedMs = clock();
  let turn: Promise<unknown> = Promise.resolve();
  let refreshing: Promise<void> | undefined;
  // A registry that changed is another object: so each has its own stamp, as long as it lives.
  const stamps = new WeakMap<Registry, { readonly stamp: string; readonly changedMs: number | undefined }>();
  let stamped = 0;

  async function load(): Promise<Snapshot | undefined> {
    const found = await place.load();
    if (!found) return undefined;
    const { registries, oddities } = parseDocument(found.bytes);
    for (const oddity of oddities) log.warn('The document breaks a rule', { what: oddity });
    return { registries, state: found.state };
  }

  async function init(): Promise<Snapshot> {
    const persisted = await place.persist(formatDocument(new Map()), undefined);
    if (persisted.kind === 'persisted') return { registries: new Map(), state: persisted.state };
    const found = await load(); // another server's came first
    if (found) return found;
    throw new DocumentError('storage', 'create the document', 'it comes and goes');
  }

  async function reload(): Promise<void> {
    if ((await place.findState()) === current.state) return;
    const found = await load();
    if (!found) throw new DocumentError('storage', 'load the document', 'it is gone');
    current = found;
  }

  /** Lets a stale snapshot be replaced behind a reader's back. */
  function refresh(): void {
    if (!isShared || refreshing || clock() - lookedMs < FRESH_MS) return;
    lookedMs = clock();
    refreshing = inTurn(reload)
      .catch((error: unknown) => log.warn('The document cannot be loaded again', { error }))
      .finally(() => {
        refreshing = undefined;
      });
  }

  /** One at a time. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  function read<T>(look: (registries: Registries) => T): T {
    refresh();
    return look(current.registries);
  }

  function change<Outcome>(decide: (registries: Registries) => Decision<Outcome>): Promise<Outcome> {
    return inTurn(async () => {
      try {
        return await persistDecision(decide);
      } catch (error) {
        if (!(error instanceof DocumentError) && !(error instanceof DocumentUnreadable)) throw error;
        log.error('The document cannot be written', { error });
        throw new OciError('UNAVAILABLE', 'the document cannot be written', error);
      }
    });
  }

  async function persistDecision<Outcome>(decide: (registries: Registries) => Decision<Outcome>): Promise<Outcome> {
    for (let left = TRIES; left > 0; left -= 1) {
      let { outcome, next } = decide(current.registries);
      if (!next && isShared) {
        // Somebody else may have made or deleted meanwhile what this stumbles over.
        await reload();
        ({ outcome, next } = decide(current.registries));
      }
      if (!next) return outcome;
      const persisted = await place.persist(formatDocument(next), current.state);
      if (persisted.kind === 'persisted') {
        publish(next, persisted.state);
        return outcome;
      }
      await reload();
    }
    throw new DocumentError('storage', 'persist the document', 'others write it all the time');
  }

  function publish(registries: Registries, state: string): void {
    for (const [name, registry] of registries) {
      if (current.registries.get(name) !== registry) stamp(registry, clock());
    }
    current = { registries, state };
  }

  function stamp(registry: Registry, changedMs: number | undefined): void {
    stamped += 1;
    stamps.set(registry, { stamp: `${process.pid}-${stamped}`, changedMs });
  }

  function stampOf(registry: Registry): { readonly stamp: string; readonly changedMs: number | undefined } {
    const found = stamps.get(registry);
    if (found) return found;
    stamp(registry, undefined);
    return stampOf(registry);
  }

  return {
    check: () =>
      place.check().catch((error: unknown) => {
        throw new OciError('UNAVAILABLE', 'the document cannot be reached', error);
      }),
    close: async () => {
      await turn;
      await place.close();
    },

    listRegistries: async () => read((all) => [...all.values()]),
    getRegistry: async (name) => read((all) => changes.findRegistry(all, name)),
    createRegistry: (_by, name, fields) => change((all) => changes.createRegistry(all, name, fields)),
    updateRegistry: (_by, name, fields) => change((all) => changes.updateRegistry(all, name, fields)),
    deleteRegistry: (_by, name) => change((all) => changes.deleteRegistry(all, name)),

    listPackages: async (registry) =>
      read((all) => {
        const found = changes.findRegistry(all, registry);
        return found.kind === 'absent' ? found : { kind: 'found', value: found.value.packages };
      }),
    getPackage: async (registry, name) => read((all) => changes.findPackage(all, registry, name)),
    createPackage: (_by, registry, name, fields) => change((all) => changes.createPackage(all, registry, name, fields)),
    updatePackage: (_by, registry, name, fields) => change((all) => changes.updatePackage(all, registry, name, fields)),
    deletePackage: (_by, registry, name) => change((all) => changes.deletePackage(all, registry, name)),

    listVersions: async (registry, packageName) =>
      read((all) => {
        const found = changes.findPackage(all, registry, packageName);
        return found.kind === 'absent' ? found : { kind: 'found', value: found.value.versions };
      }),
    getVersion: async (registry, packageName, version) =>
      read((all) => changes.findVersion(all, registry, packageName, version)),
    createVersion: (_by, registry, packageName, version) =>
      change((all) => changes.createVersion(all, registry, packageName, version, deps)),
    deleteVersion: (_by, registry, packageName, version) =>
      change((all) => changes.deleteVersion(all, registry, packageName, version)),

    indexStamp: async (name) =>
      read((all) => {
        const registry = all.get(name);
        return registry && stampOf(registry).stamp;
      }),
    getRegistryIndex: async (name) =>
      read((all) => {
        const registry = all.get(name);
        return registry && { ...stampOf(registry), versions: listedVersions(registry) };
      }),
  };
}
