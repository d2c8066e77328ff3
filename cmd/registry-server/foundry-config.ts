import { resolve } from 'node:path';
import type { StaticToken } from '../../internal/auth/index.ts';
import type { Io } from '../../internal/cli/index.ts';
import { ConfigError, isTree, loadConfig, readConfigFile, type Tree } from '../../internal/config/index.ts';
import { judgeConfig, OPTION_TABLES, standAloneSettings, type Config } from '../../internal/server/index.ts';
import { parseToken } from './tokens.ts';

export interface FoundryStart {
  readonly config: Config;
  readonly file: string;
  readonly warnings: readonly string[];
  readonly tokens: readonly StaticToken[];
}

/** What a setting of the file is called here. */
const SETTINGS: Readonly<Record<string, string>> = {
  'server.port': 'server.port',
  'server.host': 'server.address',
  'server.shutdownTimeout': 'server.shutdown_timeout',
  'storage.dataDir': 'storage.path',
  'foundry.basePath': 'facades.foundry.base_path',
  'foundry.repoPrefix': 'facades.foundry.prefix',
  'foundry.immutableTags': 'facades.foundry.immutable_tags',
  'foundry.maxUploadBytes': 'facades.foundry.max_upload_size',
  'foundry.redirectDownloads': 'facades.foundry.redirect_downloads',
};

/** What is otherwise than in the product: foundry contract, sections 1 and 5. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'server.address': '0.0.0.0',
  'server.port': '8080',
  'server.read_timeout': '120s',
  'server.write_timeout': '120s',
  'storage.path': './data',
};

/** What is so whatever the file says. */
const FIXED: Readonly<Record<string, string>> = {
  'auth.mode': 'basic',
  'auth.limits.requests': '0',
  'auth.limits.anonymous': '0',
  ...standAloneSettings('foundry'),
};

const VARIABLES = { FOUNDRY_SERVER_PORT: 'server.port', FOUNDRY_STORAGE_DATADIR: 'storage.path' } as const;
const SAMPLES = ['dev-token', 'prod-token'];
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;

/**
 * The configuration that a file of Foundry and its variables make (foundry contract, section 5). Settings of the product
 * that Foundry does not know may be given as `OCTOSERVE_` variables. Throws an Error that says what is wrong.
 */
export async function loadFoundryConfig({
  asked,
  env,
  cwd,
}: { readonly asked: string | undefined } & Pick<Io, 'env' | 'cwd'>): Promise<FoundryStart> {
  const file = asked ?? (env['FOUNDRY_CONFIG'] || 'config.yaml');
  const tree = await readConfigFile(resolve(cwd, file), file, '.yaml');
  if (!tree) throw new ConfigError([`${file} does not exist`]);
  const { given, tokens: listed, warnings } = readTree(tree, file);
  for (const [variable, key] of Object.entries(VARIABLES)) {
    const value = env[variable];
    if (value !== undefined && value !== '') given[key] = value;
  }
  const entries = env['FOUNDRY_AUTH_TOKENS'] ? env['FOUNDRY_AUTH_TOKENS'].split(',') : listed;
  if (entries.length === 0) throw new ConfigError(['no auth tokens configured']);
  const flags = { ...withoutGiven(DEFAULTS, env), ...given, ...FIXED };
  const loaded = await loadConfig({ tables: OPTION_TABLES, judge: judgeConfig, file: false, env, flags, cwd });
  const { config } = loaded;
  const tokens = entries.map((entry, index) => parseToken(entry, index, config['facades.foundry.prefix']));
  const isSample = entries.some((entry) => SAMPLES.includes(isTree(entry) ? String(entry['token']) : String(entry)));
  const isOpen = isSample && !LOOPBACK.test(config['server.address']);
  const told = isOpen ? ['a token is one of the published examples: everybody knows it'] : [];
  return { config, file, tokens, warnings: [...warnings, ...loaded.warnings, ...told] };
}

/** A default of ours gives way to a variable of the product. */
function withoutGiven(defaults: Readonly<Record<string, string>>, env: Io['env']): Readonly<Record<string, string>> {
  const isGiven = (key: string): boolean => env[`OCTOSERVE_${key.replaceAll('.', '_').toUpperCase()}`] !== undefined;
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !isGiven(key)));
}

interface FromTree {
  readonly given: Record<string, string>;
  readonly tokens: readonly unknown[];
  readonly warnings: readonly string[];
}

function readTree(tree: Tree, file: string): FromTree {
  const given: Record<string, string> = {};
  const warnings: string[] = [];
  let tokens: readonly unknown[] = [];
  for (const [section, content] of Object.entries(tree)) {
    const settings = isTree(content) ? Object.entries(content) : [];
    if (!isTree(content)) warnings.push(`${file}: ${section} is no setting and has no effect`);
    for (const [name, value] of settings) {
      const written = `${section}.${name}`;
      const key = SETTINGS[written];
      if (written === 'auth.tokens') tokens = readTokens(value);
      else if (key !== undefined && ['string', 'number', 'boolean'].includes(typeof value)) given[key] = String(value);
      else if (key !== undefined) throw new ConfigError([`${file}: ${written} must be a plain value`]);
      else warnings.push(`${file}: ${written} is no setting and has no effect`);
    }
  }
  return { given, tokens, warnings };
}

function readTokens(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new ConfigError(['auth.tokens must be a list']);
  return value.map((entry: unknown) => (typeof entry === 'number' ? String(entry) : entry));
}
