import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { readTlsPair, type TlsFiles } from './tls.ts';

describe('readTlsPair', () => {
  let folder: TempFolder;
  let files: TlsFiles;
  beforeEach(async () => {
    folder = await openTempFolder('octoserve-tls');
    files = { cert: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
  });
  afterEach(() => folder.remove());

  it.each([
    ['are not there', async () => undefined],
    ['are empty', () => Promise.all([writeFile(files.cert, ''), writeFile(files.key, '')])],
    ['hold something else', () => Promise.all([writeFile(files.cert, 'hello'), writeFile(files.key, 'hello')])],
    ['are folders', () => Promise.all([mkdir(files.cert), mkdir(files.key)])],
  ])('names both files where they %s', async (_what, make) => {
    await make();
    expect(() => readTlsPair(files)).toThrow(`server.tls: ${files.cert} and ${files.key} are no usable pair`);
  });
});
