import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { base64url, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { createTokens, looksLikeToken, type Tokens } from './tokens.ts';
import type { SigningKeys } from './signing-keys.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const NOW_S = NOW_MS / 1000;
const CLAIMS = { subject: 'user:alice', generation: 7, access: [], workload: undefined };

let pair: { publicKey: CryptoKey; privateKey: CryptoKey };
let stranger: { publicKey: CryptoKey; privateKey: CryptoKey };
let publicJwk: JWK;
let tokens: Tokens;
const time = { nowMs: NOW_MS };

beforeAll(async () => {
  const make = () => generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  [pair, stranger] = [await make(), await make()];
  publicJwk = await exportJWK(pair.publicKey);
  const keys: Pick<SigningKeys, 'signer' | 'verifier'> = {
    signer: async () => ({ kid: 'ours', key: pair.privateKey }),
    verifier: async (kid) => (kid === 'ours' ? pair.publicKey : undefined),
  };
  let ids = 0;
  tokens = createTokens({ keys, clock: () => time.nowMs, newId: () => `id-${(ids += 1)}`, service: 'registry' });
});

/** A token right in all but what is given. */
interface Forged {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly key?: CryptoKey;
}

const PAYLOAD = {
  iss: 'registry',
  aud: 'registry',
  sub: 'user:alice',
  gen: 7,
  access: [],
  iat: NOW_S,
  nbf: NOW_S,
  exp: NOW_S + 300,
  jti: 'id',
};

async function forge({ header = {}, payload = {}, key = pair.privateKey }: Forged): Promise<string> {
  const kept = Object.fromEntries(
    Object.entries({ ...PAYLOAD, ...payload }).filter(([, value]) => value !== undefined),
  );
  const named = { alg: 'EdDSA', kid: 'ours', typ: 'at+jwt', ...header };
  return new SignJWT(kept).setProtectedHeader(named).sign(key);
}

const part = (value: unknown): string => base64url.encode(JSON.stringify(value));

/** A token whose signature is made by hand. */
function assemble(header: object, payload: object, sign: (input: string) => string): string {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${sign(input)}`;
}

describe('a token', () => {
  it('says what it was given', async () => {
    const { text, id, issuedMs, expiresInS } = await tokens.issue({ ...CLAIMS, workload: 'repo:x' }, 300);
    expect([issuedMs, expiresInS]).toEqual([NOW_MS, 300]);
    expect(await tokens.verify(text)).toEqual({
      kind: 'valid',
      claims: { ...CLAIMS, workload: 'repo:x' },
      id,
      expiresMs: NOW_MS + 300_000,
    });
  });

  it('has a name of its own', async () => {
    const [first, second] = [await tokens.issue(CLAIMS, 300), await tokens.issue(CLAIMS, 300)];
    expect(first.id).not.toBe(second.id);
  });

  it('is over in its time, a moment for clocks that differ apart, and still says whose it was', async () => {
    const { text } = await tokens.issue(CLAIMS, 300);
    const kindAt = async (ms: number) => {
      time.nowMs = NOW_MS + ms;
      const { kind } = await tokens.verify(text);
      time.nowMs = NOW_MS;
      return kind;
    };
    expect([await kindAt(304_000), await kindAt(306_000)]).toEqual(['valid', 'expired']);
    time.nowMs = NOW_MS + 3_600_000;
    expect(await tokens.verify(text)).toMatchObject({ kind: 'expired', claims: { subject: 'user:alice' } });
    time.nowMs = NOW_MS;
  });

  it('is forged as the tests below forge it, but for what each changes', async () => {
    expect((await tokens.verify(await forge({}))).kind).toBe('valid');
  });

  it.each<[string, Forged]>([
    ['of another issuer', { payload: { iss: 'other' } }],
    ['without an issuer', { payload: { iss: undefined } }],
    ['for somebody else', { payload: { aud: 'other' } }],
    ['for what only begins so', { payload: { aud: 'registry2' } }],
    ['for nobody', { payload: { aud: undefined } }],
    ['of nobody', { payload: { sub: undefined } }],
    ['of a number', { payload: { sub: 7 } }],
    ['of no generation', { payload: { gen: undefined } }],
    ['of a generation in words', { payload: { gen: '7' } }],
    ['not good yet', { payload: { nbf: NOW_S + 3600 } }],
    ['without a beginning', { payload: { nbf: undefined } }],
    ['without a time of issue', { payload: { iat: undefined } }],
    ['without an end', { payload: { exp: undefined } }],
    ['with an end in words', { payload: { exp: '9999999999' } }],
    ['without a name', { payload: { jti: undefined } }],
    ['with access that is no list', { payload: { access: 'all' } }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['of no type', { header: { typ: undefined } }],
    ['of a key that is none', { header: { kid: 'theirs' } }],
    ['of a key from a path', { header: { kid: '../../dev/null' } }],
    ['of no key', { header: { kid: undefined } }],
    ['with conditions that nobody knows', { header: { crit: ['exp2'], exp2: 1 } }],
  ])('is none %s', async (_, forged) => {
    const text = await forge(forged).catch(() => '');
    expect(await tokens.verify(text)).toEqual({ kind: 'invalid' });
  });

  it.each(['none', 'None', 'NONE', ''])('is none with the algorithm %j', async (alg) => {
    const header = { alg, kid: 'ours', typ: 'at+jwt' };
    for (const signature of ['', 'AAAA']) {
      expect((await tokens.verify(assemble(header, PAYLOAD, () => signature))).kind).toBe('invalid');
    }
  });

  it.each(['HS256', 'HS384', 'HS512'])('is none as %s with the public key as the secret', async (alg) => {
    const pem = createPublicKey({ key: publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const secrets = [
      pem.toString(),
      publicJwk.x ?? '',
      JSON.stringify(publicJwk),
      Buffer.from(publicJwk.x ?? '', 'base64url'),
    ];
    for (const secret of secrets) {
      const sign = (input: string) => createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url');
      expect((await tokens.verify(assemble({ alg, kid: 'ours', typ: 'at+jwt' }, PAYLOAD, sign))).kind).toBe('invalid');
    }
  });

  it('is none by a stranger’s key, whatever it says of that', async () => {
    const jwk = await exportJWK(stranger.publicKey);
    const key = stranger.privateKey;
    const headers = [
      {},
      { jwk },
      { kid: 'theirs', jwk },
      { jku: 'http://127.0.0.1:9/keys' },
      { kid: 'theirs', jku: 'http://127.0.0.1:9/keys' },
      { x5u: 'http://127.0.0.1:9/chain' },
      { x5c: ['MIIB'] },
    ];
    for (const header of headers) expect((await tokens.verify(await forge({ header, key }))).kind).toBe('invalid');
  });

  it('is none with another algorithm’s key of ours', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const text = await new SignJWT(PAYLOAD)
      .setProtectedHeader({ alg: 'RS256', kid: 'ours', typ: 'at+jwt' })
      .sign(privateKey);
    expect((await tokens.verify(text)).kind).toBe('invalid');
  });

  it('is none where any of it was changed', async () => {
    const { text } = await tokens.issue(CLAIMS, 300);
    const [header = '', payload = '', signature = ''] = text.split('.');
    const other = part({ ...PAYLOAD, sub: 'user:root' });
    for (const changed of [
      `${header}.${other}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${header}.${payload}.`,
    ]) {
      expect((await tokens.verify(changed)).kind).toBe('invalid');
    }
  });

  it.each(['', 'a', 'a.b', 'a.b.c', 'a.b.c.d', '..', 'a b.c.d', `${'a'.repeat(20_000)}.b.c`, '\u0000.a.b'])(
    'is none at all: %#',
    async (text) => {
      expect(await tokens.verify(text)).toEqual({ kind: 'invalid' });
    },
  );

  it('may be told by its looks from what is none', () => {
    expect(['a.b.c', 'octk_x', 'a.b', 'a.b.c.d'].map(looksLikeToken)).toEqual([true, false, false, false]);
  });
});

describe('what is sealed', () => {
  it('comes back for its purpose, in its time, and is no token', async () => {
    const text = await tokens.seal({ state: 'x' }, 'login', 60);
    expect(await tokens.unseal(text, 'login')).toEqual({ state: 'x' });
    expect(await tokens.unseal(text, 'other')).toBeUndefined();
    expect((await tokens.verify(text)).kind).toBe('invalid');
    time.nowMs = NOW_MS + 70_000;
    expect(await tokens.unseal(text, 'login')).toBeUndefined();
    time.nowMs = NOW_MS;
  });

  it('is none where it is a token', async () => {
    const { text } = await tokens.issue(CLAIMS, 300);
    expect(await tokens.unseal(text, 'login')).toBeUndefined();
    expect(await tokens.unseal('a.b.c', 'login')).toBeUndefined();
  });
});
