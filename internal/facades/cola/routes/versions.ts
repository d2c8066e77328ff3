import { isForm, originOf } from '../../../http/index.ts';
import type { FacadeRoute } from '../../types.ts';
import { JSON_TYPE, need, present, readBody, refuseAbsent, type ColaContext } from '../context.ts';
import { VERSION, VERSIONS } from '../paths.ts';
import { listJson, versionJson } from '../rules/json.ts';
import { parseNewVersion } from '../rules/requests.ts';
import { publishForm } from './content.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, GONE, jsonBody, listOf, made, NEW_VERSION, TAKEN, VERSION_SCHEMA, WRONG } from './docs.ts';
import { respondPublished } from './published.ts';

/** contract, section 3.6; versions that come with their bytes are in `content.ts`. */
export function versionRoutes(context: ColaContext): readonly FacadeRoute[] {
  const { store, names, urlsFor, log } = context;
  const define = createDefine(context);

  const list: Handle = async (place, exchange) => {
    const versions = present(await store.listVersions(place.registry, place.package), place);
    const urlOf = (await urlsFor(exchange))(place.registry);
    exchange.respond(200, JSON_TYPE, listJson(versions.map((version) => versionJson(version, urlOf))));
  };

  const get: Handle = async (place, exchange) => {
    const version = present(await store.getVersion(place.registry, place.package, place.version), place);
    exchange.respond(200, JSON_TYPE, versionJson(version, (await urlsFor(exchange))(place.registry)));
  };

  const create: Handle = async (place, exchange) => {
    need(exchange, 'create', names.package(place.registry, place.package));
    if (isForm(exchange)) return publishForm(context, place, exchange);
    const version = parseNewVersion(await readBody(exchange), place.package);
    const outcome = await store.createVersion(originOf(exchange), place.registry, place.package, version);
    await respondPublished(context, exchange, { ...place, version: version.version }, outcome);
  };

  const remove: Handle = async (place, exchange) => {
    refuseAbsent(await store.deleteVersion(originOf(exchange), place.registry, place.package, place.version), place);
    log.info('Version deleted', { ...place, request_id: exchange.requestId });
    exchange.respond(204);
  };

  return [
    define({
      method: 'GET',
      path: VERSIONS,
      action: 'pull',
      doc: {
        summary: 'List the versions',
        answers: { 200: answer('All of them, ascending', listOf(VERSION_SCHEMA)), 404: ABSENT },
      },
      handle: list,
    }),
    define({
      method: 'POST',
      path: VERSIONS,
      action: 'push',
      doc: {
        summary: 'Publish a version by its URL, or by the checksum of bytes that are here',
        body: [...jsonBody(NEW_VERSION), { type: 'multipart/form-data' }],
        answers: { 201: made('The version', VERSION_SCHEMA), 400: WRONG, 404: ABSENT, 409: TAKEN },
      },
      handle: create,
    }),
    define({
      method: 'GET',
      path: VERSION,
      action: 'pull',
      doc: { summary: 'Tell of a version', answers: { 200: answer('It', VERSION_SCHEMA), 404: ABSENT } },
      handle: get,
    }),
    define({
      method: 'DELETE',
      path: VERSION,
      action: 'delete',
      doc: { summary: 'Delete a version', answers: { 204: GONE, 404: ABSENT } },
      handle: remove,
    }),
  ];
}
