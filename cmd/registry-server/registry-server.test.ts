import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createRegistryServer } from './registry-server.ts';

describe('registry-server', () => {
  let home: TempFolder;
  beforeEach(async () => {
    home = await openTempFolder('registry-server');
  });
  afterEach(() => home.remove());

  async function run(...argv: readonly string[]) {
    const said = { stdout: '', stderr: '' };
    const code = await createRegistryServer().run(argv, {
      stdout: { write: (text) => (said.stdout += text) },
      stderr: { write: (text) => (said.stderr += text) },
      env: {},
      cwd: home.path,
    });
    return { code, ...said };
  }

  it.each([
    ['auth: { tokens: [] }', 'no auth tokens configured'],
    [undefined, 'config.yaml does not exist'],
  ])('case 29: ends with 1 and a line of the log that says why, with %j', async (text, reason) => {
    if (text !== undefined) await writeFile(join(home.path, 'config.yaml'), text);
    const { code, stdout, stderr } = await run('-config', 'config.yaml');
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      level: 'fatal',
      message: 'failed to load config',
      msg: 'failed to load config',
      service: 'foundry-registry',
      error: reason,
    });
  });

  it('ends with 2 and its usage where a flag is unknown', async () => {
    const { code, stdout, stderr } = await run('-bogus');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain("unknown option '--bogus'");
    expect(stderr).toContain('Usage: registry-server');
  });
});
