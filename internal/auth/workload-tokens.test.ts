import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { createOutbound, type Outbound } from '../outbound/index.ts';
import { openOidcServer, type OidcServer } from '../testing/oidc/provider.ts';
import { createRule, type RuleSettings, type WorkloadRule } from './workload-rules.ts';
import { createWorkloadTokens } from './workload-tokens.ts';

const HERE = 'https://registry.example.com';

describe('tokens of a CI', () => {
  let server: OidcServer;
  let outbound: Outbound;
  let nowMs: number;
  let rules: WorkloadRule[];
  let used: Set<string>;
  let tokens: ReturnType<typeof createWorkloadTokens>;
  let numbered = 0;
  beforeAll(async () => {
    server = await openOidcServer({ redirectUris: ['http://localhost/'] });
    outbound = createOutbound({ allowedNetworks: ['127.0.0.1'], timeoutMs: 10_000, version: '0' });
  });
  afterAll(async () => {
    await outbound.close();
    await server.close();
  });
  beforeEach(() => {
    server.asked.clear();
    nowMs = Date.now();
    used = new Set();
    rules = [rule()];
    tokens = createWorkloadTokens({
      rules: async () => rules,
      outbound,
      clock: () => nowMs,
      useOnce: async (name) => !used.has(name) && used.add(name) !== undefined,
    });
  });

  const rule = (more: RuleSettings = {}, name = 'deploy'): WorkloadRule =>
    createRule(name, { issuer: server.issuer, claims: ['repository=acme/app', 'ref=refs/heads/main'], ...more }, HERE);
  const claims = (more: Record<string, unknown> = {}): JWTPayload => ({
    sub: 'repo:acme/app:ref:refs/heads/main',
    aud: HERE,
    repository: 'acme/app',
    ref: 'refs/heads/main',
    actor: 'ada',
    iat: Math.floor(nowMs / 1000),
    exp: Math.floor(nowMs / 1000) + 300,
    jti: `id ${(numbered += 1)}`,
    ...more,
  });
  async function outcome(token: string | Promise<string>, ruleName?: string): Promise<string> {
    const judged = await tokens.judge(await token, ruleName);
    return judged.kind === 'job' ? judged.job.rule.name : judged.fault;
  }
  const keyFetches = () => server.asked.get('/jwks') ?? 0;

  it('are of the job that they say, with what else they tell', async () => {
    expect(await tokens.judge(await server.sign(claims()), undefined)).toEqual({
      kind: 'job',
      job: {
        rule: rules[0],
        subject: 'repo:acme/app:ref:refs/heads/main',
        told: { repository: 'acme/app', ref: 'refs/heads/main', actor: 'ada' },
      },
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['of another repository', { repository: 'acme/other' }, 'claims'],
    ['of a repository that begins alike', { repository: 'acme/app2' }, 'claims'],
    ['of another branch', { ref: 'refs/heads/dev' }, 'claims'],
    ['without a branch', { ref: undefined }, 'claims'],
    ['for another audience', { aud: 'https://other.example.com' }, 'audience'],
    ['for no audience', { aud: undefined }, 'audience'],
    ['for several audiences, none of them us', { aud: ['a', 'b'] }, 'audience'],
    ['of another issuer', { iss: 'https://other.example.com' }, 'rule'],
    ['of no issuer', { iss: undefined }, 'malformed'],
    ['that have ended', { exp: 1_000_000 }, 'time'],
    ['that never end', { exp: undefined }, 'time'],
    ['that begin later', { nbf: 99_999_999_999 }, 'time'],
    ['from the future', { iat: 99_999_999_999, exp: 99_999_999_999 + 1 }, 'time'],
    ['from no time', { iat: undefined }, 'time'],
    ['of nobody', { sub: undefined }, 'malformed'],
  ])('%s are refused', async (_what, more, fault) => {
    expect(await outcome(server.sign(claims(more)))).toBe(fault);
    expect(used.size).toBe(0);
  });

  it('count once, whichever way they are presented', async () => {
    const [numbers, unnumbered] = [await server.sign(claims()), await server.sign(claims({ jti: undefined }))];
    expect([await outcome(numbers), await outcome(numbers)]).toEqual(['deploy', 'replayed']);
    expect([await outcome(unnumbered), await outcome(unnumbered)]).toEqual(['deploy', 'replayed']);
    const sameId = claims({ jti: 'same' });
    expect(await outcome(server.sign(sameId))).toBe('deploy');
    expect(await outcome(server.sign({ ...sameId, actor: 'bob' }))).toBe('replayed');
  });

  it('count as often as a rule says', async () => {
    rules = [rule({ singleUse: false })];
    const token = await server.sign(claims());
    expect([await outcome(token), await outcome(token)]).toEqual(['deploy', 'deploy']);
  });

  it('are taken by the first rule that fits, or by the one that is named', async () => {
    rules = [
      rule({ claims: ['repository=acme/other'] }, 'other'),
      rule({ audience: 'elsewhere' }, 'elsewhere'),
      rule({}, 'first'),
      rule({ claims: ['repository=acme/*'] }, 'second'),
    ];
    expect(await outcome(server.sign(claims()))).toBe('first');
    expect(await outcome(server.sign(claims()), 'second')).toBe('second');
    expect(await outcome(server.sign(claims()), 'other')).toBe('claims');
    expect(await outcome(server.sign(claims()), 'none')).toBe('rule');
    expect(await outcome(server.sign(claims({ aud: 'elsewhere' })))).toBe('elsewhere');
    expect(keyFetches()).toBe(1);
  });

  it('are signed by a key of the issuer, in the way that the rule pins', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const forged = (header: Record<string, unknown>): Promise<string> =>
      new SignJWT({ iss: server.issuer, ...claims() }).setProtectedHeader({ alg: 'RS256', ...header }).sign(privateKey);
    expect(await outcome(forged({ kid: 'key-1' }))).toBe('signature');
    expect(await outcome(forged({ kid: 'key-1', jwk: await exportJWK(publicKey) }))).toBe('signature');
    expect(await outcome(forged({ kid: 'mine', jku: 'http://127.0.0.1:1/jwks' }))).toBe('key');
    const hmac = new SignJWT({ iss: server.issuer, ...claims() }).setProtectedHeader({ alg: 'HS256', kid: 'key-1' });
    expect(await outcome(hmac.sign(Buffer.from(await exportSPKI(publicKey))))).toBe('algorithm');
    expect(await outcome(new UnsecuredJWT({ iss: server.issuer, ...claims() }).encode())).toBe('algorithm');
    rules = [rule({ algorithms: ['ES256', 'PS256'] })];
    expect(await outcome(server.sign(claims()))).toBe('algorithm');
  });

  it.each(['', 'x', 'a.b.c', '..', `${'a'.repeat(20_000)}.b.c`, 'eyJhbGciOiJSUzI1NiJ9.bnVsbA.x'])(
    'are tokens at all: %#',
    async (text) => {
      expect(await outcome(text)).toBe('malformed');
      expect(server.asked.size).toBe(0);
    },
  );

  it('cost one fetch of keys in a cooldown, whatever the flood of unknown ones', async () => {
    await outcome(server.sign(claims()));
    const flood = () =>
      Promise.all(Array.from({ length: 50 }, async (_, n) => outcome(server.sign(claims(), { kid: `unknown ${n}` }))));
    expect(new Set(await flood())).toEqual(new Set(['key']));
    expect(keyFetches()).toBe(1);
    nowMs += 31_000;
    expect(new Set(await flood())).toEqual(new Set(['key']));
    expect(keyFetches()).toBe(2);
  });

  it('of a new key are taken as soon as the cooldown lets us ask', async () => {
    await outcome(server.sign(claims()));
    await server.rotate();
    expect(await outcome(server.sign(claims()))).toBe('key');
    nowMs += 31_000;
    expect(await outcome(server.sign(claims()))).toBe('deploy');
  });

  it('with known keys go on working while the issuer is away, unknown ones are refused', async () => {
    await outcome(server.sign(claims()));
    await server.stop();
    for (let turn = 0; turn < 20; turn += 1) {
      nowMs += 3_600_000;
      expect(await outcome(server.sign(claims()))).toBe('deploy');
      expect(await outcome(server.sign(claims(), { kid: 'unknown' }))).toBe('key');
    }
    await server.start();
  });

  it('of an issuer that was never reached cannot be judged', async () => {
    await server.stop();
    expect(await outcome(server.sign(claims()))).toBe('unavailable');
    await server.start();
    expect(await outcome(server.sign(claims()))).toBe('unavailable');
    nowMs += 31_000;
    expect(await outcome(server.sign(claims()))).toBe('deploy');
  });
});
