import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

interface Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** What OWASP's cheat sheet on password storage asks for at least. */
const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
// A hash may come from a dump of other makers: what it may cost here is bounded.
const MOST: Cost = { memory: 1024 * 1024, passes: 16, parallelism: 16 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');

const compute = (password: string, salt: Uint8Array, cost: Cost, tagLength: number): Promise<Uint8Array> =>
  derive('argon2id', { message: Buffer.from(password.normalize('NFC')), nonce: salt, tagLength, ...cost });

/** A new hash as a PHC string. Off the event loop, as in `verifyArgon2`. */
export async function hashArgon2(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await compute(password, salt, COST, TAG_BYTES);
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${encode(salt)}$${encode(tag)}`;
}

export const isArgon2 = (hash: string): boolean => PHC.test(hash);

export async function verifyArgon2(hash: string, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(hash) ?? [];
  const cost: Cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const isDear = (['memory', 'passes', 'parallelism'] as const).some((name) => !(cost[name] <= MOST[name]));
  if (isDear || cost.passes < 1 || cost.parallelism < 1 || cost.memory < 8 * cost.parallelism) return false;
  const expected = Buffer.from(tag, 'base64');
  const found = await compute(password, Buffer.from(salt, 'base64'), cost, expected.length);
  return timingSafeEqual(expected, found);
}
