import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder } from '../../internal/testing/temp-folder.ts';
import { loadFoundryConfig } from './foundry-config.ts';

describe('the configuration of Foundry', () => {
  let home: Awaited<ReturnType<typeof openTempFolder>>;
  beforeEach(async () => {
    home = await openTempFolder('foundry-config');
  });
  afterEach(() => home.remove());

  async function load(text: string, env: Record<string, string> = {}, asked?: string) {
    await writeFile(join(home.path, 'config.yaml'), text);
    return loadFoundryConfig({ asked, env, cwd: home.path });
  }

  const EXAMPLE = `
server: { port: 8081 }
storage: { dataDir: ./kept }
auth:
  tokens: ["ci-write-token", "other"]
`;

  it('is what the published example says, and the contract for the rest', async () => {
    const { config, tokens, warnings } = await load(EXAMPLE);
    expect(config).toMatchObject({
      'server.port': 8081,
      'server.address': '0.0.0.0',
      'storage.path': './kept',
      'auth.mode': 'basic',
      'facades.foundry.enabled': true,
    });
    expect([tokens.map(({ name }) => name), warnings]).toEqual([['token-1', 'token-2'], []]);
  });

  it('serves no other facade', async () => {
    const { config } = await load(EXAMPLE);
    const on = Object.entries(config).filter(([key, value]) => /^facades\.\w+\.enabled$/.test(key) && value === true);
    expect(on).toEqual([['facades.foundry.enabled', true]]);
  });

  it('is overruled by variables', async () => {
    const env = { FOUNDRY_SERVER_PORT: '9000', FOUNDRY_STORAGE_DATADIR: '/var/x', FOUNDRY_AUTH_TOKENS: 'a,b,c' };
    const { config, tokens } = await load(EXAMPLE, env);
    expect([config['server.port'], config['storage.path'], tokens.length]).toEqual([9000, '/var/x', 3]);
  });

  it('takes what Foundry does not know from variables of the product', async () => {
    const { config } = await load(EXAMPLE, { OCTOSERVE_LOG_LEVEL: 'warn', OCTOSERVE_SERVER_ADDRESS: '127.0.0.1' });
    expect([config['log.level'], config['server.address']]).toEqual(['warn', '127.0.0.1']);
  });

  it('warns of what it does not know, and of tokens that everybody knows', async () => {
    const { warnings } = await load('auth: { tokens: [dev-token] }\nserver: { speed: 9 }\nother: 1\n');
    expect(warnings).toEqual([
      'config.yaml: server.speed is no setting and has no effect',
      'config.yaml: other is no setting and has no effect',
      'a token is one of the published examples: everybody knows it',
    ]);
    expect((await load('auth: { tokens: [dev-token] }\nserver: { host: 127.0.0.1 }\n')).warnings).toEqual([]);
  });

  it.each([
    ['server: { port: 8080 }', 'no auth tokens configured'],
    ['auth: { tokens: [""] }', 'auth.tokens: entry 1 is empty'],
    ['auth: { tokens: [x] }\nserver: { port: 99999 }', 'server.port'],
    ['auth: { tokens: x }', 'auth.tokens must be a list'],
    ['auth: [', 'config.yaml: line'],
  ])('%j is refused: %s', async (text, reason) => {
    await expect(load(text)).rejects.toThrow(reason);
  });

  it('is refused where there is none', async () => {
    await expect(load('', {}, 'none.yaml')).rejects.toThrow('none.yaml does not exist');
  });
});
