import { unreachable } from '../../../../pkg/oci/index.ts';
import type { Exchange } from '../../../http/index.ts';
import type { FacadeRoute } from '../../types.ts';
import {
  JSON_TYPE,
  need,
  originOf,
  present,
  readBody,
  refuseAbsent,
  type ColaContext,
  type Place,
} from '../context.ts';
import { alreadyExists, invalid, notFound, overlap } from '../failures.ts';
import { isForEverybody } from '../rules/partitions.ts';
import { listJson, versionJson } from '../rules/json.ts';
import { parseNewVersion } from '../rules/requests.ts';
import { isPrereleaseOf } from '../rules/versions.ts';
import type { Absent, Created, NoContent, Overlap, Unfit, Version } from '../store.ts';
import { VERSION, VERSIONS, pathOf } from '../paths.ts';
import { createDefine, type Handle } from './define.ts';
import { ABSENT, answer, GONE, jsonBody, listOf, made, NEW_VERSION, TAKEN, VERSION_SCHEMA, WRONG } from './docs.ts';

type Published = Created<Version> | Absent | Overlap | NoContent | Unfit;

/** What is said of a version that was just made, whichever way; or why it was not. */
export async function respondPublished(
  { store, urlsFor, log }: ColaContext,
  exchange: Exchange,
  place: Place,
  outcome: Published,
): Promise<void> {
  switch (outcome.kind) {
    case 'absent':
      throw notFound(outcome, place);
    case 'exists':
      throw alreadyExists('version', place.version);
    case 'overlap':
      throw overlap(outcome);
    case 'noContent':
      throw invalid('url is required', 'url');
    case 'unfit':
      throw invalid(outcome.reasons.join('; '), 'content');
    case 'created':
      break;
    default:
      unreachable(outcome);
  }
  const { value: version } = outcome;
  const told = {
    registry: place.registry,
    package: place.package,
    version: version.version,
    request_id: exchange.requestId,
  };
  log.info('Version created', told);
  const shadowed = await findShadowed(version);
  if (shadowed !== undefined) log.warn('A pre-release is for everybody', { ...told, above: shadowed });
  const headers = {
    ...JSON_TYPE,
    location: `${exchange.site}${pathOf(place.registry, place.package, version.version)}`,
    warning:
      shadowed === undefined
        ? undefined
        : `299 - "command-launcher takes ${version.version} for newer than ${shadowed}: everybody gets it"`,
  };
  exchange.respond(201, headers, versionJson(version, (await urlsFor(exchange))(place.registry)));

  /** contract 10.4: clients order a pre-release above its release. */
  async function findShadowed(one: Version): Promise<string | undefined> {
    if (!isForEverybody(one) || !one.version.includes('-')) return undefined;
    const found = await store.listVersions(place.registry, place.package);
    if (found.kind === 'absent') return undefined;
    return found.value.find((other) => isPrereleaseOf(one.version, other.version))?.version;
  }
}

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
