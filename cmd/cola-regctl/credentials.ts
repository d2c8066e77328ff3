import { randomUUID } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, type Io } from '../../internal/cli/index.ts';
import { ConfigError, readConfigFile } from '../../internal/config/index.ts';
import { makeFolders, replaceFile } from '../../internal/files/index.ts';

/** A server, and what it knows us by where we logged in. */
export interface Server {
  readonly url: string;
  readonly token?: string | undefined;
}

/** What is kept between commands. */
export interface Credentials {
  /** The server that commands speak to where nothing else is said. */
  readonly server?: Server | undefined;
  /** Servers by the names that their user gave them. */
  readonly contexts: ReadonlyMap<string, Server>;
}

/** The file of credentials: only its owner can read it. */
export interface CredentialStore {
  readonly path: string;
  load(): Promise<Credentials>;
  /** Replaces the file as a whole; nothing to be kept removes it. */
  save(credentials: Credentials): Promise<void>;
}

export async function openCredentials(env: Io['env']): Promise<CredentialStore> {
  const path = join(await findFolder(env), 'credentials.yaml');
  return {
    path,
    load: async () => parse(await read(path), path),
    save: async (credentials) => {
      if (credentials.server === undefined && credentials.contexts.size === 0) await rm(path, { force: true });
      else await replace(path, format(credentials));
    },
  };
}

async function findFolder(env: Io['env']): Promise<string> {
  if (env['COLA_CONFIG_DIR']) return env['COLA_CONFIG_DIR'];
  const usual = join(env['HOME'] || homedir(), '.config', 'cola-registry');
  if (!env['XDG_CONFIG_HOME']) return usual;
  // Those of the reference client, which knows no XDG_CONFIG_HOME, stay in use.
  const other = join(env['XDG_CONFIG_HOME'], 'cola-registry');
  const isThere = await access(join(other, 'credentials.yaml')).then(
    () => true,
    () => false,
  );
  return isThere ? other : usual;
}

async function read(path: string): Promise<unknown> {
  try {
    return await readConfigFile(path, path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError(error.problems.join('\n'), { hint: `Remove ${path}, then log in again.`, cause: error });
  }
}

type Members = Readonly<Record<string, unknown>>;
const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {});

function parseServer(value: unknown, path: string): Server | undefined {
  const { url, token } = membersOf(value);
  if (url === undefined) return undefined;
  if (typeof url === 'string' && (token === undefined || typeof token === 'string')) return { url, token };
  throw new CliError(`${path} holds no credentials of cola-regctl`, { hint: 'Remove it, then log in again.' });
}

function parse(tree: unknown, path: string): Credentials {
  const contexts = new Map<string, Server>();
  for (const [name, value] of Object.entries(membersOf(membersOf(tree)['contexts']))) {
    const server = parseServer(value, path);
    if (server !== undefined) contexts.set(name, server);
  }
  return { server: parseServer(tree, path), contexts };
}

/** YAML, of which every string in quotes is one of JSON. */
function format({ server, contexts }: Credentials): string {
  const lines = server ? formatServer(server) : [];
  if (contexts.size > 0) lines.push('contexts:');
  for (const [name, one] of contexts) {
    lines.push(`  ${JSON.stringify(name)}:`, ...formatServer(one).map((line) => `    ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

function formatServer({ url, token }: Server): string[] {
  return [`url: ${JSON.stringify(url)}`, ...(token === undefined ? [] : [`token: ${JSON.stringify(token)}`])];
}

async function replace(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await makeFolders(dirname(path), 0o700);
    await replaceFile(path, { aside, mode: 0o600, write: (file) => file.writeFile(text) });
  } catch (cause) {
    throw new CliError(`${path} could not be written: ${(cause as Error).message}`, { cause });
  }
}
