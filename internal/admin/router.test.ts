import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import * as z from 'zod';
import { OciError } from '../../pkg/oci/index.ts';
import { EVERYBODY } from '../auth/index.ts';
import { Exchange, type Demand, type Gate } from '../http/index.ts';
import { detailsOf, refusalOf } from '../http/refusal.suite.ts';
import { SURROUNDINGS } from '../http/surroundings.suite.ts';
import { defineRoute, type AdminRoute } from './route.ts';
import { createRouter } from './router.ts';

const unlimited = async (): Promise<void> => undefined;
const passes: Gate = async () => EVERYBODY;

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function serve(routes: readonly AdminRoute[], gate = passes): Promise<string> {
  const handle = createRouter(routes, gate, unlimited);
  const server = createServer((req, res) => handle(new Exchange(req, res, SURROUNDINGS)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers with what it was asked. */
const echo = (method: AdminRoute['method'], path: string, more: object = {}): AdminRoute =>
  defineRoute({
    method,
    path,
    visibility: 'challenged',
    summary: 'Say it again',
    answers: { 200: { description: 'What was said' } },
    handle: (asked, exchange) => exchange.respondJson(200, { route: path, ...asked }),
    ...more,
  });

const PERSON = z.strictObject({ name: z.string(), age: z.number().optional() });

describe('routes of the product', () => {
  it.each([
    ['GET', '/people/ann', { route: '/people/{who}', path: { who: 'ann' } }],
    ['GET', '/people/a%2Fb%20c', { route: '/people/{who}', path: { who: 'a/b c' } }],
    ['GET', '/people/all', { route: '/people/all', path: {} }],
    ['GET', '/x.y+z', { route: '/x.y+z', path: {} }],
  ])('%s %s reach what their template says, a literal before a name', async (_method, path, expected) => {
    const url = await serve([echo('GET', '/people/{who}'), echo('GET', '/people/all'), echo('GET', '/x.y+z')]);
    expect((await request(url).get(path)).body).toEqual(expected);
  });

  it.each(['/people', '/People/all', '/people/all/', '/people/a/b', '/xay+z'])('are not at %s', async (path) => {
    const url = await serve([echo('GET', '/people/{who}'), echo('GET', '/people/all'), echo('GET', '/x.y+z')]);
    expect(refusalOf(await request(url).get(path))).toBe('404 UNSUPPORTED');
  });

  it('refuse a path that cannot be decoded', async () => {
    const url = await serve([echo('GET', '/people/{who}')]);
    expect(refusalOf(await request(url).get('/people/%ff'))).toBe('400 UNSUPPORTED');
  });

  it('say which methods a path knows where it is asked with another', async () => {
    const url = await serve([echo('GET', '/people/all'), echo('POST', '/people/all'), echo('PUT', '/people/{who}')]);
    const answer = await request(url).put('/people/all').send('x');
    expect(refusalOf(answer)).toBe('405 UNSUPPORTED');
    expect(answer.headers['allow']).toBe('GET, POST, HEAD');
  });

  it('answer HEAD like GET, without a body', async () => {
    const answer = await request(await serve([echo('GET', '/a')])).head('/a');
    expect([answer.status, answer.text]).toEqual([200, undefined]);
  });

  it('have one owner each', () => {
    expect(() => createRouter([echo('GET', '/a'), echo('GET', '/a')], passes, unlimited)).toThrow('/a has two owners');
  });

  it('ask the gate what they demand before a byte of the body is read', async () => {
    const demands: Demand[] = [];
    const gate: Gate = async (_exchange, demand) => {
      demands.push(demand);
      throw new OciError('DENIED');
    };
    const url = await serve([echo('POST', '/a', { visibility: 'admin', body: PERSON })], gate);
    expect(refusalOf(await request(url).post('/a').send('not JSON'))).toBe('403 DENIED');
    expect(demands).toEqual([{ action: 'admin', visibility: 'admin', repository: undefined }]);
  });

  it('that are open ask nobody', async () => {
    const refuses: Gate = () => Promise.reject(new OciError('UNAUTHORIZED'));
    const url = await serve([echo('GET', '/a', { visibility: 'open' })], refuses);
    expect((await request(url).get('/a').set('Authorization', 'Bearer wrong')).status).toBe(200);
  });
});

describe('bodies and queries', () => {
  const NUMBER = z.strictObject({ n: z.string().regex(/^\d+$/).transform(Number).optional() });
  const open = () =>
    serve([
      echo('POST', '/json', { body: PERSON }),
      echo('POST', '/maybe', { body: PERSON.optional() }),
      echo('POST', '/form', { body: z.object({ name: z.string() }), forms: ['form'] }),
      echo('POST', '/either', { body: z.object({ name: z.string() }), forms: ['json', 'form'] }),
      echo('GET', '/query', { query: NUMBER }),
    ]);

  it('are what their schema makes of them', async () => {
    const url = await open();
    expect((await request(url).post('/json').send({ name: 'ann' })).body).toMatchObject({ body: { name: 'ann' } });
    expect((await request(url).post('/maybe')).body).not.toHaveProperty('body');
    expect((await request(url).post('/form').send('name=a%20b')).body).toMatchObject({ body: { name: 'a b' } });
    expect((await request(url).post('/either').send('name=x')).body).toMatchObject({ body: { name: 'x' } });
    expect((await request(url).post('/either').send({ name: 'x' })).body).toMatchObject({ body: { name: 'x' } });
    expect((await request(url).get('/query?n=12')).body).toMatchObject({ query: { n: 12 } });
  });

  it.each([
    ['', 'Invalid input: expected object, received undefined'],
    ['{', 'the body cannot be read'],
    ['{"name":1}', 'name: Invalid input: expected string, received number'],
    ['{"name":"x","pass":"canary"}', 'Unrecognized key: "pass"'],
    ['[]', 'Invalid input: expected object, received array'],
    ['{"name":"x","__proto__":{}}', 'Unrecognized key: "__proto__"'],
  ])('that are wrong are refused with what is wrong: %j', async (body, detail) => {
    const answer = await request(await open())
      .post('/json')
      .set('content-type', 'application/json')
      .send(body);
    expect(refusalOf(answer)).toBe('400 UNSUPPORTED');
    expect(detailsOf(answer)).toEqual([detail]);
  });

  it('are UTF-8', async () => {
    const answer = await fetch(`${await open()}/json`, { method: 'POST', body: Buffer.from('{"name":"é"}', 'latin1') });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('the body cannot be read')]);
  });

  it('are refused past 64 KiB, and where a query has what nobody knows', async () => {
    const url = await open();
    const long = JSON.stringify({ name: 'x'.repeat(64 * 1024) });
    expect(refusalOf(await request(url).post('/json').send(long))).toBe('413 UNSUPPORTED');
    expect(refusalOf(await request(url).get('/query?m=1'))).toBe('400 UNSUPPORTED');
    expect(refusalOf(await request(url).get('/query?n=x'))).toBe('400 UNSUPPORTED');
  });
});
