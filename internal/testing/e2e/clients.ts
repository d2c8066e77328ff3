import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { rowOf, type ClientName } from './client-table.ts';

// What a user's PATH may lack and daemons live in.
const FURTHER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export const isRoot = process.getuid?.() === 0;

/** The folder, outside of any checkout, of the Go program that is built for the tests. */
export function buildFolder(client: ClientName): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const { source } = rowOf(client);
  return join(cache, 'octoserve-e2e', source.kind === 'go' ? `${client}-${source.version}` : client);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function findProgram(name: string, firstFolder?: string): string | undefined {
  const folders = [firstFolder ?? '', ...(process.env['PATH'] ?? '').split(delimiter), ...FURTHER_FOLDERS];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** Why the client cannot be used here; undefined where it can. */
export function findObstacle(client: ClientName): string | undefined {
  const { programs, root } = rowOf(client);
  const missing = programs.filter((program) => !findProgram(program, buildFolder(client)));
  if (missing.length > 0) return `${missing.join(' and ')} not installed`;
  return root && !isRoot ? `${client} needs root` : undefined;
}

/** The path of a client's program, its only or main one unless named. */
export function programOf(client: ClientName, program: string = client): string {
  const path = findProgram(program, buildFolder(client));
  if (!path) throw new Error(`${program} is not installed`);
  return path;
}
