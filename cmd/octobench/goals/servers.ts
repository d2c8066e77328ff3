import { mkdir, opendir, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../measure/target.ts';
import { startDistribution } from '../peers/distribution.ts';
import { forkServer } from '../peers/forked.ts';
import { startOctoserve } from '../peers/octoserve.ts';
import type { ServerName, Setup } from './types.ts';

/** A server that runs, as something to be measured. */
export interface Running {
  readonly target: Target;
  readonly folder: string;
  /** From its start until it first answered; undefined where that says nothing. */
  readonly startMs: number | undefined;
  close(): Promise<void>;
}

export interface ServersOptions {
  /** The program of distribution. */
  readonly program: string;
  /** Below which each server has a folder of its own. */
  readonly folder: string;
  readonly setup: Setup;
}

interface Started {
  readonly url: string;
  readonly pid: number;
  readonly startMs?: number;
  readonly close: () => Promise<void>;
}

function start(name: ServerName, own: string, { program, setup }: ServersOptions): Promise<Started> {
  const { durability, logsRequests } = setup;
  switch (name) {
    case 'ours':
      return startOctoserve({ folder: own, durability, logsRequests, workers: '1' });
    case 'ours (auto)':
      return startOctoserve({ folder: own, durability, logsRequests, workers: 'auto' });
    case 'bare node':
      return forkServer('bare-server', [own, durability, '1']);
    case 'bare node (auto)':
      return forkServer('bare-server', [own, durability, String(availableParallelism())]);
    case 'distribution':
      return startDistribution({ program, folder: own, logsRequests });
    default:
      return name satisfies never;
  }
}

/** Starts a server as a setup says, on what an earlier one of that name left in the folder. */
export async function startServer(name: ServerName, options: ServersOptions): Promise<Running> {
  const folder = join(options.folder, options.setup.name.replaceAll(/\W+/g, '-'), name.replaceAll(/\W+/g, '-'));
  await mkdir(folder, { recursive: true });
  const { url, pid, startMs, close } = await start(name, folder, options);
  return { target: { name, site: { url, authHosts: [] }, pid }, folder, startMs, close };
}

/** Removes the files below a folder that are larger than this. Nobody may want them any more. */
export async function removeLargeFiles(folder: string, overBytes: number): Promise<void> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined); // a server may have been faster
    if (found && found.size > overBytes) await rm(path, { force: true });
  }
}
