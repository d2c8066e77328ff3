import type { ConfigOf, Option } from '../../config/index.ts';
import { parseBackupPlace } from '../../storage/index.ts';

const PEER = 'scrub.peer.url';

function checkUrl(text: string): string | undefined {
  const url = URL.parse(text);
  const isRoot = (url?.protocol === 'http:' || url?.protocol === 'https:') && url.href === `${url.origin}/`;
  return isRoot ? undefined : 'must be http(s)://host[:port], nothing more';
}

function checkPlace(text: string): string | undefined {
  const place = parseBackupPlace(text, '/');
  return typeof place === 'string' ? place : undefined;
}

export const SCRUB_OPTIONS = [
  {
    key: 'scrub.enabled',
    type: 'boolean',
    default: true,
    doc: 'Whether all content is read from time to time, to find what went bad; off, only `octoserve scrub` does it.',
  },
  {
    key: 'scrub.interval',
    type: 'duration',
    default: '720h',
    doc: 'From the end of one pass over all content to the start of the next, of all replicas together; 0: by hand only.',
  },
  {
    key: 'scrub.rate',
    type: 'bytes',
    default: '20MiB',
    doc: 'How many bytes a second a pass reads, so that it leaves storage to others; 0: as many as it can.',
  },
  {
    key: 'scrub.repair',
    type: 'boolean',
    default: true,
    doc: 'Whether damaged content is brought back when it is found, by digest, from the backup or the peer that is configured.',
  },
  {
    key: 'scrub.backup',
    type: 'string',
    default: undefined,
    doc: 'A folder, or s3://bucket/prefix, with content as `octoserve backup` keeps it; backup.target where it is not set.',
    check: checkPlace,
  },
  {
    key: PEER,
    type: 'string',
    default: undefined,
    doc: 'Another registry that may have the same content under the same names: https://host[:port].',
    check: checkUrl,
  },
  {
    key: 'scrub.peer.username',
    type: 'string',
    default: undefined,
    doc: 'Who pulls there; nobody in particular where it is not set.',
    needs: 'scrub.peer.password',
    idleWithout: PEER,
  },
  {
    key: 'scrub.peer.password',
    type: 'string',
    default: undefined,
    doc: 'The password, or access token, of that user; sent to the peer alone, and to scrub.peer.auth_hosts.',
    secret: true,
    needs: 'scrub.peer.username',
    idleWithout: PEER,
  },
  {
    key: 'scrub.peer.auth_hosts',
    type: 'list',
    default: [],
    doc: 'Hosts of token services, beside the peer itself, that may be sent that password: auth.example.com.',
    idleWithout: PEER,
  },
] as const satisfies readonly Option[];

export type ScrubConfig = ConfigOf<typeof SCRUB_OPTIONS>;
