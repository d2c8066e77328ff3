import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readDotEnv } from './dot-env.ts';

describe('readDotEnv', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'octoserve-env-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads the variables of the file', async () => {
    await writeFile(join(folder, '.env'), '# a comment\nOCTOSERVE_SERVER_PORT=5001\nexport QUOTED="a b"\n');
    expect(readDotEnv(folder)).toEqual({ OCTOSERVE_SERVER_PORT: '5001', QUOTED: 'a b' });
  });

  it('reads nothing where there is no file, or a folder of that name', async () => {
    expect(readDotEnv(folder)).toEqual({});
    await mkdir(join(folder, '.env'));
    expect(readDotEnv(folder)).toEqual({});
  });
});
