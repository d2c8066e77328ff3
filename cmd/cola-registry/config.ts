import { resolve } from 'node:path';
import type { CommandInput, Io } from '../../internal/cli/index.ts';
import { ConfigError, loadConfig } from '../../internal/config/index.ts';
import { showPlace } from '../../internal/documents/index.ts';
import { judgeConfig, OPTION_TABLES, standAloneSettings, type Config } from '../../internal/server/index.ts';
import { isNative, problemsOf } from './problems.ts';
import { readSaid, type Said } from './settings.ts';

/** What `cola-registry` starts with. */
export interface ColaStart {
  readonly config: Config;
  /** The file of the product's own settings, if any. */
  readonly file: string | undefined;
  readonly warnings: readonly string[];
  /** How COLA is kept, as it may be shown. */
  readonly shownUri: string;
  readonly isNative: boolean;
  readonly authType: string;
  readonly usersFile: string;
  /** What tells whose a token is, with `custom_jwt`. */
  readonly script: string | undefined;
  readonly requiredGroup: string | undefined;
}

/** What is otherwise than in the product where nobody says anything (cola contract, section 7). */
const DEFAULTS: Readonly<Record<string, string | number>> = {
  'server.address': '0.0.0.0',
  'server.port': 8080,
  'server.write_timeout': '120s',
  'facades.cola.rate_limit': 100,
  'auth.limits.requests': 0, // COLA's own limit holds for all
  'auth.limits.anonymous': 0,
};

const TABLES = OPTION_TABLES.map((table) =>
  table.map((option) => (option.key in DEFAULTS ? { ...option, default: DEFAULTS[option.key] } : option)),
) as unknown as typeof OPTION_TABLES;

/**
 * The configuration that COLA's flags and variables make; below them count the product's own, as flags, `OCTOSERVE_`
 * variables and the file of `--config`. Throws a ConfigError with all that is wrong.
 */
export async function loadColaConfig({ options, settings }: CommandInput, { env, cwd }: Io): Promise<ColaStart> {
  const said = readSaid(options, env);
  const problems = problemsOf(said);
  if (problems.length > 0) throw new ConfigError(problems);
  const file = typeof options['config'] === 'string' ? options['config'] : false;
  const flags = { ...settings, ...toProduct(said, cwd), ...standAloneSettings('cola') };
  const loaded = await loadConfig({ tables: TABLES, judge: judgeConfig, file, env, flags, cwd });
  const { config } = loaded;
  const usersFile = said.authUsersFile ?? './users.yaml';
  return {
    config,
    file: loaded.file,
    warnings: [...loaded.warnings, ...warningsOf(said)],
    shownUri: showPlace(said.storageUri ?? 'store://'),
    isNative: isNative(said.storageUri),
    authType: said.authType ?? (config['auth.mode'] === 'none' ? 'none' : 'basic'),
    script: said.authType === 'custom_jwt' ? resolve(cwd, said.jwtScript ?? '') : undefined,
    requiredGroup: said.jwtGroup || undefined,
    usersFile,
  };
}

/** What was said, as flags of the product. */
function toProduct(said: Said, cwd: string): Readonly<Record<string, string>> {
  const plain = {
    'server.port': said.port,
    'server.address': said.host,
    'server.trusted_proxies': said.trustedProxies,
    'server.public_url': said.publicUrl,
    'log.level': said.logLevel,
    'log.format': said.logFormat,
    'facades.cola.rate_limit': said.rateLimit,
    'facades.cola.prefix': said.repoPrefix,
    'facades.cola.partition_overlap': said.partitionOverlap,
    'facades.cola.index_strict': booleanOf(said.indexStrict),
    'facades.cola.immutable_tags': booleanOf(said.immutableTags),
    'facades.cola.mirror': said.mirror && String(said.mirror === 'on'),
  };
  return {
    ...Object.fromEntries(Object.entries(plain).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    ...signIn(said, cwd),
    ...(!isNative(said.storageUri) && overDocument(said)),
  };
}

const booleanOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : String(text === 'true' || text === '1');

function signIn(said: Said, cwd: string): Readonly<Record<string, string>> {
  if (said.authType === undefined) return {};
  if (said.authType === 'none') return { 'auth.mode': 'none' };
  const prefix = said.repoPrefix ?? 'cola';
  return {
    'auth.mode': 'basic',
    ...(said.authType === 'basic' && { 'auth.users_file': resolve(cwd, said.authUsersFile ?? './users.yaml') }),
    ...(said.authRead !== 'required' && { 'auth.anonymous': `${prefix}/*,${prefix}/**` }),
  };
}

/** Nothing is kept but the document: stores in memory, and nothing to be done about them. */
function overDocument({ storageUri = '', storageToken = '' }: Said): Readonly<Record<string, string>> {
  return {
    'facades.cola.storage_uri': storageUri,
    ...(storageToken !== '' && { 'facades.cola.storage_token': storageToken }),
    'storage.type': 'memory',
    'catalog.type': 'sqlite',
    'gc.enabled': 'false',
    'scrub.enabled': 'false',
  };
}

function warningsOf(said: Said): readonly string[] {
  return [
    ...(said.cacheUri ? ['COLA_REGISTRY_CACHE_URI is not offered here and has no effect'] : []),
    ...(said.storageToken && isNative(said.storageUri)
      ? ['--storage-token is not used: there is no document to open']
      : []),
  ];
}
