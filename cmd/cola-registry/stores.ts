import type { Artifacts } from '../../internal/artifacts/index.ts';
import { CatalogError } from '../../internal/catalog/index.ts';
import { CliError, type CommandInput, type Io } from '../../internal/cli/index.ts';
import { ConfigError } from '../../internal/config/index.ts';
import { DocumentError, PlaceInvalid } from '../../internal/documents/index.ts';
import { withArtifacts, type Config } from '../../internal/server/index.ts';
import { StorageError } from '../../internal/storage/index.ts';
import { loadColaConfig } from './config.ts';
import { invalidConfiguration } from './invalid-configuration.ts';
import { INVALID, STORES_FAILED } from './stand-alone.ts';

/** The configuration of the registry of artifacts; a document that the server may be told to keep counts for nothing. */
export async function needNative(input: CommandInput, io: Io): Promise<Config> {
  const env = { ...io.env, COLA_REGISTRY_STORAGE_URI: undefined, COLA_REGISTRY_STORAGE_TOKEN: undefined };
  const { config } = await loadColaConfig(input, { ...io, env }).catch((error: unknown) => {
    throw error instanceof ConfigError ? invalidConfiguration(error) : error;
  });
  if (config['storage.type'] !== 'memory') return config;
  throw new CliError('storage.type is memory, which no other process sees', { exitCode: INVALID });
}

/** The document that a command line names. */
export function documentAt(uri: string, { options }: CommandInput, io: Io) {
  const token = typeof options['token'] === 'string' ? options['token'] : io.env['COLA_REGISTRY_STORAGE_TOKEN'];
  return {
    uri,
    token: token || undefined,
    env: io.env,
    cwd: io.cwd,
    clock: Date.now,
    onOddity: (what: string): void => void io.stderr.write(`warning: ${what}\n`),
  };
}

/** Opens the registry of artifacts for as long as `use` takes. */
export const withRegistry = <Result>(config: Config, use: (artifacts: Artifacts) => Promise<Result>): Promise<Result> =>
  telling(() => withArtifacts(config, use));

/** Says what a store or a document could not do, as something that its user can act on. */
export async function telling<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof PlaceInvalid) throw new CliError(cause.message, { exitCode: INVALID, cause });
    const isKnown = cause instanceof StorageError || cause instanceof CatalogError || cause instanceof DocumentError;
    const { DocumentUnreadable } = await import('../../internal/facades/index.ts').then(({ loadColaTransfer }) =>
      loadColaTransfer(),
    );
    if (!isKnown && !(cause instanceof DocumentUnreadable)) throw cause;
    throw new CliError(cause.message, { exitCode: STORES_FAILED, cause });
  }
}
