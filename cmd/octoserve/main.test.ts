import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('main', () => {
  it('ends with the exit code of the command, with results and complaints on their own streams', async () => {
    const child = spawn(process.execPath, [MAIN, '-nonsense']);
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain("unknown option '--nonsense'");
  });

  it('fails where the result cannot be written', async () => {
    // A stdout that is open for reading refuses each write, as a full disk would.
    const child = spawn('sh', ['-c', 'exec "$0" "$1" version 1< "$1"', process.execPath, MAIN]);
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(code).toBe(1);
    expect(stderr).toContain('The output could not be written: EBADF');
  });
});
