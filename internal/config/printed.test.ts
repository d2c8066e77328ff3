import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleConfig, exampleEnv } from './example.ts';
import { configSchema } from './json-schema.ts';
import { loadConfig } from './load.ts';
import { CORE_OPTIONS } from './options.ts';
import { showConfig } from './show.ts';

const TABLES = [CORE_OPTIONS] as const;
let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'octoserve-config-'));
});
afterAll(() => rm(cwd, { recursive: true }));

describe('showConfig', () => {
  it('shows each setting as a file would say it, with its origin, secrets masked', async () => {
    const env = { OCTOSERVE_METRICS_PASSWORD: 'hunter2', OCTOSERVE_METRICS_USERNAME: 'me' };
    const shown = showConfig(await loadConfig({ tables: TABLES, env, cwd }));
    expect(shown.map(({ key }) => key)).toEqual(CORE_OPTIONS.map(({ key }) => key));
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown).toEqual(
      expect.arrayContaining([
        { key: 'server.idle_timeout', value: '2m0s', origin: { source: 'default' } },
        { key: 'server.public_url', value: null, origin: { source: 'default' } },
        {
          key: 'metrics.basic_auth.password',
          value: '********',
          origin: { source: 'env', name: 'OCTOSERVE_METRICS_PASSWORD' },
        },
      ]),
    );
  });
});

describe('exampleConfig', () => {
  it('is a file that sets every default', async () => {
    await writeFile(join(cwd, 'example.json'), exampleConfig(TABLES));
    const [defaults, example] = await Promise.all([
      loadConfig({ tables: TABLES, env: {}, cwd }),
      loadConfig({ tables: TABLES, env: {}, cwd, file: 'example.json' }),
    ]);
    expect(example.config).toEqual(defaults.config);
    expect(example.warnings).toEqual([]);
  });
});

describe('exampleEnv', () => {
  it('names every variable and sets none', () => {
    const text = exampleEnv(TABLES);
    expect(parseEnv(text)).toEqual({});
    expect(text).toContain('\n# OCTOSERVE_SERVER_PORT=5000\n');
    expect(text.match(/^# OCTOSERVE_[A-Z_]+=/gm)).toHaveLength(CORE_OPTIONS.length);
  });

  it('sets every default once its comments are taken off', async () => {
    const env = parseEnv(exampleEnv(TABLES).replaceAll(/^# (?=OCTOSERVE_)/gm, ''));
    const [defaults, example] = await Promise.all([
      loadConfig({ tables: TABLES, env: {}, cwd }),
      loadConfig({ tables: TABLES, env, cwd }),
    ]);
    expect(example.config).toEqual(defaults.config);
    expect(example.warnings).toEqual([]);
  });
});

describe('configSchema', () => {
  const schema = configSchema(TABLES) as Record<string, Record<string, Record<string, Record<string, unknown>>>>;
  const server = schema['properties']?.['server']?.['properties'] as Record<string, Record<string, unknown>>;

  it('describes each setting with default and variables', () => {
    expect(server['port']).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      default: 5000,
      description: 'The port to listen on. (OCTOSERVE_SERVER_PORT)',
    });
  });

  it('lets a setting without default be null, and no section have other names', () => {
    expect(server['public_url']?.['anyOf']).toEqual([{ type: ['string', 'integer'] }, { type: 'null' }]);
    expect(schema['additionalProperties']).toBe(false);
    expect(schema['properties']?.['server']?.['additionalProperties']).toBe(false);
  });

  it('has patterns that hold for the defaults', () => {
    const pattern = (name: string) => new RegExp(String(server[name]?.['pattern']));
    expect('30s').toMatch(pattern('read_timeout'));
    expect('soon').not.toMatch(pattern('read_timeout'));
    expect('32KiB').toMatch(pattern('max_header_size'));
    expect('4M').not.toMatch(pattern('max_header_size'));
  });
});
