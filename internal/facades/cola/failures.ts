import { OciError, type ErrorCode } from '../../../pkg/oci/index.ts';
import type { Exchange, Failure, FormatFailure, Headers } from '../../http/index.ts';
import { Invalid } from './rules/invalid.ts';
import type { Absent, Overlap } from './store.ts';

/** Codes of COLA's own (contract, section 4), with the product's that has the same status. */
const OWN = {
  REGISTRY_NOT_FOUND: 'NAME_UNKNOWN',
  PACKAGE_NOT_FOUND: 'NAME_UNKNOWN',
  VERSION_NOT_FOUND: 'NAME_UNKNOWN',
  REGISTRY_ALREADY_EXISTS: 'ENTRY_EXISTS',
  PACKAGE_ALREADY_EXISTS: 'ENTRY_EXISTS',
  VERSION_ALREADY_EXISTS: 'ENTRY_EXISTS',
  PARTITION_OVERLAP: 'ENTRY_EXISTS',
  VALIDATION_ERROR: 'REQUEST_INVALID',
  FORBIDDEN: 'DENIED',
  NOT_IMPLEMENTED: 'NOT_OFFERED',
} as const satisfies Record<string, ErrorCode>;

type OwnCode = keyof typeof OWN;
type Details = Readonly<Record<string, string>>;

/** A failure in COLA's words. */
export class ColaFailure extends OciError {
  readonly own: OwnCode;
  readonly details: Details;

  constructor(own: OwnCode, message: string, details: Details = {}) {
    super(OWN[own], message);
    this.own = own;
    this.message = message;
    this.details = details;
  }
}

const TITLES = { registry: 'Registry', package: 'Package', version: 'Version' } as const;
type What = keyof typeof TITLES;

const codeOf = <End extends string>(what: What, end: End) =>
  `${TITLES[what].toUpperCase()}_${end}` as `${Uppercase<What>}_${End}`;
const resource = (what: What, name: string): Details => ({ resource_type: what, resource_name: name });

/** What a path names, from the outside in. */
export type Path = Readonly<Record<What, string>>;

export function notFound({ what }: Pick<Absent, 'what'>, path: Partial<Path>): ColaFailure {
  const name = path[what] ?? '';
  return new ColaFailure(codeOf(what, 'NOT_FOUND'), `${TITLES[what]} '${name}' not found`, resource(what, name));
}

export function alreadyExists(what: What, name: string): ColaFailure {
  const why = what === 'version' ? ' (immutable)' : '';
  return new ColaFailure(
    codeOf(what, 'ALREADY_EXISTS'),
    `${TITLES[what]} '${name}' already exists${why}`,
    resource(what, name),
  );
}

export function overlap({ with: other }: Overlap): ColaFailure {
  const message = `Partitions overlap with those of version '${other}'`;
  return new ColaFailure('PARTITION_OVERLAP', message, resource('version', other));
}

export function invalid(message: string, field?: string): ColaFailure {
  if (field === undefined) return new ColaFailure('VALIDATION_ERROR', message);
  return new ColaFailure('VALIDATION_ERROR', `validation error on field '${field}': ${message}`, {
    field,
    error: message,
  });
}

/** What the rules refuse, in COLA's words; anything else as it is. */
export const translated = (thrown: unknown): unknown =>
  thrown instanceof Invalid ? invalid(thrown.message, thrown.field) : thrown;

/** What the product's failures are called here; those that are missing by their status. */
const CODES: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'UNAUTHORIZED',
  TAG_IMMUTABLE: 'VERSION_ALREADY_EXISTS',
  ENTRY_EXISTS: 'ALREADY_EXISTS',
  METHOD_NOT_ALLOWED: 'METHOD_NOT_ALLOWED',
};
const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'VERSION_ALREADY_EXISTS',
  413: 'PAYLOAD_TOO_LARGE',
  416: 'VALIDATION_ERROR',
  429: 'RATE_LIMIT_EXCEEDED',
  501: 'NOT_IMPLEMENTED',
  503: 'STORAGE_UNAVAILABLE',
  507: 'STORAGE_UNAVAILABLE',
};

const CHALLENGE = 'Basic realm="COLA Registry", Bearer realm="COLA Registry"';

/** Of index.json any page may learn why there is none (contract 3.7). */
export const INDEX_HEADERS: Headers = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, OPTIONS',
  'access-control-max-age': '86400',
  'access-control-expose-headers': 'ETag',
};
const isIndexPath = (path: string): boolean => /\/index\.json\/*$/.test(path);

export const formatColaFailure: FormatFailure = (failure, exchange) => {
  const { failure: thrown } = exchange;
  const { code, message, details } =
    thrown instanceof ColaFailure ? ownWords(thrown) : words(failure, thrown, exchange);
  const error = { code, message, ...(Object.keys(details).length > 0 && { details }) };
  const headers = {
    ...(failure.status === 401 && { 'www-authenticate': CHALLENGE }),
    ...(failure.status === 503 && { 'retry-after': '5' }),
    ...(isIndexPath(exchange.path) && INDEX_HEADERS),
    'cache-control': 'no-store',
  };
  return { contentType: 'application/json', body: JSON.stringify({ error }), headers };
};

interface Words {
  readonly code: string;
  readonly message: string;
  readonly details: Details;
}

const ownWords = ({ own, message, details }: ColaFailure): Words => ({ code: own, message, details });

function words({ status, message, detail }: Failure, thrown: unknown, exchange: Exchange): Words {
  const known = thrown instanceof OciError ? CODES[thrown.code] : undefined;
  const code = known ?? BY_STATUS[status] ?? 'INTERNAL_ERROR';
  const more = status >= 500 || status === 401 ? '' : detail.slice(0, 1).join('');
  return {
    code,
    message: more === '' ? message : `${message}: ${more}`,
    details: status === 403 ? refused(exchange) : {},
  };
}

const NAMED = /\/registry\/+([^/]+)(?:\/+package\/+([^/]+)(?:\/+version\/+([^/]+))?)?/;

/** What may not be done, and to what: the innermost that the path names, which was decoded before rights were asked for. */
function refused({ demand, path }: Exchange): Details {
  const [, ...names] = NAMED.exec(path) ?? [];
  const [registry, packageName, version] = names.map((name) => name && decodeURIComponent(name));
  if (!demand?.repository || registry === undefined) return {};
  const { action } = demand;
  if (version !== undefined) return { action, ...resource('version', version) };
  return { action, ...(packageName === undefined ? resource('registry', registry) : resource('package', packageName)) };
}
