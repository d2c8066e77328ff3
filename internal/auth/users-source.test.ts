import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, keepingLogger, type Logged } from '../server/fixtures.suite.ts';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { openUsersFile } from './users-source.ts';

const HASH = '$2b$10$E6WUuA4HVPJvHKX8mhYU8ujNd1N7D5RcHFuabu1lf07HHxZScAL0S';
const yaml = (...names: readonly string[]): string =>
  `users:\n${names.map((name) => `  - { username: ${name}, password: "${HASH}" }\n`).join('')}`;

describe('the file of users', () => {
  let folder: TempFolder;
  let path: string;
  let logged: Logged[];
  let watch: AbortController;
  beforeEach(async () => {
    folder = await openTempFolder();
    path = join(folder.path, 'users.yaml');
    [logged, watch] = [[], new AbortController()];
  });
  afterEach(async () => {
    watch.abort();
    await folder.remove();
  });
  const open = () => openUsersFile(path, keepingLogger(logged), { signal: watch.signal, intervalMs: 5 });

  it('is read again when it changes; a broken one keeps those that there were, and is told once', async () => {
    await writeFile(path, yaml('alice'));
    const source = await open();
    const names = () => [...source.current().users.keys()];
    expect(names()).toEqual(['alice']);
    await writeFile(path, yaml('alice', 'bob'));
    await eventually('bob is there', () => names().includes('bob'));
    await writeFile(path, `${yaml('carol')}  - { username: dan, password: plain-secret }\n`);
    await eventually('it is told', () => logged.some(({ level }) => level === 'error'));
    expect(names()).toEqual(['alice', 'bob']);
    await writeFile(path, yaml('carol'));
    await eventually('carol is there', () => names().includes('carol'));
    expect(names()).toEqual(['carol']);
    expect(logged.map(({ level }) => level)).toEqual(['info', 'error', 'info']);
    expect(JSON.stringify(logged.map(({ fields }) => String(fields['error'])))).not.toContain('plain-secret');
  });

  it.each([
    ['absent', undefined, 'there is no file'],
    ['no YAML', '{', 'users.yaml'],
    ['without users', 'people: []', 'there is no list of users'],
  ])('keeps a server from starting where it is %s', async (_, content, message) => {
    if (content !== undefined) await writeFile(path, content);
    await expect(open()).rejects.toThrow(message);
  });

  it('is read again when somebody asks for it (acceptance case 27 of COLA)', async () => {
    await writeFile(path, yaml('alice'));
    let hangUp = (): void => undefined;
    const onHangUp = (reload: () => void): void => {
      hangUp = reload;
    };
    const source = await openUsersFile(path, keepingLogger(logged), {
      signal: watch.signal,
      intervalMs: 1e9,
      onHangUp,
    });
    await writeFile(path, yaml('bob'));
    hangUp();
    await eventually('bob is there', () => source.current().users.has('bob'));
    expect(source.current().users.has('alice')).toBe(false);
  });

  it('tells of a name that it has twice', async () => {
    await writeFile(path, yaml('alice', 'bob', 'alice'));
    await open();
    expect(logged).toEqual([expect.objectContaining({ level: 'warn', fields: { file: path, users: ['alice'] } })]);
  });
});
