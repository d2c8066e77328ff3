import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { createRunScript } from './run-script.ts';
import { createScriptTokens, scriptBindings } from './script-tokens.ts';

const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
const presented = (bearer: string | undefined) => ({
  bearer,
  basic: undefined,
  cookies: new Map<string, string>(),
  certificate: undefined,
  address: '',
  requestId: '',
});

describe('tokens that a script knows', () => {
  const time = { nowMs: 0 };
  let asked: string[];
  let says: () => Promise<string | undefined>;
  const method = () => {
    asked = [];
    return createScriptTokens({
      run: async (token) => {
        asked.push(token);
        return says();
      },
      clock: () => time.nowMs,
    });
  };
  beforeEach(() => {
    time.nowMs = 0;
    says = async () => 'username: alice \n\n ops\n dev\n';
  });

  it('let in whom it names, with the groups on the other lines', async () => {
    expect(await method().signIn(presented('token'))).toEqual({
      kind: 'signedIn',
      identity: { principal: { kind: 'user', name: 'alice', groups: ['ops', 'dev'] } },
      ambient: false,
    });
  });

  it('are no matter of those who bring none', async () => {
    expect(await method().signIn(presented(undefined))).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it.each([
    ['it fails', async () => undefined],
    ['it names nobody', async () => 'ops\n'],
    ['it names an empty user', async () => 'username:\nops\n'],
  ])('let in nobody where %s, and it is asked again', async (_, answer) => {
    says = answer;
    const tokens = method();
    expect(await tokens.signIn(presented('token'))).toEqual({ kind: 'refused' });
    await tokens.signIn(presented('token'));
    expect(asked).toHaveLength(2);
  });

  it('throw where it cannot be run, and it is asked again', async () => {
    says = () => Promise.reject(new Error('ENOENT'));
    const tokens = method();
    await expect(tokens.signIn(presented('token'))).rejects.toThrow('ENOENT');
    says = async () => 'username:alice';
    expect(await tokens.signIn(presented('token'))).toMatchObject({ kind: 'signedIn' });
  });

  it.each([
    ['until they end', jwt({ exp: 100 }), 100_000],
    ['for a minute, where they do not say when they end', 'opaque', 60_000],
  ])('are remembered %s', async (_, token, endMs) => {
    const tokens = method();
    for (const nowMs of [0, 1, endMs - 1]) {
      time.nowMs = nowMs;
      await tokens.signIn(presented(token));
    }
    expect(asked).toHaveLength(1);
    time.nowMs = endMs;
    await tokens.signIn(presented(token));
    expect(asked).toHaveLength(2);
  });

  it('may write, all of them or those of a group', () => {
    expect(scriptBindings('cola', undefined)).toEqual([
      { subject: 'authenticated', role: 'admin', pattern: 'cola/*' },
      { subject: 'authenticated', role: 'admin', pattern: 'cola/**' },
    ]);
    expect(scriptBindings('cola', 'ops')[0]).toMatchObject({ subject: 'group:ops' });
  });
});

describe('a script', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await openTempFolder('cola-script');
  });
  afterEach(() => folder.remove());
  const make = async (body: string): Promise<string> => {
    const path = join(folder.path, 'script');
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
    return path;
  };

  it('has the token as its argument and on its input, and no shell around it', async () => {
    const script = await make('read line; echo "username:$1"; echo "$line"');
    expect(await createRunScript(script)('a; $(id) b')).toBe('username:a; $(id) b\na; $(id) b\n');
  });

  it.each([
    ['ends with failure', 'echo username:alice; exit 1'],
    ['prints without end', 'yes'],
  ])('says nothing where it %s', async (_, body) => {
    expect(await createRunScript(await make(body))('token')).toBeUndefined();
  });

  it('says nothing where it takes too long', async () => {
    expect(await createRunScript(await make('exec sleep 600'), 50)('token')).toBeUndefined();
  });

  it('rejects where it is not there', async () => {
    await expect(createRunScript(join(folder.path, 'none'))('token')).rejects.toThrow('ENOENT');
  });
});
