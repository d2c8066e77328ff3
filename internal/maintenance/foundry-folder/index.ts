import type { FoundryFolder, NewFoundryFolder } from './types.ts';

export type { FoundryFolder, FoundryRow, NewFoundryFolder } from './types.ts';

// A server that does nothing of this loads no SQLite for it.

/** Opens the data folder of a reference server, which must not be running; undefined where the folder is none. */
export async function openFoundryFolder(folder: string): Promise<FoundryFolder | undefined> {
  return (await import('./read.ts')).openFoundryFolder(folder);
}

/** Makes a data folder for the reference server; undefined where something is in it already. */
export async function createFoundryFolder(folder: string): Promise<NewFoundryFolder | undefined> {
  return (await import('./write.ts')).createFoundryFolder(folder);
}
