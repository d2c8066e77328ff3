import { actorOf, originOf } from '../../../http/index.ts';
import { JSON_TYPE, need, present, readBody, refuseAbsent, type ColaContext } from '../context.ts';
import { seesPackage } from '../sight.ts';
import { alreadyExists } from '../failures.ts';
import { listJson, packageJson } from '../rules/json.ts';
import { parseChange, parseNew } from '../rules/requests.ts';
import type { FacadeRoute } from '../../types.ts';
import { PACKAGE, PACKAGES, pathOf } from '../paths.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, GONE, jsonBody, listOf, made, NEW_PACKAGE, PACKAGE_SCHEMA, TAKEN, WRONG } from './docs.ts';

/** contract, section 3.5 */
export function packageRoutes(context: ColaContext): readonly FacadeRoute[] {
  const { store, names, urlsFor, log } = context;
  const define = createDefine(context);

  const list: Handle = async (place, exchange) => {
    const actor = actorOf(exchange);
    const packages = present(await store.listPackages(place.registry), place);
    const seen = packages.filter(({ name }) => seesPackage(actor, place.registry, name, names));
    const urlOf = (await urlsFor(exchange))(place.registry);
    exchange.respond(200, JSON_TYPE, listJson(seen.map((one) => packageJson(one, urlOf))));
  };

  const create: Handle = async (place, exchange) => {
    const { name, fields } = parseNew(await readBody(exchange), 'package');
    for (const action of ['push', 'create'] as const) need(exchange, action, names.package(place.registry, name));
    const outcome = await store.createPackage(originOf(exchange), place.registry, name, fields);
    refuseAbsent(outcome, place);
    if (outcome.kind === 'exists') throw alreadyExists('package', name);
    log.info('Package created', { registry: place.registry, package: name, request_id: exchange.requestId });
    const location = `${exchange.site}${pathOf(place.registry, name)}`;
    exchange.respond(
      201,
      { ...JSON_TYPE, location },
      packageJson(outcome.value, (await urlsFor(exchange))(place.registry)),
    );
  };

  const get: Handle = async (place, exchange) => {
    const found = present(await store.getPackage(place.registry, place.package), place);
    exchange.respond(200, JSON_TYPE, packageJson(found, (await urlsFor(exchange))(place.registry)));
  };

  const update: Handle = async (place, exchange) => {
    need(exchange, 'update', names.package(place.registry, place.package));
    const change = parseChange(await readBody(exchange), 'package', place.package);
    const outcome = await store.updatePackage(originOf(exchange), place.registry, place.package, change);
    refuseAbsent(outcome, place);
    log.info('Package updated', { registry: place.registry, package: place.package, request_id: exchange.requestId });
    exchange.respond(200, JSON_TYPE, packageJson(outcome.value, (await urlsFor(exchange))(place.registry)));
  };

  const remove: Handle = async (place, exchange) => {
    refuseAbsent(await store.deletePackage(originOf(exchange), place.registry, place.package), place);
    log.info('Package deleted', { registry: place.registry, package: place.package, request_id: exchange.requestId });
    exchange.respond(204);
  };

  const change = {
    path: PACKAGE,
    action: 'push',
    doc: {
      summary: 'Change of a package what is given',
      body: jsonBody(NEW_PACKAGE),
      answers: { 200: answer('The package as it is now', PACKAGE_SCHEMA), 400: WRONG, 404: ABSENT },
    },
    handle: update,
  } as const;
  return [
    define({
      method: 'GET',
      path: PACKAGES,
      action: 'pull',
      doc: {
        summary: 'List the packages',
        answers: { 200: answer('All that one may read', listOf(PACKAGE_SCHEMA)), 404: ABSENT },
      },
      handle: list,
    }),
    define({
      method: 'POST',
      path: PACKAGES,
      action: 'push',
      visibility: 'challenged',
      doc: {
        summary: 'Make a package',
        body: jsonBody(NEW_PACKAGE),
        answers: { 201: made('The package', PACKAGE_SCHEMA), 400: WRONG, 404: ABSENT, 409: TAKEN },
      },
      handle: create,
    }),
    define({
      method: 'GET',
      path: PACKAGE,
      action: 'pull',
      doc: {
        summary: 'Tell of a package',
        answers: { 200: answer('It, with its versions', PACKAGE_SCHEMA), 404: ABSENT },
      },
      handle: get,
    }),
    define({ method: 'PUT', ...change }),
    define({ method: 'PATCH', ...change }),
    define({
      method: 'DELETE',
      path: PACKAGE,
      action: 'delete',
      doc: { summary: 'Delete a package with its versions', answers: { 204: GONE, 404: ABSENT } },
      handle: remove,
    }),
  ];
}
