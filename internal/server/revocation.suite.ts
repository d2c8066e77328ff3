import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import type { CatalogSettings, Replicas } from './replicas.suite.ts';
import { openReplicas } from './replicas.suite.ts';
import { addKey, addUser, basic, PASSWORD, plant } from './auth-fixtures.suite.ts';
import type { TestServer } from './fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';

const IMAGE = createSamples('revocation').image();
const ALICE_WRITES = { subject: 'user:alice', role: 'writer', pattern: 'team/**' };
const NAME = 'team/app';
/** DESIGN: revocations hold everywhere within ten seconds. */
const TEN_SECONDS = 10_000;
/** So long after a change nobody is refused any more who is allowed by it. */
const HALF_A_SECOND = 500;

interface Held {
  /** What a client sends. */
  readonly authorization: string;
  /** What takes it away, through the other server's administration. */
  readonly revoke: () => Promise<Response>;
  /** What it is answered with from then on. */
  readonly then: number;
}

export function describeRevocation(name: string, catalog: CatalogSettings): void {
  describe(`a revocation with two replicas on ${name}`, () => {
    let replicas: Replicas;
    beforeAll(async () => {
      replicas = await openReplicas(catalog, { 'auth.mode': 'token' });
      await addUser(replicas.first.built.catalog, 'root', [{ role: 'admin', pattern: '**' }]);
      await plant(replicas.first.built.registry, NAME, IMAGE, 'v1');
    }, 60_000);
    afterAll(() => replicas.close());

    const pull = ({ url }: TestServer, authorization: string) =>
      request(url).get(`/v2/${NAME}/manifests/v1`).set('Authorization', authorization);
    const admin = (method: 'post' | 'put' | 'delete', path: string, body?: object) =>
      request(replicas.first.url)[method](path).set('Authorization', basic('root')).send(body);
    const tokenFor = async (authorization: string): Promise<string> => {
      const asked = request(replicas.second.url).get(`/auth/token?scope=repository:${NAME}:pull`);
      const { body } = await asked.set('Authorization', authorization).expect(200);
      return `Bearer ${body.token as string}`;
    };
    let made = 0;
    const freshUser = async (): Promise<string> => {
      const user = `user-${(made += 1)}`;
      await addUser(replicas.first.built.catalog, user, [{ role: 'writer', pattern: 'team/**' }]);
      replicas.time.ticks += HALF_A_SECOND;
      return user;
    };
    const freshKey = async (): Promise<readonly [name: string, key: string]> => {
      const key = `key-${(made += 1)}`;
      return [key, await addKey(replicas.first.built.catalog, key)];
    };

    const WAYS: Readonly<Record<string, () => Promise<Held>>> = {
      'the password of a user who is disabled': async () => {
        const user = await freshUser();
        const revoke = async () => admin('put', `/admin/users/${user}`, { disabled: true });
        return { authorization: basic(user), revoke, then: 401 };
      },
      'the token of a user who is disabled': async () => {
        const user = await freshUser();
        const revoke = async () => admin('put', `/admin/users/${user}`, { disabled: true });
        return { authorization: await tokenFor(basic(user)), revoke, then: 401 };
      },
      'the token of a user who is deleted': async () => {
        const user = await freshUser();
        const revoke = async () => admin('delete', `/admin/users/${user}`);
        return { authorization: await tokenFor(basic(user)), revoke, then: 401 };
      },
      'the old password, and what came of it': async () => {
        const user = await freshUser();
        const revoke = async () => admin('put', `/admin/users/${user}`, { password: `${PASSWORD} battery` });
        return { authorization: await tokenFor(basic(user)), revoke, then: 401 };
      },
      'a key that is revoked': async () => {
        const [key, secret] = await freshKey();
        return {
          authorization: `Bearer ${secret}`,
          revoke: async () => admin('delete', `/admin/keys/${key}`),
          then: 401,
        };
      },
      'the token of a key that is revoked': async () => {
        const [key, secret] = await freshKey();
        const authorization = await tokenFor(`Bearer ${secret}`);
        return { authorization, revoke: async () => admin('delete', `/admin/keys/${key}`), then: 401 };
      },
      'the password of a user who lost a role': async () => {
        const user = await freshUser();
        const query = new URLSearchParams({ ...ALICE_WRITES, subject: `user:${user}` });
        const revoke = async () => admin('delete', `/admin/bindings?${query.toString()}`);
        return { authorization: basic(user), revoke, then: 404 };
      },
      'the token of a user who lost a role': async () => {
        const user = await freshUser();
        const query = new URLSearchParams({ ...ALICE_WRITES, subject: `user:${user}` });
        const revoke = async () => admin('delete', `/admin/bindings?${query.toString()}`);
        return { authorization: await tokenFor(basic(user)), revoke, then: 404 };
      },
    };

    it.each(Object.entries(WAYS))('ends %s everywhere within ten seconds', async (_, hold) => {
      const { authorization, revoke, then } = await hold();
      const [first, second] = [replicas.first, replicas.second];
      replicas.time.ticks += TEN_SECONDS;
      for (const server of [first, second]) expect((await pull(server, authorization)).status).toBe(200);
      expect((await revoke()).status).toBeLessThan(300);
      // Where it was done it holds at once.
      expect((await pull(first, authorization)).status).toBe(then);
      replicas.time.ticks += TEN_SECONDS;
      expect((await pull(second, authorization)).status).toBe(then);
    });

    it('is not what keeps out whoever was let in through the other server a moment ago', async () => {
      const { first, second, time } = replicas;
      const user = `user-${(made += 1)}`;
      await pull(second, basic(user)).expect(401); // so that nobody of that name is known there
      await admin('post', '/admin/users', { name: user, password: PASSWORD }).expect(201);
      time.ticks += HALF_A_SECOND;
      await pull(second, basic(user)).expect(404);
      const { body } = await request(second.url)
        .get(`/auth/token?scope=repository:${NAME}:pull`)
        .set('Authorization', basic(user));
      expect(body.scope).toBe('');
      await admin('post', '/admin/bindings', { ...ALICE_WRITES, subject: `user:${user}` }).expect(201);
      time.ticks += HALF_A_SECOND;
      expect((await pull(second, await tokenFor(basic(user)))).status).toBe(200);
      expect((await pull(first, basic(user))).status).toBe(200);
    });

    it('ends a refresh token', async () => {
      const user = await freshUser();
      const post = (form: Readonly<Record<string, string>>) =>
        request(replicas.second.url).post('/auth/token').type('form').send(form);
      const password = { grant_type: 'password', username: user, password: PASSWORD, access_type: 'offline' };
      const { body } = await post(password).expect(200);
      const again = { grant_type: 'refresh_token', refresh_token: body.refresh_token as string };
      await post(again).expect(200);
      await admin('put', `/admin/users/${user}`, { disabled: true }).expect(200);
      await post(again).expect(401);
    });

    it('ends what goes on within a long upload, wherever the next piece comes in', async () => {
      const user = await freshUser();
      const [first, second] = [replicas.first, replicas.second];
      const started = await request(first.url)
        .post(`/v2/${NAME}/blobs/uploads/`)
        .set('Authorization', basic(user))
        .expect(202);
      const path = started.headers['location'] as string;
      const patch = ({ url }: TestServer) =>
        request(url)
          .patch(path)
          .set('Authorization', basic(user))
          .set('Content-Type', 'application/octet-stream')
          .send('x');
      await patch(second).expect(202);
      await admin('put', `/admin/users/${user}`, { disabled: true }).expect(200);
      replicas.time.ticks += TEN_SECONDS;
      for (const server of [first, second]) await patch(server).expect(401);
      await admin('put', `/admin/users/${user}`, { disabled: false }).expect(200);
      replicas.time.ticks += TEN_SECONDS;
      await patch(second).expect(404); // it did not wait for its user to come back
    });

    it('gives whoever gets the name of a deleted user nothing of theirs', async () => {
      const user = await freshUser();
      const old = await tokenFor(basic(user));
      await admin('delete', `/admin/users/${user}`).expect(204);
      replicas.time.nowMs += 1000;
      const roles = [{ role: 'reader', pattern: 'team/**' }];
      await admin('post', '/admin/users', { name: user, password: PASSWORD, roles }).expect(201);
      replicas.time.ticks += TEN_SECONDS;
      expect((await pull(replicas.second, old)).status).toBe(401);
      expect((await pull(replicas.second, basic(user))).status).toBe(200);
    });

    it('is made of keys that both know', async () => {
      const keys = async ({ url }: TestServer) => (await request(url).get('/auth/jwks.json')).body as object;
      expect(await keys(replicas.first)).toEqual(await keys(replicas.second));
    });
  });
}
