import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfigFile } from './file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'octoserve-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | Buffer): Promise<unknown> {
  await writeFile(join(folder, name), content);
  return readConfigFile(join(folder, name), name);
}

describe('readConfigFile', () => {
  const tree = { server: { port: 8080, trusted_proxies: ['10.0.0.0/8'] } };
  it.each([
    ['a.json', '{"server": {"port": 8080, "trusted_proxies": ["10.0.0.0/8"]}}'],
    ['a.conf', '\uFEFF{"server": {"port": 8080, "trusted_proxies": ["10.0.0.0/8"]}}'],
    ['a.toml', '[server]\nport = 8080\ntrusted_proxies = ["10.0.0.0/8"]\n'],
    ['a.yaml', 'server:\n  port: 8080\n  trusted_proxies: [10.0.0.0/8]\n'],
    ['a.YML', 'server: {port: 8080, trusted_proxies: [10.0.0.0/8]}\n'],
  ])('reads %s', async (name, content) => {
    expect(await read(name, content)).toEqual(tree);
  });

  it('is undefined for a file that does not exist', async () => {
    expect(await readConfigFile(join(folder, 'none.json'), 'none.json')).toBeUndefined();
  });

  it.each([
    ['empty.yaml', ''],
    ['empty.toml', ''],
    ['empty.json', '{}'],
    ['null.json', 'null'],
  ])('takes %s for one that sets nothing', async (name, content) => {
    expect(await read(name, content)).toEqual({});
  });

  it.each([
    ['a.json', '{"password": "hunter2",\n "port": nul}', 'a.json: line 2, column 13: this is not valid JSON'],
    ['a.json', '{"password": hunter2}', 'a.json: line 1, column 14: this is not valid JSON'],
    ['a.json', '{"a": 1,}', 'a.json: line 1, column 9: this is not valid JSON'],
    ['a.json', '{"a": "hunter2', 'a.json: line 1, column 15: this is not valid JSON'],
    ['a.json', '{"a": 1} hunter2', 'a.json: line 1, column 10: this is not valid JSON'],
    ['a.json', '', 'a.json: line 1, column 1: this is not valid JSON'],
    ['a.json', '[]', 'a.json: must hold sections and settings at its top'],
    ['a.yaml', '- a', 'a.yaml: must hold sections and settings at its top'],
    ['a.toml', 'a = 1\npassword = hunter2', /^a\.toml: line 2, column \d+: [^\n]*$/],
    ['a.yaml', 'a: 1\npassword: "hunter2', /^a\.yaml: line 2, column \d+: [^\n]*$/],
    ['a.yaml', 'a: 1\na: 2', /^a\.yaml: line 2, column 1: /],
  ])('says of %s with %j where it is wrong, and no word of what it holds', async (name, content, problem) => {
    const message = await read(name, content).then(String, (error: Error) => error.message);
    expect(message).toMatch(problem);
    expect(message).not.toContain('hunter2');
  });

  it('refuses what is too large, before it is parsed', async () => {
    await expect(read('large.json', `{"a": "${'x'.repeat(1_048_576)}"}`)).rejects.toThrow(/larger than 1 MiB/);
  });

  it('refuses what is not text', async () => {
    await expect(read('a.json', Buffer.from([0x7b, 0xff, 0x7d]))).rejects.toThrow('a.json is not UTF-8 text');
  });

  it('refuses a folder', async () => {
    await expect(readConfigFile(folder, 'folder')).rejects.toThrow('folder cannot be read (EISDIR)');
  });

  it('refuses aliases that multiply', async () => {
    const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 20 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)];
    await expect(read('bomb.yaml', bomb.join('\n'))).rejects.toThrow(/alias/i);
  });
});
