import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError, UsageError, type CommandInput, type Io } from '../../internal/cli/index.ts';
import { ConfigError, loadConfig } from '../../internal/config/index.ts';
import { OPTION_TABLES, type Config } from '../../internal/server/index.ts';

/** The storage that a command names besides the one of its own configuration, and what it is for. */
export interface OtherStorage {
  readonly role: 'to' | 'from';
  readonly config: Config;
}

/**
 * The storage of `--to`, `--from` and the like. Variables and flags belong to the command's own configuration: of the
 * other one counts what its file says, or all of its own but the folder.
 */
export async function readOther({ options }: CommandInput, { cwd }: Io, own: Config): Promise<OtherStorage> {
  const { to, toPath, from, fromPath } = options;
  const given = [to, toPath, from, fromPath].filter((each) => typeof each === 'string');
  const [value] = given;
  if (value === undefined || given.length > 1) {
    throw new UsageError('give one of --to, --to-path, --from and --from-path');
  }
  const role = to === undefined && toPath === undefined ? 'from' : 'to';
  const isPath = toPath !== undefined || fromPath !== undefined;
  const config: Config = isPath
    ? { ...own, 'storage.type': 'filesystem', 'storage.path': resolve(cwd, value) }
    : await ofFile(value, cwd);
  return { role, config };
}

async function ofFile(name: string, cwd: string): Promise<Config> {
  try {
    const { config, file } = await loadConfig({ tables: OPTION_TABLES, file: name, env: {}, cwd });
    if (file === undefined) throw new CliError(`${name} does not exist`);
    if (config['storage.type'] === 'memory') throw new CliError(`In ${file} storage.type is memory`);
    return config;
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new CliError(`${name}: ${cause.problems.join('\n  ')}`, { cause });
  }
}

/** Whether both configurations keep their content in one place. */
export async function isSameStorage(a: Config, b: Config): Promise<boolean> {
  if (a['storage.type'] !== b['storage.type']) return false;
  if (a['storage.type'] === 'filesystem') return (await placeOf(a)) === (await placeOf(b));
  return (['endpoint', 'bucket', 'prefix'] as const).every((key) => a[`storage.s3.${key}`] === b[`storage.s3.${key}`]);
}

/** The folder over links; as it is written where there is none yet. */
async function placeOf(config: Config): Promise<string> {
  const path = resolve(config['storage.path']);
  return realpath(path).catch(() => path);
}
