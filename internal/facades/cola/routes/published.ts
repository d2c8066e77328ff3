import { unreachable } from '../../../../pkg/oci/index.ts';
import type { Exchange } from '../../../http/index.ts';
import { JSON_TYPE, type ColaContext } from '../context.ts';
import type { Place } from '../place.ts';
import { alreadyExists, invalid, notFound, overlap } from '../failures.ts';
import { pathOf } from '../paths.ts';
import { versionJson } from '../rules/json.ts';
import { isForEverybody } from '../rules/partitions.ts';
import { isPrereleaseOf } from '../rules/versions.ts';
import type { Absent, Created, NoContent, Overlap, Unfit, Version } from '../store.ts';

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
