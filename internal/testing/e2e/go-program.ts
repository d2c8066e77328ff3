import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder } from '../temp-folder.ts';
import { rowOf, type ClientName } from './client-table.ts';
import { buildFolder } from './clients.ts';
import { run } from './run.ts';

const BUILD_MS = 15 * 60_000;

/** Builds a Go program of its pinned version into the cache. */
export async function buildGoProgram(go: string, client: ClientName): Promise<void> {
  const { source } = rowOf(client);
  if (source.kind !== 'go') throw new Error(`${client} is no Go program`);
  const folder = buildFolder(client);
  const unfinished = join(folder, `${client}.${process.pid}`);
  await mkdir(folder, { recursive: true });
  // In a module of its own and not by `go install`: that refuses a module whose go.mod replaces others, as oras does.
  const scratch = await openTempFolder('octoserve-go');
  const inScratch = (...args: readonly string[]): Promise<string> =>
    run(go, args, { cwd: scratch.path, env: { GOFLAGS: '-mod=mod', GOWORK: 'off' }, timeoutMs: BUILD_MS });
  try {
    await inScratch('mod', 'init', 'scratch');
    await inScratch('get', `${source.path}@${source.version}`);
    await inScratch('build', '-buildvcs=false', '-o', unfinished, source.path);
    await rename(unfinished, join(folder, client));
  } finally {
    await scratch.remove();
  }
}
