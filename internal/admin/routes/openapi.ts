import { createDocument, type DocumentedRoute } from '../openapi.ts';
import { defineRoute, type AdminRoute } from '../route.ts';

/** `/openapi.json`: what the server answers to, itself included. Made when it is first asked for. */
export function openApiRoute(version: string, others: readonly DocumentedRoute[]): AdminRoute {
  let text: string | undefined;
  const route = defineRoute({
    method: 'GET',
    path: '/openapi.json',
    visibility: 'open',
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1', type: 'application/json' } },
    handle: (_asked, exchange) => {
      text ??= JSON.stringify(createDocument(version, [...others, route]));
      exchange.respond(200, { 'content-type': 'application/json' }, text);
    },
  });
  return route;
}
