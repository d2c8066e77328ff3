import type { ConfigOf, Option } from '../config/index.ts';
import { parseCertificateRule } from './certificates.ts';
import { parseClaimRule } from './claims.ts';
import { parseMapping } from './mappings.ts';
import { wrongOfPattern } from './pattern.ts';

const URL_TEXT = 'must be a URL such as https://login.example.com';

/** Signing in by the word of others: people through providers, jobs of a CI through their tokens. */
export const SIGN_IN_OPTIONS = [
  {
    key: 'auth.allow_registration',
    type: 'boolean',
    default: false,
    doc: 'Whether whoever reaches the server may make a user of their own.',
  },
  {
    key: 'auth.login_lifetime',
    type: 'duration',
    default: '24h',
    doc: 'How long the token holds that POST /auth/login gives.',
    check: (ms: number) => (ms >= 60_000 && ms <= 30 * 86_400_000 ? undefined : 'must be between 1m and 720h'),
  },
  {
    key: 'auth.session_lifetime',
    type: 'duration',
    default: '12h',
    doc: 'How long a browser stays signed in.',
    check: (ms: number) => (ms >= 60_000 ? undefined : 'must be 1m or more'),
  },
  {
    key: 'auth.certificates',
    type: 'list',
    default: [],
    doc: 'Users by their client certificates, as email:ada@example.com=ada, dns:build.example.com=ci, uri:..., subject:..., sha256:...',
    check: (texts: readonly string[]) =>
      complaintOf(texts, parseCertificateRule, 'must be rules such as email:ada@example.com=ada'),
    idleWithout: 'server.tls.client_ca',
  },
  {
    key: 'auth.oauth.enabled',
    type: 'boolean',
    default: true,
    doc: 'Whether people sign in through the providers below auth.oauth.',
  },
  { key: 'auth.oauth.*.enabled', type: 'boolean', default: true, doc: 'Whether this provider is offered.' },
  {
    key: 'auth.oauth.*.kind',
    type: ['azure', 'github', 'google', 'oidc'],
    default: undefined,
    doc: 'What the provider is; azure, github and google by a name that begins so (azure_prod), else oidc.',
  },
  {
    key: 'auth.oauth.*.client_id',
    type: 'string',
    default: undefined,
    doc: 'The id under which this server is registered with the provider.',
  },
  {
    key: 'auth.oauth.*.client_secret',
    type: 'string',
    default: undefined,
    secret: true,
    doc: 'The secret that goes with the id.',
    needs: 'auth.oauth.*.client_id',
  },
  {
    key: 'auth.oauth.*.redirect_uri',
    type: 'string',
    default: undefined,
    doc: 'Where the provider sends people back; <server.public_url>/auth/callback/<name> where it is not set.',
    check: checkUrl,
  },
  {
    key: 'auth.oauth.*.tenant_id',
    type: 'string',
    default: undefined,
    doc: 'azure: the id of the directory whose people may sign in.',
    check: (id: string) =>
      /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
        ? undefined
        : 'must be the id of one directory (not its name, not common or organizations)',
  },
  {
    key: 'auth.oauth.*.issuer',
    type: 'string',
    default: undefined,
    doc: 'oidc: the URL of the issuer; for the other kinds, instead of their own.',
    check: checkUrl,
  },
  {
    key: 'auth.oauth.*.authorize_url',
    type: 'string',
    default: undefined,
    doc: 'Where people are sent to sign in, instead of what the issuer says.',
    check: checkUrl,
  },
  {
    key: 'auth.oauth.*.token_url',
    type: 'string',
    default: undefined,
    doc: 'Where codes are exchanged, instead of what the issuer says.',
    check: checkUrl,
  },
  {
    key: 'auth.oauth.*.jwks_url',
    type: 'string',
    default: undefined,
    doc: 'Where the keys of ID tokens are, instead of what the issuer says.',
    check: checkUrl,
  },
  {
    key: 'auth.oauth.*.api_url',
    type: 'string',
    default: undefined,
    doc: 'github: the API, https://github.example.com/api/v3 for an Enterprise Server.',
    check: checkUrl,
  },
  {
    key: 'auth.oauth.*.scopes',
    type: 'list',
    default: [],
    doc: 'What is asked for, instead of openid, profile, email (github: read:user, user:email, read:org).',
  },
  {
    key: 'auth.oauth.*.algorithms',
    type: 'list',
    default: ['RS256'],
    doc: 'What ID tokens may be signed with.',
    check: checkAlgorithms,
  },
  {
    key: 'auth.oauth.*.clock_skew',
    type: 'duration',
    default: '1m',
    doc: 'How far the clock of the provider may be from ours.',
    check: (ms: number) => (ms <= 600_000 ? undefined : 'must be 10m or less'),
  },
  {
    key: 'auth.oauth.*.allowed_groups',
    type: 'list',
    default: [],
    doc: 'Only people in one of these groups may sign in (azure: ids of groups).',
  },
  {
    key: 'auth.oauth.*.required_roles',
    type: 'list',
    default: [],
    doc: 'Only people with all of these application roles may sign in (azure).',
  },
  {
    key: 'auth.oauth.*.allowed_organizations',
    type: 'list',
    default: [],
    doc: 'github: only members of one of these organizations may sign in.',
  },
  {
    key: 'auth.oauth.*.allowed_teams',
    type: 'list',
    default: [],
    doc: 'github: only members of one of these teams (organization/team) may sign in.',
  },
  {
    key: 'auth.oauth.*.allowed_users',
    type: 'list',
    default: [],
    doc: 'github: only these people may sign in, by their login.',
  },
  {
    key: 'auth.oauth.*.allowed_domains',
    type: 'list',
    default: [],
    doc: 'google, oidc: only people with a verified address in one of these domains may sign in.',
  },
  {
    key: 'auth.oauth.*.group_mappings',
    type: 'list',
    default: [],
    doc: 'Roles by group, as group=role; the first that fits gives the role on all repositories.',
    check: checkMappings,
  },
  {
    key: 'auth.oauth.*.team_mappings',
    type: 'list',
    default: [],
    doc: 'github: roles by team, as organization/team=role; the first that fits gives the role on all repositories.',
    check: checkMappings,
  },
  {
    key: 'auth.oauth.*.groups_claim',
    type: 'string',
    default: 'groups',
    doc: 'The claim that has the groups of a person.',
  },
  {
    key: 'auth.oauth.*.user_mapping.username',
    type: 'string',
    default: undefined,
    doc: 'The claim that has the user name; preferred_username, then the address, where it is not set.',
  },
  { key: 'auth.oauth.*.user_mapping.email', type: 'string', default: 'email', doc: 'The claim that has the address.' },
  { key: 'auth.oauth.*.user_mapping.name', type: 'string', default: 'name', doc: 'The claim that has the full name.' },
  {
    key: 'auth.oauth.*.user_mapping.picture',
    type: 'string',
    default: 'picture',
    doc: 'The claim that has the URL of a picture.',
  },
  {
    key: 'auth.exchange_lifetime',
    type: 'duration',
    default: '15m',
    doc: 'How long the tokens hold that jobs of a CI are given for theirs.',
    check: (ms: number) => (ms >= 60_000 && ms <= 86_400_000 ? undefined : 'must be between 1m and 24h'),
  },
  {
    key: 'auth.workload.*.preset',
    type: ['github', 'gitlab', 'kubernetes', 'oidc'],
    default: 'oidc',
    doc: 'Whose tokens the rule is for: sets issuer and algorithms, and what the claims have to pin.',
  },
  {
    key: 'auth.workload.*.issuer',
    type: 'string',
    default: undefined,
    doc: 'The URL of the issuer, as in the tokens; github and gitlab are those of the public services.',
    check: checkUrl,
  },
  {
    key: 'auth.workload.*.jwks_url',
    type: 'string',
    default: undefined,
    doc: 'Where the keys of the issuer are, instead of what it says itself.',
    check: checkUrl,
  },
  {
    key: 'auth.workload.*.audience',
    type: 'string',
    default: undefined,
    doc: 'What the tokens have to be for; server.public_url where it is not set.',
  },
  {
    key: 'auth.workload.*.algorithms',
    type: 'list',
    default: [],
    doc: 'What the tokens may be signed with; RS256 where it is not set, for kubernetes ES256 too.',
    check: checkAlgorithms,
  },
  {
    key: 'auth.workload.*.claims',
    type: 'list',
    default: [],
    doc: 'What the tokens have to say, as claim=pattern with * for any characters; one of those for the same claim.',
    check: (texts: readonly string[]) =>
      complaintOf(texts, parseClaimRule, 'must be rules such as ref=refs/heads/main'),
  },
  {
    key: 'auth.workload.*.single_use',
    type: 'boolean',
    default: undefined,
    doc: 'Whether a token is taken once only; true where it is not set, for kubernetes false.',
  },
  {
    key: 'auth.workload.*.repositories',
    type: 'list',
    default: [],
    doc: 'The repositories that the jobs may use, as patterns: team/app, team/*, team/**.',
    check: (patterns: readonly string[]) =>
      patterns.map((pattern) => wrongOfPattern(pattern)).find((wrong) => wrong !== undefined),
  },
  {
    key: 'auth.workload.*.actions',
    type: 'list',
    default: ['pull', 'push', 'create', 'update'],
    doc: 'What the jobs may do there: pull, push, create, update, delete.',
    check: (actions: readonly string[]) =>
      actions.every((action) => ['pull', 'push', 'create', 'update', 'delete'].includes(action))
        ? undefined
        : 'must be some of pull, push, create, update, delete',
  },
] as const satisfies readonly Option[];

export type SignInConfig = ConfigOf<typeof SIGN_IN_OPTIONS>;

function checkUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return URL_TEXT;
  return url.username === '' && url.password === '' && url.hash === '' ? undefined : 'must have no credentials, no #';
}

/** What anybody could sign with the issuer's public key, or not at all, is not among them. */
const ALGORITHMS = /^(?:[RP]S(?:256|384|512)|ES(?:256|384|512)|EdDSA|Ed25519)$/;

function checkAlgorithms(names: readonly string[]): string | undefined {
  return names.every((name) => ALGORITHMS.test(name)) ? undefined : 'must be some of RS256, PS256, ES256, EdDSA, ...';
}

function checkMappings(texts: readonly string[]): string | undefined {
  return complaintOf(texts, parseMapping, 'must be mappings such as my-team=writer');
}

function complaintOf(texts: readonly string[], parse: (text: string) => unknown, must: string): string | undefined {
  return texts.every((text) => parse(text) !== undefined) ? undefined : must;
}
