import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import {
  CliError,
  printable,
  PRODUCT_VERSION,
  UsageError,
  type CommandInput,
  type Io,
} from '../../internal/cli/index.ts';
import { BackupError, createBackups, type Backups } from '../../internal/maintenance/index.ts';
import type { Config } from '../../internal/server/index.ts';
import {
  formatBackupPlace,
  insistApart,
  openBackupSource,
  openBackupTarget,
  parseBackupPlace,
  type BackupPlace,
  type BackupSource,
} from '../../internal/storage/index.ts';
import { newUploadId } from './registry.ts';
import { telling, type Stores } from './stores.ts';

const DEPS = { clock: Date.now, uuid: v4 };

/** The place that a command line names, else that of the configuration. */
export function needBackupPlace({ arguments: [given] }: CommandInput, config: Config, { cwd }: Io): BackupPlace {
  const text = given ?? config['backup.target'];
  if (text === undefined) throw new UsageError('name a folder or s3://bucket/prefix, or set backup.target');
  const place = parseBackupPlace(text, cwd);
  if (typeof place === 'string') throw new UsageError(`${text} ${place}`);
  return place;
}

/** The backups of a command's stores into a place, under the same leases as those of a server beside it. */
export function openBackups({ config, storage, catalog }: Stores, place: BackupPlace, keep: number, io: Io): Backups {
  return createBackups({
    catalog,
    storage,
    openTarget: () => openBackupTarget(place, config, DEPS),
    schedule: undefined,
    keep,
    newUploadId,
    clock: Date.now,
    random: Math.random,
    pause: (ms, signal) => setTimeout(ms, undefined, { signal }),
    newId: v4,
    program: PRODUCT_VERSION,
    host: hostname(),
    log: {
      info: () => undefined, // the command tells what came of it
      error: (message, { reason } = {}) => {
        if (typeof reason === 'string' && message.includes('pruned')) {
          io.stderr.write(`warning: ${message}: ${printable(reason)}\n`);
        }
      },
    },
  });
}

/** Opens the place where backups are, for reading, for as long as `use` takes. */
export async function withBackups<Result>(
  place: BackupPlace,
  config: Config,
  use: (source: BackupSource) => Promise<Result>,
): Promise<Result> {
  return tellingBackup(async () => {
    const source = await openBackupSource(place, config, DEPS);
    if (!source) throw new CliError(`There is no folder ${formatBackupPlace(place)}`);
    try {
      return await use(source);
    } finally {
      await source.close();
    }
  });
}

/** The same, to fill the storage of the configuration from: refused where the two would share content. */
export async function withBackupsApart<Result>(
  place: BackupPlace,
  config: Config,
  use: (source: BackupSource) => Promise<Result>,
): Promise<Result> {
  await telling(() => insistApart(place, config));
  return withBackups(place, config, use);
}

/** Says why there is no backup, as something the user can act on. */
export async function tellingBackup<Result>(act: () => Promise<Result>): Promise<Result> {
  return telling(async () => {
    try {
      return await act();
    } catch (cause) {
      if (!(cause instanceof BackupError)) throw cause;
      const message = cause.message.charAt(0).toUpperCase() + cause.message.slice(1);
      const hint = HINTS[cause.failure];
      throw new CliError(message, { ...(hint !== undefined && { hint }), cause });
    }
  });
}

const HINTS: Readonly<Partial<Record<BackupError['failure'], string>>> = {
  damaged: '`octoserve backup list` lists the others; --at restores one of those.',
  absent: '`octoserve backup list` lists what there is.',
  busy: 'Wait until that is over.',
};
