import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { v4 } from 'uuid';
import { CatalogError, openCatalog, type Catalog } from '../../internal/catalog/index.ts';
import { CliError, printable, type CommandInput, type ExitCode, type Io } from '../../internal/cli/index.ts';
import type { Config } from '../../internal/server/index.ts';
import {
  openStorage,
  openStorageReader,
  StorageError,
  type Storage,
  type StorageDeps,
  type StorageReader,
} from '../../internal/storage/index.ts';
import { needSettings } from './settings.ts';

/** What a command works on: the stores of a configuration, opened beside whatever server uses them. */
export interface Stores {
  readonly config: Config;
  readonly storage: Storage;
  readonly catalog: Catalog;
}

/** The SQLite file of the catalog; undefined where it is kept elsewhere. */
export function catalogFile(config: Config): string | undefined {
  if (config['catalog.type'] !== 'sqlite') return undefined;
  return config['catalog.path'] ?? join(config['storage.path'], 'catalog.db');
}

/** The configuration for a command that works on stores, which are not there where they are in memory. */
export async function needStores(input: CommandInput, io: Io): Promise<Config> {
  const { config, warnings } = await needSettings(input, io);
  for (const warning of warnings) io.stderr.write(`warning: ${printable(warning)}\n`);
  if (config['storage.type'] !== 'memory') return config;
  throw new CliError('storage.type is memory, which no other process sees', {
    hint: 'Name the configuration of the server with --config.',
  });
}

/** Opens storage for as long as `use` takes. What a command is told of entries that are no records goes to stderr. */
export async function withStorage<Result>(
  config: Config,
  io: Io,
  use: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  return telling(async () => closing(await openStorage(config, storageDeps(io)), use));
}

/** The same for reading only: also of a folder that cannot be written to, and none is made where there is none. */
export async function withStorageReader<Result>(
  config: Config,
  io: Io,
  use: (storage: StorageReader) => Promise<Result>,
): Promise<Result> {
  return telling(async () => {
    const storage = await openStorageReader(config, storageDeps(io));
    if (storage) return closing(storage, use);
    throw new CliError(`There is no folder ${config['storage.path']}`, {
      hint: '`octoserve config show` tells where settings come from.',
    });
  });
}

function storageDeps(io: Io): StorageDeps {
  const told = new Set<string>();
  const onSkipped = (key: string, reason: string): void => {
    if (told.size < MOST_TOLD && !told.has(key)) io.stderr.write(`warning: ${printable(key)}: ${reason}\n`);
    told.add(key);
  };
  return { clock: Date.now, uuid: v4, onSkipped };
}

async function closing<Opened extends { close(): Promise<void> }, Result>(
  opened: Opened,
  use: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

/** Opens the catalog for as long as `use` takes. */
export async function withCatalog<Result>(config: Config, use: (catalog: Catalog) => Promise<Result>): Promise<Result> {
  return telling(async () => {
    const path = join(config['storage.path'], 'catalog.db');
    return closing(await openCatalog(config, { path, durability: config['storage.durability'] }), use);
  });
}

/**
 * Opens both. Refuses a catalog that something began to fill and did not finish, and, unless it `mayBeNew`, a file that
 * is not there: what a command finds in a new one would not be what it was asked about.
 */
export async function withStores(
  input: CommandInput,
  io: Io,
  use: (stores: Stores) => Promise<ExitCode>,
  { mayBeNew = false }: { readonly mayBeNew?: boolean } = {},
): Promise<ExitCode> {
  const config = await needStores(input, io);
  const file = catalogFile(config);
  if (file !== undefined && !mayBeNew && !existsSync(file)) {
    throw new CliError(`There is no catalog at ${file}`, {
      hint: '`octoserve config show` tells where settings come from; `octoserve rebuild` makes a catalog from storage.',
    });
  }
  return withStorage(config, io, (storage) =>
    withCatalog(config, async (catalog) => {
      const restore = await catalog.queries.findRestore();
      if (restore !== undefined) throw unfinished(restore, config);
      return use({ config, storage, catalog });
    }),
  );
}

/** What there is to say of a catalog that `holder` did not finish to fill. */
export function unfinished(holder: string, config: Config): CliError {
  const command = holder.split(' ')[0] ?? holder;
  const anew = catalogFile(config) === undefined ? 'In an empty database' : 'With --replace';
  return new CliError(`The catalog is not complete: octoserve ${command} was interrupted`, {
    hint: `Run octoserve ${command} again, and it is completed. ${anew} it starts anew.`,
  });
}

const MOST_TOLD = 1000;

/** Says what a store could not do, as something the user can act on. */
export async function telling<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof StorageError || cause instanceof CatalogError)) throw cause;
    const store = cause instanceof StorageError ? 'Storage' : 'Catalog';
    const hint = cause.failure === 'full' ? 'Make room, then run the command again.' : undefined;
    throw new CliError(`${store}: ${cause.message}`, { ...(hint !== undefined && { hint }), cause });
  }
}
