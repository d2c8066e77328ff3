import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { ConfigError } from './problem.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_ALIASES = 100;

/** The settings of a file, as sections within sections. */
export type Tree = Readonly<Record<string, unknown>>;

/** Reads a configuration file: TOML and YAML by their extension, anything else is `other`. Undefined: there is none. */
export async function readConfigFile(
  path: string,
  shownAs: string,
  other: '.json' | '.yaml' = '.json',
): Promise<Tree | undefined> {
  const text = await readText(path, shownAs);
  if (text === undefined) return undefined;
  let tree: unknown;
  try {
    const extension = extname(path).toLowerCase();
    tree = await parse(text, ['.toml', '.yaml', '.yml', '.json'].includes(extension) ? extension : other);
  } catch (error) {
    throw new ConfigError([`${shownAs}: ${(error as Error).message}`]);
  }
  if (tree === null || tree === undefined) return {}; // an empty YAML file sets nothing
  if (!isTree(tree)) throw new ConfigError([`${shownAs}: must hold sections and settings at its top`]);
  return tree;
}

/** Whether a value of a file is a section, not a setting. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

async function readText(path: string, shownAs: string): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    // Read with a limit, not after a look at the size: the file may be a pipe.
    for await (const chunk of createReadStream(path, { end: MAX_BYTES })) chunks.push(chunk as Buffer);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConfigError([`${shownAs} cannot be read (${code})`]);
  }
  const content = Buffer.concat(chunks);
  if (content.length > MAX_BYTES) throw new ConfigError([`${shownAs} is larger than 1 MiB: that is no configuration`]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new ConfigError([`${shownAs} is not UTF-8 text`]);
  }
}

// Parsers are loaded with the first file that needs them: most starts read JSON or nothing. What they complain of
// is said without the excerpts of the file that they add, which may hold secrets.
async function parse(text: string, extension: string): Promise<unknown> {
  if (extension === '.toml') return parseToml(text);
  return extension === '.yaml' || extension === '.yml' ? parseYaml(text) : parseJson(text);
}

async function parseToml(text: string): Promise<unknown> {
  const { parse: parseText, TomlError } = await import('smol-toml');
  try {
    return parseText(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.split('\n');
    throw new Error(`line ${error.line}, column ${error.column}: ${reason}`, { cause: error });
  }
}

/**
 * The value of a YAML text, of which JSON is a part. Throws what is wrong and where; aliases that multiply are refused.
 * With `failsafe` every scalar is text as it was written: `1.10` stays that.
 */
export async function parseYaml(text: string, schema: 'core' | 'failsafe' = 'core'): Promise<unknown> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { schema, lineCounter, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new Error(`line ${line}, column ${col}: ${error.message}`, { cause: error });
  }
  return document.toJS({ maxAliasCount: MAX_ALIASES });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const lines = text.slice(0, jsonErrorAt(text)).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    throw new Error(`line ${lines.length}, column ${column}: this is not valid JSON`, { cause: error });
  }
}

/** The parser does not always say where it stopped: the place ends the shortest beginning that is wrong, not just cut off. */
function jsonErrorAt(text: string): number {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isCutOff(text.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isCutOff(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith('Unexpected end') || message.includes(`at position ${beginning.length} `);
  }
}
