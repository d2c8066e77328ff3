import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import {
  configuredRules,
  createAdministration,
  createPasswords,
  type Administration,
} from '../../internal/auth/index.ts';
import type { Catalog, Origin } from '../../internal/catalog/index.ts';
import { CliError, UsageError, type CommandInput, type ExitCode, type Io } from '../../internal/cli/index.ts';
import { makeFolders } from '../../internal/files/index.ts';
import type { Config } from '../../internal/server/index.ts';
import { OciError } from '../../pkg/oci/index.ts';
import { catalogFile, needStores, unfinished, withCatalog } from './stores.ts';
import { namingFailures } from './system-failure.ts';

/** What commands about users, keys and roles work with: the catalog of a configuration, beside whatever server uses it. */
export interface People {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly administration: Administration;
  /** Who asks: goes into the log of changes. */
  readonly by: Origin;
}

/** Opens them for as long as `use` takes. The catalog is made where there is none: the first user may come before it. */
export async function withPeople(
  input: CommandInput,
  io: Io,
  use: (people: People) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await needStores(input, io);
  const file = catalogFile(config);
  if (file !== undefined) await namingFailures(`${file} cannot be made`, () => makeFolders(dirname(file)));
  return withCatalog(config, async (catalog) => {
    const restore = await catalog.queries.findRestore();
    if (restore !== undefined) throw unfinished(restore, config);
    const passwords = createPasswords({ ticks: () => performance.now(), bcryptCost: () => undefined });
    const audience = config['server.public_url'];
    const administration = createAdministration({
      catalog,
      passwords,
      clock: Date.now,
      configured: configuredRules(config, audience),
      audience,
    });
    const by = { principal: `local:${userInfo().username}`, address: 'local', requestId: randomUUID() };
    try {
      return await use({ config, catalog, administration, by });
    } catch (error) {
      throw error instanceof OciError ? wordsOf(error) : error;
    } finally {
      await passwords.close();
    }
  });
}

/** What was refused, as people read it. */
function wordsOf(error: OciError): CliError {
  const detail = error.detail.join('; ');
  if (error.code === 'ENTRY_UNKNOWN') return new CliError(`There is no ${detail}`, { cause: error });
  if (error.code === 'REQUEST_INVALID') return new UsageError(detail);
  return new CliError(detail === '' ? error.message : `${error.message}: ${detail}`, { cause: error });
}

/** A list in one option: `a,b`. */
export const listOf = (text: string | boolean | undefined): readonly string[] | undefined =>
  typeof text === 'string'
    ? text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    : undefined;

export const textOf = (text: string | boolean | undefined): string | undefined =>
  typeof text === 'string' ? text : undefined;

/** Reads a whole list, a page at a time. */
export async function listAll<Row extends { readonly name: string }>(
  list: (page: { readonly after: string | undefined; readonly limit: number }) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  for (;;) {
    const rows = await list({ after: all.at(-1)?.name, limit: PAGE });
    all.push(...rows);
    if (rows.length < PAGE) return all;
  }
}

const PAGE = 500;

export const timeText = (ms: number | undefined): string => (ms === undefined ? '-' : new Date(ms).toISOString());
