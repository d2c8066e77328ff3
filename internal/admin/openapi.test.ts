import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import request from 'supertest';
import { DOCS } from '../api/docs.ts';
import { shareServer } from '../server/fixtures.suite.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

describe.each(['none', 'token'])('/openapi.json, with auth.mode %s', (mode) => {
  const server = shareServer({ settings: { 'auth.mode': mode } });
  const read = async (): Promise<{ readonly paths: Paths }> =>
    (await request(server.url).get('/openapi.json').expect(200)).body as { readonly paths: Paths };
  const routes = () => [...server.built.api.routes, ...server.built.admin.routes, ...server.built.facadeRoutes];

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...(await read()) })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has an operation for each route of the server, and no other', async () => {
    const { paths } = await read();
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.toSorted()).toEqual(
      routes()
        .map(({ method, path }) => `${method} ${path}`)
        .toSorted(),
    );
  });

  it('tells of each name in a path, and gives each operation a name of its own', async () => {
    const { paths } = await read();
    const ids: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { operationId, parameters = [] } of Object.values(methods)) {
        ids.push(operationId);
        const told = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
        expect([path, told]).toEqual([path, names]);
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes no route of /v2 that is not there', () => {
    const known = server.built.api.routes.map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(DOCS).toSorted()).toEqual(known.toSorted());
  });

  it('says what each name in a path and each parameter stands for', () => {
    for (const { method, path, doc } of routes()) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([method, path, Object.keys(doc.path ?? {})]).toEqual([method, path, names]);
      for (const { name, description } of doc.parameters ?? []) expect([path, name, description]).not.toContain('');
    }
  });
});
