import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROBLEM_KINDS } from '../../internal/maintenance/index.ts';
import { OPTION_TABLES } from '../../internal/server/index.ts';
import { createOctoserve } from './octoserve.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];

const OPTIONS = OPTION_TABLES.flat().map(({ key, env = [] }: { key: string; env?: readonly string[] }) => ({
  key,
  env,
}));
const SECTIONS = new Set(OPTIONS.map(({ key }) => key.split('.')[0] ?? ''));

/** The whole text of what a key stands for, with any name in place of its `*`. */
const patternOf = (key: string, name: string): RegExp =>
  new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', name)}$`, 'i');

const isSetting = (key: string): boolean =>
  OPTIONS.some((option) => patternOf(option.key, '[^.]+').test(key) || `${option.key}.`.startsWith(`${key}.`));

const isVariable = (name: string): boolean =>
  OPTIONS.some(
    ({ key, env }) =>
      env.includes(name) || patternOf(`OCTOSERVE_${key.replaceAll(/[.-]/g, '_')}`, '[A-Z0-9_]+').test(name),
  );

const matches = (text: string, pattern: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? '')),
];

/** The command lines of a page, a line that goes on put together with the next. */
function commandLines(text: string): readonly string[] {
  const shell = matches(text, /```sh\n(.*?)```/gs)
    .join('\n')
    .replaceAll('\\\n', ' ');
  return matches(shell, /^\s*(octoserve(?: [^#\n>|&]*)?)/gm).map((line) => line.trim());
}

async function helpOf(...words: readonly string[]): Promise<string> {
  let help = '';
  const stream = { write: (text: string) => (help += text) };
  await createOctoserve().run([...words, '--help'], { stdout: stream, stderr: stream, env: {}, cwd: ROOT });
  return help;
}

/** What is wrong with a command line: a command, flag or setting that there is not. */
async function faultsOf(line: string): Promise<readonly string[]> {
  const [, ...words] = line.split(/\s+/);
  const names = words.slice(0, words.findIndex((word) => !/^[a-z-]+$/.test(word) || word.startsWith('-')) >>> 0);
  const isNamed = async (count: number): Promise<boolean> =>
    (await helpOf(...names.slice(0, count))).startsWith(`Usage: ${['octoserve', ...names.slice(0, count)].join(' ')}`);
  const count = (await isNamed(2)) ? 2 : 1;
  const help = await helpOf(...names.slice(0, count));
  // What only holds commands shows no example of its own; `octoserve gc` holds some and is one.
  const isGroup = /^Usage: .*\[command\]$/m.test(help) && !/^Examples?:/m.test(help);
  if (names.length > 0 && (isGroup || !(await isNamed(count)))) return [`${line}: there is no such command`];
  return words
    .filter((word) => word.startsWith('--'))
    .map((word) => word.slice(2).split('=')[0] ?? '')
    .filter((flag) => !isSetting(flag) && !help.includes(`--${flag} `))
    .map((flag) => `${line}: there is no --${flag}`);
}

/** The keys of a configuration as a page shows it, dotted. */
function keysIn(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path.join('.')];
  return Object.entries(value).flatMap(([name, member]) => keysIn(member, [...path, name]));
}

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('names only variables that there are', () => {
    const ofTests = /^OCTOSERVE_(?:TEST|E2E)/;
    const names = matches(text, /\b(OCTOSERVE_[A-Z0-9_]*[A-Z0-9])\b/g).filter((name) => !ofTests.test(name));
    expect(names.filter((name) => !isVariable(name))).toEqual([]);
  });

  it('names only settings that there are', () => {
    const keys = matches(text, /`([a-z]+(?:\.[a-z0-9_*]+)+)(?:: [^`]*)?`/g);
    expect(keys.filter((key) => SECTIONS.has(key.split('.')[0] ?? '') && !isSetting(key))).toEqual([]);
  });

  it('shows only configurations of settings that there are', () => {
    const blocks = matches(text, /(?:```json\n|<<'END'\n)(\{.*?\n?\})\n(?:```|END)/gs);
    const keys = blocks.flatMap((block) => keysIn(JSON.parse(block)));
    expect(keys.filter((key) => !isSetting(key))).toEqual([]);
  });

  it('shows only commands and flags that there are', async () => {
    const faults = await Promise.all(commandLines(text).map(faultsOf));
    expect(faults.flat()).toEqual([]);
  });
});

describe('the documentation', () => {
  it('says what each problem means that maintenance may tell', () => {
    const text = read('docs/maintenance.md');
    expect(PROBLEM_KINDS.filter((kind) => !text.includes(`\`${kind}\``))).toEqual([]);
  });

  it.each(['deploy/nginx.conf', 'deploy/Caddyfile'])('starts the processes that %s passes requests to', (file) => {
    const [readme, proxy] = [read('README.md'), read(file)];
    const ports = matches(proxy, /127\.0\.0\.1:(\d+)/g);
    expect(readme).toContain(`for port in ${ports.join(' ')}; do`);
    const listens = /^(?:\s*listen |:)(\d+)/m.exec(proxy)?.[1];
    expect(readme).toContain(`"public_url": "http://localhost:${listens}"`);
  });
});
