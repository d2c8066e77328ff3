import { CatalogError, type Catalog, type CommandName } from '../catalog/index.ts';

/** What must go on where the disk is full: it frees room, or is needed for that. */
const SPARED: ReadonlySet<CommandName> = new Set<CommandName>([
  'deleteTag',
  'deleteManifest',
  'deleteBlob',
  'cancelUpload',
  'expireUploads',
  'beginDeletions',
  'takeOverDeletions',
  'endDeletions',
  'dropDeletion',
  'dismissCandidates',
  'recordGcRun',
  'forgetDeleted',
  'takeLease',
  'dropLease',
  'moveCursor',
  'sealChanges',
]);

/** The catalog, whose deletes are given the reserve and run again where there is no room for them. */
export function spareDeletes(catalog: Catalog, giveReserve: () => Promise<boolean>): Catalog {
  return {
    queries: catalog.queries,
    snapshot: () => catalog.snapshot(),
    check: () => catalog.check(),
    close: () => catalog.close(),
    run: async (name, args) => {
      try {
        return await catalog.run(name, args);
      } catch (failure) {
        const isFull = failure instanceof CatalogError && failure.failure === 'full';
        if (!isFull || !SPARED.has(name) || !(await giveReserve())) throw failure;
        return catalog.run(name, args);
      }
    },
  };
}
