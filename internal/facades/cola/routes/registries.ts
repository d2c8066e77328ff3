import { actorOf, originOf } from '../../../http/index.ts';
import { JSON_TYPE, need, present, readBody, type ColaContext } from '../context.ts';
import { maySeeSome, seenBy, seesRegistry } from '../sight.ts';
import { alreadyExists } from '../failures.ts';
import { listJson, registryJson } from '../rules/json.ts';
import { parseChange, parseNew } from '../rules/requests.ts';
import { OciError } from '../../../../pkg/oci/index.ts';
import type { FacadeRoute } from '../../types.ts';
import { REGISTRIES, REGISTRY, pathOf } from '../paths.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, GONE, jsonBody, listOf, made, NEW_REGISTRY, REGISTRY_SCHEMA, TAKEN, WRONG } from './docs.ts';

/** contract, section 3.4 */
export function registryRoutes(context: ColaContext): readonly FacadeRoute[] {
  const { store, names, urlsFor, log } = context;
  const define = createDefine(context);

  const list: Handle = async (_place, exchange) => {
    const actor = actorOf(exchange);
    // Who sees nothing at all is asked to sign in, where that would help.
    if (!actor.isSignedIn && !maySeeSome(actor, names)) throw new OciError('UNAUTHORIZED');
    const urls = await urlsFor(exchange);
    const seen = (await store.listRegistries()).filter(({ name }) => seesRegistry(actor, name, names));
    const body = listJson(seen.map((registry) => registryJson(seenBy(actor, registry, names), urls(registry.name))));
    exchange.respond(200, JSON_TYPE, body);
  };

  const create: Handle = async (_place, exchange) => {
    const { name, fields } = parseNew(await readBody(exchange), 'registry');
    for (const action of ['push', 'create'] as const) need(exchange, action, names.registry(name));
    const outcome = await store.createRegistry(originOf(exchange), name, fields);
    if (outcome.kind === 'exists') throw alreadyExists('registry', name);
    log.info('Registry created', { registry: name, request_id: exchange.requestId });
    const headers = { ...JSON_TYPE, location: `${exchange.site}${pathOf(name)}` };
    exchange.respond(201, headers, registryJson(outcome.value, (await urlsFor(exchange))(name)));
  };

  const get: Handle = async (place, exchange) => {
    const registry = present(await store.getRegistry(place.registry), place);
    const body = registryJson(seenBy(actorOf(exchange), registry, names), (await urlsFor(exchange))(place.registry));
    exchange.respond(200, JSON_TYPE, body);
  };

  const update: Handle = async (place, exchange) => {
    need(exchange, 'update', names.registry(place.registry));
    const change = parseChange(await readBody(exchange), 'registry', place.registry);
    const done = await store.updateRegistry(originOf(exchange), place.registry, change);
    const registry = present(done.kind === 'updated' ? { kind: 'found', value: done.value } : done, place);
    log.info('Registry updated', { registry: place.registry, request_id: exchange.requestId });
    exchange.respond(
      200,
      JSON_TYPE,
      registryJson(seenBy(actorOf(exchange), registry, names), (await urlsFor(exchange))(place.registry)),
    );
  };

  const remove: Handle = async (place, exchange) => {
    const found = present(await store.getRegistry(place.registry), place);
    // All of it goes: so all of it must be theirs to delete.
    for (const { name } of found.packages) need(exchange, 'delete', names.package(place.registry, name));
    const done = await store.deleteRegistry(originOf(exchange), place.registry);
    present(done.kind === 'deleted' ? { kind: 'found', value: undefined } : done, place);
    log.info('Registry deleted', { registry: place.registry, request_id: exchange.requestId });
    exchange.respond(204);
  };

  const change = {
    path: REGISTRY,
    action: 'push',
    doc: {
      summary: 'Change of a registry what is given',
      body: jsonBody(NEW_REGISTRY),
      answers: { 200: answer('The registry as it is now', REGISTRY_SCHEMA), 400: WRONG, 404: ABSENT },
    },
    handle: update,
  } as const;
  return [
    define({
      method: 'GET',
      path: REGISTRIES,
      action: 'pull',
      doc: {
        summary: 'List the registries',
        answers: { 200: answer('All that one may read', listOf(REGISTRY_SCHEMA)) },
      },
      handle: list,
    }),
    define({
      method: 'POST',
      path: REGISTRIES,
      action: 'push',
      visibility: 'challenged',
      doc: {
        summary: 'Make a registry',
        body: jsonBody(NEW_REGISTRY),
        answers: { 201: made('The registry', REGISTRY_SCHEMA), 400: WRONG, 409: TAKEN },
      },
      handle: create,
    }),
    define({
      method: 'GET',
      path: REGISTRY,
      action: 'pull',
      doc: {
        summary: 'Tell of a registry',
        answers: { 200: answer('It, with all it has', REGISTRY_SCHEMA), 404: ABSENT },
      },
      handle: get,
    }),
    define({ method: 'PUT', ...change }),
    define({ method: 'PATCH', ...change }),
    define({
      method: 'DELETE',
      path: REGISTRY,
      action: 'delete',
      doc: { summary: 'Delete a registry with all it has', answers: { 204: GONE, 404: ABSENT } },
      handle: remove,
    }),
  ];
}
