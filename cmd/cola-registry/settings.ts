import type { CommandOption } from '../../internal/cli/index.ts';

/** Where a setting of COLA comes from; one without a flag has its variable alone. */
interface Setting {
  readonly flag?: string;
  readonly env: string;
  readonly doc: string;
}

const PREFIX = 'COLA_REGISTRY_';

// cola contract, section 7
const SETTINGS = {
  storageUri: {
    flag: '--storage-uri <uri>',
    env: 'STORAGE_URI',
    doc: 'a document that holds all: file://, oci://, s3:// (without it: OCI artifacts, in ./data)',
  },
  storageToken: {
    flag: '--storage-token <token>',
    env: 'STORAGE_TOKEN',
    doc: 'what opens it: KEY:SECRET, user:password or a token',
  },
  port: { flag: '--port <n>', env: 'SERVER_PORT', doc: 'the port (8080)' },
  host: { flag: '--host <address>', env: 'SERVER_HOST', doc: 'the address to listen on (0.0.0.0)' },
  logLevel: { flag: '--log-level <level>', env: 'LOGGING_LEVEL', doc: 'debug, info, warn or error (info)' },
  logFormat: { flag: '--log-format <format>', env: 'LOGGING_FORMAT', doc: 'json or text (json)' },
  authType: { flag: '--auth-type <type>', env: 'AUTH_TYPE', doc: 'none, basic or custom_jwt (none)' },
  authUsersFile: { flag: '--auth-users-file <path>', env: 'AUTH_USERS_FILE', doc: 'the users of basic (./users.yaml)' },
  jwtScript: {
    flag: '--auth-custom-jwt-script <path>',
    env: 'AUTH_CUSTOM_JWT_SCRIPT',
    doc: 'what tells whose a token is',
  },
  jwtGroup: {
    flag: '--auth-custom-jwt-required-group <group>',
    env: 'AUTH_CUSTOM_JWT_REQUIRED_GROUP',
    doc: 'who may write',
  },
  authRead: { env: 'AUTH_READ', doc: 'public or required: whether readers sign in' },
  rateLimit: { env: 'RATE_LIMIT', doc: 'requests a minute from one address (100); 0: any number' },
  trustedProxies: { env: 'TRUSTED_PROXIES', doc: 'whose X-Forwarded-For counts' },
  publicUrl: { env: 'PUBLIC_URL', doc: 'the URL that clients use' },
  partitionOverlap: { env: 'PARTITION_OVERLAP', doc: 'allow or reject' },
  indexStrict: { env: 'INDEX_STRICT', doc: 'true: only what can be installed is listed' },
  repoPrefix: { env: 'REPO_PREFIX', doc: 'the first part of the repositories (cola)' },
  immutableTags: { env: 'IMMUTABLE_TAGS', doc: 'false: versions may move through /v2' },
  mirror: { env: 'MIRROR', doc: 'on: what is published by its URL is fetched and kept' },
  cacheUri: { env: 'CACHE_URI', doc: '' },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;

/** What was said, trimmed; an empty text was said too. */
export type Said = Readonly<Partial<Record<SettingName, string>>>;

const entries = Object.entries(SETTINGS) as [SettingName, Setting][];

/** The flags of `server`. */
export const SERVER_FLAGS: readonly CommandOption[] = entries.flatMap(([, { flag, env, doc }]) =>
  flag === undefined ? [] : [{ flags: flag, doc: `${doc}; ${PREFIX}${env}` }],
);

/** What flags say, and where they say nothing the environment. */
export function readSaid(
  options: Readonly<Record<string, string | boolean | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): Said {
  const said = entries.map(([name, setting]) => {
    const flag = options[optionOf(setting) ?? name];
    return [name, (typeof flag === 'string' ? flag : env[`${PREFIX}${setting.env}`])?.trim()] as const;
  });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/** `--auth-users-file <path>`: authUsersFile */
const optionOf = ({ flag }: Setting): string | undefined =>
  flag
    ?.slice(2)
    .split(' ')[0]
    ?.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** How a setting is called where it is wrong. */
export function nameOf(name: SettingName): string {
  const { flag, env }: Setting = SETTINGS[name];
  return flag?.split(' ')[0] ?? `${PREFIX}${env}`;
}
