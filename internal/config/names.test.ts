import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleConfig, exampleEnv } from './example.ts';
import { configSchema } from './json-schema.ts';
import { loadConfig } from './load.ts';
import { namesIn } from './names.ts';
import type { Option } from './option.ts';
import { ConfigError } from './problem.ts';
import { showConfig } from './show.ts';

const OPTIONS = [
  { key: 'sign_in.enabled', type: 'boolean', default: true, doc: 'Whether at all.' },
  { key: 'sign_in.*.id', type: 'string', default: undefined, doc: 'Who we are.' },
  { key: 'sign_in.*.client_id', type: 'string', default: undefined, doc: 'Who else.', needs: 'sign_in.*.secret' },
  { key: 'sign_in.*.secret', type: 'string', default: undefined, secret: true, doc: 'Not to be told.' },
  { key: 'sign_in.*.limits.most', type: 'integer', default: 5, doc: 'How many.' },
] as const satisfies readonly Option[];
const TABLES = [OPTIONS] as const;

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'octoserve-names-'));
});
afterAll(() => rm(cwd, { recursive: true }));

async function load(file: object, env: Record<string, string> = {}, flags: Record<string, string> = {}) {
  await writeFile(join(cwd, 'own.json'), JSON.stringify(file));
  return loadConfig({ tables: TABLES, file: 'own.json', env, flags, cwd });
}
const problems = (file: object, env: Record<string, string> = {}): Promise<readonly string[]> =>
  load(file, env).then(
    () => [],
    (error: unknown) => {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    },
  );

describe('options of things that users name', () => {
  it('are there once for each name, with their defaults', async () => {
    const { config } = await load({ sign_in: { one: { id: 'a' }, 'two-b': { limits: { most: 7 } } } });
    expect(namesIn(config, 'sign_in')).toEqual(['one', 'two-b']);
    expect([config['sign_in.one.id'], config['sign_in.one.limits.most']]).toEqual(['a', 5]);
    expect([config['sign_in.two-b.id'], config['sign_in.two-b.limits.most']]).toEqual([undefined, 7]);
  });

  it('are none where nothing is named', async () => {
    const { config } = await load({ sign_in: { enabled: false } });
    expect(Object.keys(config)).toEqual(['sign_in.enabled']);
    expect(namesIn(config, 'sign_in')).toEqual([]);
  });

  it('can be named by a variable or a flag alone', async () => {
    const env = { OCTOSERVE_SIGN_IN_AZURE_PROD_CLIENT_ID: 'x', OCTOSERVE_SIGN_IN_AZURE_PROD_SECRET: 'y' };
    const { config } = await load({}, env, { 'sign_in.other.limits.most': '9' });
    expect(namesIn(config, 'sign_in')).toEqual(['other', 'azure_prod']);
    expect(config['sign_in.azure_prod.client_id']).toBe('x');
    expect(config['sign_in.other.limits.most']).toBe(9);
  });

  it('take variables for the name that a file gave, hyphens and all', async () => {
    const { config } = await load({ sign_in: { 'my-idp': { id: 'a' } } }, { OCTOSERVE_SIGN_IN_MY_IDP_SECRET: 's' });
    expect(namesIn(config, 'sign_in')).toEqual(['my-idp']);
    expect(config['sign_in.my-idp.secret']).toBe('s');
  });

  it.each(['My', 'a b', '', '-a', '1a', 'a.b', 'constructor', '__proto__', 'a'.repeat(41)])(
    'refuse what is no name: %j',
    async (name) => {
      const file = JSON.parse(`{"sign_in":{${JSON.stringify(name)}:{"id":"a"}}}`) as object;
      expect(await problems(file)).toHaveLength(1);
    },
  );

  it('have their mistakes named', async () => {
    expect(await problems({ sign_in: { one: { idd: 'a' } } })).toEqual([
      'own.json: sign_in.one.idd is unknown; did you mean sign_in.one.id?',
    ]);
    expect(await problems({ sign_in: { one: { client_id: 'a' } } })).toEqual([
      'sign_in.one.client_id needs sign_in.one.secret, which is not set',
    ]);
  });

  it('are shown under their names, secrets masked', async () => {
    const shown = showConfig(await load({ sign_in: { one: { secret: 'hunter2' } } }));
    expect(shown.map(({ key, value }) => [key, value])).toEqual([
      ['sign_in.enabled', true],
      ['sign_in.one.id', null],
      ['sign_in.one.client_id', null],
      ['sign_in.one.secret', '********'],
      ['sign_in.one.limits.most', 5],
    ]);
  });

  it('stand in the schema under a pattern, in the example of variables with a place for the name', () => {
    const schema = JSON.stringify(configSchema(TABLES));
    expect(schema).toContain('"patternProperties":{"^[a-z][a-z0-9_-]{0,39}$":{"type":"object"');
    expect(exampleEnv(TABLES)).toContain('# OCTOSERVE_SIGN_IN_<NAME>_LIMITS_MOST=5\n');
    expect(JSON.parse(exampleConfig(TABLES))).toEqual({ sign_in: { enabled: true } });
  });
});
