import { sqlStateOf, systemCodeOf, textOf } from './failures.ts';
import type { Address } from './settings.ts';

/** What PostgreSQL answers, and yet it cannot serve as a catalog. */
export class Unfit extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Unfit';
  }
}

type Line = (address: Address) => string;

const server: Line = ({ host, port }) => `PostgreSQL at ${host}:${port}`;

const SILENT: Line = (a) =>
  `${server(a)} does not answer: correct host and port in catalog.url, or open the firewall between`;
const CUT: Line = (a) => `${server(a)} cuts the connection: see its log, and whether port ${a.port} is PostgreSQL's`;
const UNKNOWN_AUTHORITY: Line = ({ host }) =>
  `the certificate of ${host} is signed by nobody who is known here: add sslrootcert=FILE to catalog.url`;
const UNREADABLE: Line = () => 'a file that catalog.url names (sslrootcert, sslcert, sslkey) cannot be read';
const WRONG_TIME: Line = ({ host }) =>
  `the certificate of ${host} is not valid at this time: renew it, or set this machine's clock`;

/** By the code of what the system or TLS said. */
const SYSTEM: Readonly<Record<string, Line>> = {
  ECONNREFUSED: (a) => `${server(a)} refuses connections: start it, or correct host and port in catalog.url`,
  ENOTFOUND: ({ host }) => `there is no host ${host}: correct it in catalog.url`,
  EAI_AGAIN: ({ host }) => `the host ${host} cannot be looked up just now: see whether DNS answers`,
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: SILENT,
  ENETUNREACH: SILENT,
  ECONNRESET: CUT,
  EPIPE: CUT,
  ENOENT: UNREADABLE,
  EACCES: UNREADABLE,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: WRONG_TIME,
  CERT_NOT_YET_VALID: WRONG_TIME,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) =>
    `the certificate that ${host} shows is another host's: write the host in catalog.url as the certificate has it`,
};

/** By the code of what PostgreSQL said. */
const STATES: Readonly<Record<string, Line>> = {
  '25006': (a) => `${server(a)} is read-only: catalog.url must name the primary and not a standby`,
  '28000': (a) =>
    `${server(a)} does not let user ${a.user} in from here: see its pg_hba.conf, or sslmode in catalog.url`,
  '28P01': (a) => `${server(a)} refuses user ${a.user} with this password: correct them in catalog.url`,
  '3D000': (a) => `${server(a)} has no database ${a.database}: create it, or name another in catalog.url`,
  '3F000': (a) => `database ${a.database} has no schema for tables of user ${a.user}: create one, or set search_path`,
  '42501': (a) =>
    `user ${a.user} may not make tables in database ${a.database}: make him its owner, or grant create on its schema`,
  '53100': (a) => `${server(a)} has no room left on its disk`,
  '53300': (a) => `${server(a)} has no connection left: raise its max_connections, or lower catalog.pool_size`,
  '55P03': () => 'another process is bringing the catalog up to date: it is waited for',
  '57P03': (a) => `${server(a)} is starting or stopping just now`,
};

/** What kept us from the database, in one line that says what to change; undefined for what is no matter of that. */
export function explain(error: unknown, address: Address): string | undefined {
  if (error instanceof Unfit) return error.message;
  const state = sqlStateOf(error);
  if (state !== undefined) return STATES[state]?.(address);
  return SYSTEM[systemCodeOf(error) ?? '']?.(address);
}

/** The same for a connection that was not made: whatever the reason, it is a matter of that. */
export function explainConnecting(error: unknown, address: Address): string {
  const hint = address.hasPassword ? '' : ', which has no password';
  return explain(error, address) ?? `${server(address)} cannot be used: ${textOf(error)}; see catalog.url${hint}`;
}

export const explainSilence = SILENT;
