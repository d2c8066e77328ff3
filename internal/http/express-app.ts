import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import type { Method } from './routes.ts';

/** Express makes its own request and response out of Node's; they stay the same objects. */
export type Answer = (req: IncomingMessage, res: ServerResponse, next: (thrown?: unknown) => void) => void;

/** What is done of a path; `method` is undefined for all methods that nothing else is done of. */
export interface Place {
  readonly path: string;
  readonly method: Method | undefined;
  /** What it throws is what `next` is told. */
  readonly act: (req: IncomingMessage, values: Readonly<Record<string, string>>) => Promise<void>;
}

const METHODS: Readonly<Record<Method, 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options'>> = {
  GET: 'get',
  HEAD: 'head',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
  OPTIONS: 'options',
};

/** `/admin/users/{name}` in the words of Express, to which more characters mean something. */
function toPattern(path: string): string {
  const parts = path.split(/\{(\w+)\}/);
  return parts.map((part, at) => (at % 2 === 1 ? `:${part}` : part.replaceAll(/[(){}[\]?+!:*\\]/g, '\\$&'))).join('');
}

/** An application of Express with all places, of which the first that fits has its turn. */
export function createExpressApp(places: readonly Place[], isLenient: boolean): Answer {
  const app = express();
  for (const setting of ['x-powered-by', 'etag']) app.disable(setting);
  app.enable('case sensitive routing');
  app.set('strict routing', !isLenient);
  for (const { path, method, act } of places) {
    app[method === undefined ? 'all' : METHODS[method]](toPattern(path), (req) =>
      act(req, req.params as Readonly<Record<string, string>>),
    );
  }
  return app;
}
