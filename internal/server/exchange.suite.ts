import { describe, expect, it } from '@jest/globals';
import { useSignInRig, type Settings } from './sign-in-rig.suite.ts';

/** Jobs of a CI that come with tokens of theirs, over a whole server. */
export function describeExchange(name: string, settings: Settings): void {
  describe(`signing in, with ${name}`, () => {
    const rig = useSignInRig(settings);

    describe('a job of a CI', () => {
      let numbered = 0;
      const tokenOf = (more: Record<string, unknown> = {}) =>
        rig.oidc.sign({
          sub: 'repo:acme/app:ref:refs/heads/main',
          aud: 'the-registry',
          repository: 'acme/app',
          ref: 'refs/heads/main',
          iat: Math.floor(rig.clock.nowMs / 1000),
          exp: Math.floor(rig.clock.nowMs / 1000) + 300,
          jti: `job ${(numbered += 1)}`,
          ...more,
        });
      const exchange = async (more?: Record<string, unknown>) =>
        rig.post('/auth/exchange').send({ token: await tokenOf(more) });

      it('pushes where its rule says, with no stored secret', async () => {
        const { status, body } = await exchange();
        expect([status, body]).toEqual([
          200,
          {
            token: expect.any(String),
            access_token: body.token,
            issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
            token_type: 'Bearer',
            expires_in: 900,
            issued_at: expect.stringMatching(/^\d{4}-/),
            username: 'workload',
            principal: 'workload:deploy/repo:acme/app:ref:refs/heads/main',
          },
        ]);
        const start = (repository: string, authorization: string) =>
          rig.post(`/v2/${repository}/blobs/uploads/`).set({ authorization });
        const asPassword = `Basic ${Buffer.from(`workload:${body.token}`).toString('base64')}`;
        for (const authorization of [`Bearer ${body.token}`, asPassword]) {
          expect((await start('acme/app', authorization)).status).toBe(202);
          expect((await start('other/app', authorization)).status).toBe(403);
        }
      });

      it('is taken in each form that clients have for it', async () => {
        const form = new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: await tokenOf(),
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        });
        expect((await rig.post('/auth/exchange').type('form').send(form.toString())).status).toBe(200);
        expect((await rig.post('/auth/exchange').set('authorization', `Bearer ${await tokenOf()}`)).status).toBe(200);
        expect((await rig.post('/auth/exchange')).status).toBe(400);
      });

      it.each<[string, Record<string, unknown>]>([
        ['no rule takes a token that says this', { repository: 'acme/other' }],
        ['no rule takes a token that says this', { ref: 'refs/heads/dev' }],
        ['the token is for another audience', { aud: 'elsewhere' }],
        ['no rule takes tokens of this issuer', { iss: 'https://elsewhere.example' }],
        ['the token is over, or not good yet', { exp: 1000 }],
      ])('is refused since %s: %j', async (reason, more) => {
        const { status, body } = await exchange(more);
        expect([status, body.errors]).toEqual([
          401,
          [expect.objectContaining({ code: 'UNAUTHORIZED', detail: reason })],
        ]);
      });

      it('comes once with a token', async () => {
        const token = await tokenOf();
        const answers = [];
        for (let turn = 0; turn < 2; turn += 1) answers.push(await rig.post('/auth/exchange').send({ token }));
        expect(answers.map(({ status }) => status)).toEqual([200, 401]);
        expect(answers[1]?.body.errors[0].detail).toBe('the token was used already');
      });

      it('has its claims in the log', async () => {
        await exchange();
        await rig.server.built.audit.flush();
        const { rows } = await rig.server.built.catalog.queries.listAudit({}, { limit: 50 });
        const signIn = rows.find(({ by }) => by.principal.startsWith('workload:deploy/'));
        expect(JSON.parse(signIn?.detail ?? '{}')).toMatchObject({
          method: 'workload',
          repository: 'acme/app',
          ref: 'refs/heads/main',
        });
      });
    });
  });
}
