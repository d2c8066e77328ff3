import { beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { digestOf } from '../../pkg/oci/index.ts';
import { createSamples } from '../testing/images.ts';
import { addUser, basic, bearer, plant } from './auth-fixtures.suite.ts';
import { shareServer } from './fixtures.suite.ts';

const samples = createSamples('access');
const IMAGE = samples.image();
const DIGEST = IMAGE.manifest.digest;
const [BLOB] = IMAGE.blobs;
const BODY = 'content';

/** Requests by what they do to a repository; reads first. */
const READS = {
  'GET manifest by tag': ['get', '/manifests/v1'],
  'GET manifest by digest': ['get', `/manifests/${DIGEST}`],
  'HEAD manifest': ['head', '/manifests/v1'],
  'GET blob': ['get', `/blobs/${BLOB?.digest}`],
  'HEAD blob': ['head', `/blobs/${BLOB?.digest}`],
  'GET tags': ['get', '/tags/list'],
} as const;
const REFERRERS = ['get', `/referrers/${DIGEST}`] as const;
const UPLOAD = '/blobs/uploads/00000000-0000-4000-8000-000000000000';
const WRITES = {
  'PUT manifest': ['put', '/manifests/v2'],
  'POST upload': ['post', '/blobs/uploads/'],
  'POST whole blob': ['post', `/blobs/uploads/?digest=${digestOf(Buffer.from(BODY))}`],
  'POST mount': ['post', `/blobs/uploads/?mount=${BLOB?.digest}&from=team/app`],
  'GET upload': ['get', UPLOAD],
  'PATCH upload': ['patch', UPLOAD],
  'PUT upload': ['put', `${UPLOAD}?digest=${DIGEST}`],
  'DELETE upload': ['delete', UPLOAD],
} as const;
const DELETES = {
  'DELETE tag': ['delete', '/manifests/v1'],
  'DELETE manifest': ['delete', `/manifests/${DIGEST}`],
  'DELETE blob': ['delete', `/blobs/${BLOB?.digest}`],
} as const;

type Asked = readonly [method: 'get' | 'head' | 'put' | 'post' | 'patch' | 'delete', path: string];

/** What tells one answer from another, to whoever wants to know whether something is there. */
const traceOf = ({ status, text, headers }: Response) => ({
  status,
  text,
  headers: Object.entries(headers).filter(([name]) => !['date', 'x-request-id'].includes(name)),
});

describe.each(['basic', 'token'] as const)('with auth.mode %s', (mode) => {
  const server = shareServer({ settings: { 'auth.mode': mode, 'auth.anonymous': 'public/**' } });
  beforeAll(async () => {
    const { catalog, registry } = server.built;
    for (const name of ['team/app', 'public/app', 'hidden/app']) await plant(registry, name, IMAGE, 'v1');
    await addUser(catalog, 'reader', [{ role: 'reader', pattern: 'team/**' }]);
    await addUser(catalog, 'writer', [{ role: 'writer', pattern: 'team/**' }]);
    await addUser(catalog, 'root', [{ role: 'admin', pattern: '**' }]);
  });

  async function ask([method, path]: Asked, name: string, authorization?: string): Promise<Response> {
    const asked = request(server.url)[method](`/v2/${name}${path}`);
    if (authorization !== undefined) void asked.set('Authorization', authorization);
    return method === 'put' || method === 'post' || method === 'patch' ? asked.send(Buffer.from(BODY)) : asked;
  }

  /** What a 401 asks for. */
  const challengeOf = ({ status, headers }: Response): string => `${status} ${String(headers['www-authenticate'])}`;
  const CHALLENGE =
    mode === 'basic'
      ? /^401 Basic realm="octoserve", charset="UTF-8"$/
      : /^401 Bearer realm="http:[^"]+\/auth\/token",service="octoserve",scope="repository:[a-z]+\/app:[a-z,]+"$/;

  const ALL = { ...READS, referrers: REFERRERS, ...WRITES, ...DELETES };

  it.each(Object.entries(ALL))(
    '%s is challenged without credentials, alike for what is hidden and what is absent',
    async (_, asked) => {
      const [hidden, absent] = [await ask(asked, 'hidden/app'), await ask(asked, 'absent/app')];
      expect(challengeOf(hidden)).toMatch(CHALLENGE);
      const text = JSON.stringify(traceOf(hidden)).replaceAll('hidden', 'absent');
      expect(JSON.parse(text)).toEqual(traceOf(absent));
    },
  );

  it.each(Object.entries(READS))('%s is for anybody where anonymous may pull', async (_, asked) => {
    expect((await ask(asked, 'public/app')).status).toBe(200);
  });

  it.each(Object.entries({ ...WRITES, ...DELETES }))(
    '%s is challenged without credentials where anonymous may pull',
    async (_, asked) => {
      expect(challengeOf(await ask(asked, 'public/app'))).toMatch(CHALLENGE);
    },
  );

  it.each(Object.entries(READS))('%s of what is hidden from a user is like absent', async (_, asked) => {
    const [hidden, absent] = [
      await ask(asked, 'hidden/app', basic('reader')),
      await ask(asked, 'absent/app', basic('reader')),
    ];
    expect(hidden.status).toBe(404);
    expect(hidden.text ?? 'NAME_UNKNOWN').toContain('NAME_UNKNOWN'); // a HEAD says nothing
    const text = JSON.stringify(traceOf(hidden)).replaceAll('hidden', 'absent');
    expect(JSON.parse(text)).toEqual(traceOf(absent));
  });

  it('referrers of what is hidden from a user are none, as of what is absent', async () => {
    for (const path of ['', '?artifactType=x']) {
      const asked: Asked = ['get', `${REFERRERS[1]}${path}`];
      const [hidden, absent] = [
        await ask(asked, 'hidden/app', basic('reader')),
        await ask(asked, 'absent/app', basic('reader')),
      ];
      expect([hidden.status, hidden.body.manifests]).toEqual([200, []]);
      expect(traceOf(hidden)).toEqual(traceOf(absent));
    }
  });

  it.each(Object.entries({ ...WRITES, ...DELETES }))(
    '%s is denied to a user, alike for what is hidden, absent and read-only',
    async (_, asked) => {
      const answers = [];
      for (const name of ['hidden/app', 'absent/app', 'team/app'])
        answers.push(await ask(asked, name, basic('reader')));
      for (const answer of answers) expect(traceOf(answer)).toEqual(traceOf(answers[0] as Response));
      expect([answers[0]?.status, answers[0]?.body]).toMatchObject([403, { errors: [{ code: 'DENIED' }] }]);
    },
  );

  it.each(Object.entries(DELETES))('%s is denied to a writer', async (_, asked) => {
    expect((await ask(asked, 'team/app', basic('writer'))).status).toBe(403);
  });

  it('deletes by whoever may are not denied', async () => {
    expect((await ask(['delete', '/manifests/none'], 'team/app', basic('root'))).status).toBe(404);
  });

  it('mounts from what is hidden like from what is absent', async () => {
    const from = (name: string): Asked => ['post', `/blobs/uploads/?mount=${BLOB?.digest}&from=${name}`];
    for (const name of ['hidden/app', 'absent/app']) {
      expect((await ask(from(name), 'team/other', basic('writer'))).status).toBe(202);
    }
    expect((await ask(from('public/app'), 'team/other', basic('writer'))).status).toBe(201);
  });

  it('lists to each what it may pull, page by page', async () => {
    const catalog = async (authorization: string | undefined, query = '') => {
      const asked = request(server.url).get(`/v2/_catalog${query}`);
      return authorization === undefined ? asked : asked.set('Authorization', authorization);
    };
    expect((await catalog(basic('root'))).body).toEqual({ repositories: ['hidden/app', 'public/app', 'team/app'] });
    expect((await catalog(basic('reader'))).body).toEqual({ repositories: ['public/app', 'team/app'] });
    const first = await catalog(basic('reader'), '?n=1');
    expect(first.body).toEqual({ repositories: ['public/app'] });
    expect(first.headers['link']).toBe('</v2/_catalog?n=1&last=public%2Fapp>; rel="next"');
    const second = await catalog(basic('reader'), '?n=1&last=public%2Fapp');
    expect([second.body, second.headers['link']]).toEqual([{ repositories: ['team/app'] }, undefined]);
    expect((await catalog(undefined)).status).toBe(401);
  });

  it('challenges /v2/ also where anonymous may pull', async () => {
    expect((await request(server.url).get('/v2/')).status).toBe(401);
    expect((await request(server.url).get('/v2/').set('Authorization', basic('reader'))).status).toBe(200);
  });

  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method'])(
    'takes a request for what it is, whatever %s says',
    async (header) => {
      const answer = await request(server.url).get('/v2/public/app/manifests/v1').set(header, 'DELETE');
      expect(answer.status).toBe(200);
      const write = await request(server.url).delete('/v2/public/app/manifests/v1').set(header, 'GET');
      expect(write.status).toBe(401);
    },
  );

  it.each(['Basic', 'Basic !', 'Bearer', 'Bearer a b', 'Digest x', 'Basic eA==', '', 'x'])(
    'refuses an Authorization header that is %j, also where anybody may pull',
    async (header) => {
      const answer = await ask(['get', '/manifests/v1'], 'public/app', header);
      expect(answer.status).toBe(401);
    },
  );

  it('gives a token what it was given, and asks for another elsewhere', async () => {
    const token = await bearer(server, basic('writer'), 'repository:team/app:pull');
    expect((await ask(['get', '/manifests/v1'], 'team/app', token)).status).toBe(200);
    const answers = [await ask(['post', '/blobs/uploads/'], 'team/app', token)];
    for (const name of ['hidden/app', 'absent/app', 'public/app', 'team/other']) {
      answers.push(await ask(['get', '/manifests/v1'], name, token));
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    const challenge = String(answers[0]?.headers['www-authenticate']);
    expect(challenge.includes('error="insufficient_scope"')).toBe(mode === 'token');
  });
});
