import type { ConfigOf, Option } from '../../config/index.ts';
import { checkListenAddress } from '../listen.ts';

export const FOUNDRY_OPTIONS = [
  { key: 'facades.foundry.enabled', type: 'boolean', default: true, doc: 'Whether Foundry is served.' },
  {
    key: 'facades.foundry.listen',
    type: 'string',
    default: undefined,
    doc: 'An address (0.0.0.0:8080) where Foundry is served alone, besides the main one.',
    check: checkListenAddress,
  },
  {
    key: 'facades.foundry.base_path',
    type: 'string',
    default: '/api/v1',
    doc: 'The path that /artifacts, /packages and /gc are below.',
    check: (path: string) =>
      /^(?:\/(?!\.)[A-Za-z0-9._~-]+)*$/.test(path) ? undefined : 'must be a path such as /api/v1',
  },
  {
    key: 'facades.foundry.prefix',
    type: 'string',
    default: 'foundry',
    doc: 'The first part of the repositories that packages are kept in: foundry/<package>.',
    check: (prefix: string) =>
      prefix.length <= 64 && COMPONENT.test(prefix) ? undefined : 'must be a part of the name of a repository',
  },
  {
    key: 'facades.foundry.immutable_tags',
    type: 'boolean',
    default: true,
    doc: 'Whether a version stays what it is until it is deleted, through whichever door it is pushed again.',
  },
  {
    key: 'facades.foundry.max_upload_size',
    type: 'bytes',
    default: '0B',
    doc: 'The largest file that may be uploaded; 0B is no limit.',
  },
  {
    key: 'facades.foundry.redirect_downloads',
    type: 'boolean',
    default: false,
    doc: 'Whether downloads may be sent to the bucket (storage.s3.redirect); clients then get no X-Artifact-Hash.',
  },
] as const satisfies readonly Option[];

export type FoundryConfig = ConfigOf<typeof FOUNDRY_OPTIONS>;

/** distribution-spec: a part of a repository's name between slashes. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
