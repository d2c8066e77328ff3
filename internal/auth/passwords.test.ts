import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hashSync } from 'bcryptjs';
import { hashArgon2, verifyArgon2 } from './argon2.ts';
import { createPasswords, type Passwords } from './passwords.ts';

const BCRYPT = hashSync('right', 4);
let argon2: string;
let passwords: Passwords;
const time = { ticks: 0 };

beforeEach(async () => {
  argon2 ??= await hashArgon2('right');
  time.ticks = 0;
  passwords = createPasswords({ ticks: () => time.ticks, bcryptCost: () => 4 });
});
afterEach(async () => {
  await passwords.close();
});

describe('a password', () => {
  it.each(['argon2id', 'bcrypt'])('is checked against %s', async (kind) => {
    const hash = kind === 'bcrypt' ? BCRYPT : argon2;
    const answers = [];
    for (const password of ['right', 'wrong', '', 'right ', 'righ']) {
      answers.push(await passwords.check('alice', hash, password));
    }
    expect(answers).toEqual([true, false, false, false, false]);
  });

  it('is a hash of its own each time', async () => {
    const [first, second] = [await passwords.hash('right'), await passwords.hash('right')];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
    expect(await passwords.check('alice', second, 'right')).toBe(true);
  });

  it('is the same however its letters are composed', async () => {
    const hash = await hashArgon2('caf\u00e9');
    expect(await verifyArgon2(hash, 'cafe\u0301')).toBe(true);
  });

  it.each([
    'plain',
    '',
    '$1$abc$def',
    '$argon2i$v=19$m=19456,t=2,p=1$cEBFC4Y7j9y4PN9$67M7HQ63GiYwlicK3CqfUvEiRjyL',
    '$argon2id$v=19$m=9999999,t=2,p=1$cEBFC4Y7j9y4PN9$67M7HQ63GiYwlicK3CqfUvEiRjyL',
    '$argon2id$v=19$m=7,t=1,p=1$cEBFC4Y7j9y4PN9$67M7HQ63GiYwlicK3CqfUvEiRjyL',
  ])('is never right for the hash %j', async (hash) => {
    expect(await passwords.check('alice', hash, 'right')).toBe(false);
  });

  it('is never right where there is no hash, and is looked at all the same', async () => {
    expect(await passwords.check('nobody', undefined, 'right')).toBe(false);
    expect(passwords.computed).toBe(1);
  });

  it('is looked at as long for a name that nobody has as for one of the file, and not by bcrypt where nobody is so', async () => {
    const asked: string[] = [];
    const bcrypt = {
      matches: async (hash: string) => asked.push(hash.slice(0, 7)) < 0,
      close: async () => undefined,
    };
    const cost: { of: number | undefined } = { of: 12 };
    const watched = createPasswords({ ticks: () => 0, bcryptCost: () => cost.of, bcrypt });
    const twelve = `$2b$12$${'x'.repeat(53)}`;
    for (const hash of [undefined, argon2, twelve]) await watched.check('alice', hash, 'wrong');
    expect(asked).toEqual(['$2b$12$', '$2b$12$', '$2b$12$']);
    expect(watched.computed).toBe(3);
    cost.of = undefined;
    await watched.check('nobody', undefined, 'wrong');
    expect(asked).toHaveLength(3);
  });

  it('is not looked at where it is longer than any', async () => {
    expect(await passwords.check('alice', argon2, 'x'.repeat(2000))).toBe(false);
    expect(passwords.computed).toBe(0);
  });
});

describe('a password that was right', () => {
  it('is remembered for this user, hash and password, and no other', async () => {
    await passwords.check('alice', argon2, 'right');
    const other = await hashArgon2('right');
    expect(passwords.remembers('alice', argon2, 'right')).toBe(true);
    expect(passwords.remembers('alice', argon2, 'wrong')).toBe(false);
    expect(passwords.remembers('bob', argon2, 'right')).toBe(false);
    expect(passwords.remembers('alice', other, 'right')).toBe(false);
  });

  it('is forgotten after a while', async () => {
    await passwords.check('alice', argon2, 'right');
    time.ticks = 5 * 60_000;
    expect(passwords.remembers('alice', argon2, 'right')).toBe(true);
    time.ticks += 1;
    expect(passwords.remembers('alice', argon2, 'right')).toBe(false);
  });

  it('is remembered only where it was right', async () => {
    await passwords.check('alice', argon2, 'wrong');
    expect(passwords.remembers('alice', argon2, 'wrong')).toBe(false);
  });
});
