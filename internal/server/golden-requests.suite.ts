import { parseRepositoryName } from '../../pkg/oci/index.ts';
import { hashSecret, newApiKey } from '../auth/api-key.ts';
import { createSamples } from '../testing/images.ts';
import { BY, plant } from './auth-fixtures.suite.ts';
import type { Built } from './build.ts';

// A suite by its name only because nothing but tests may import it.

/** What a request to a route may need: things of its own, since it may change them. */
export interface Stage {
  readonly built: Built;
  /** Whether there is a repository with content. */
  readonly isThere: boolean;
  readonly repository: string;
  /** As in upload sessions: `user:alice`. */
  readonly principal: string;
}

export interface Ask {
  readonly path: string;
  readonly type?: string;
  readonly body?: string | Buffer;
}

const samples = createSamples('golden');
const IMAGE = samples.image({ layers: 1 });
const LOOSE = samples.blob();
const EMPTY_INDEX = samples.index([]);
const json = (value: object): Pick<Ask, 'type' | 'body'> => ({ type: 'application/json', body: JSON.stringify(value) });
const form = (fields: Record<string, string>): Pick<Ask, 'type' | 'body'> => ({
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams(fields).toString(),
});

let count = 0;
const fresh = (what: string): string => `${what}-${++count}`;

/** Puts into the repository of a stage what requests ask for: an image tagged v1, and a blob that nothing needs. */
export async function fill({ built, isThere, repository }: Stage): Promise<void> {
  if (!isThere) return;
  const images = { ...IMAGE, blobs: [...IMAGE.blobs, LOOSE] };
  if (/^cola\/[^/]+$/.test(repository)) await plant(built.registry, `${repository}/app`, images, '1.0.0');
  else await plant(built.registry, repository, images, 'v1', ...(repository.startsWith('cola/') ? ['1.0.0'] : []));
}

async function upload({ built, repository, principal }: Stage): Promise<string> {
  const by = { ...BY.by, principal };
  const started = await built.registry.uploads.start(by, parseRepositoryName(repository), { algorithm: 'sha256' });
  if (started.kind !== 'started') throw new Error('no upload was started');
  return `/v2/${repository}/blobs/uploads/${started.id}`;
}

async function user({ built }: Stage): Promise<string> {
  const name = fresh('somebody');
  const rest = { password: undefined, email: undefined, displayName: undefined, groups: [], roles: [] };
  await built.catalog.run('createUser', { ...BY, name, ...rest });
  return name;
}

async function key({ built }: Stage): Promise<string> {
  const name = fresh('key');
  const rest = { owner: undefined, repositories: ['x/**'], actions: ['pull'], expiresMs: undefined };
  await built.catalog.run('createKey', { ...BY, name, hash: hashSecret(newApiKey()), ...rest });
  return name;
}

async function role({ built }: Stage): Promise<string> {
  const name = fresh('role');
  await built.catalog.run('putRole', { ...BY, name, actions: ['pull'] });
  return name;
}

async function binding({ built }: Stage): Promise<string> {
  const row = { subject: 'user:somebody', role: 'reader', pattern: `${fresh('x')}/**` };
  await built.catalog.run('putBinding', { ...BY, ...row, known: ['reader'] });
  return new URLSearchParams(row).toString();
}

const WORKLOAD = { preset: 'github', audience: 'us', claims: ['repository=acme/app'], repositories: ['acme/*'] };

async function workload({ built }: Stage): Promise<string> {
  const name = fresh('rule');
  await built.catalog.run('putWorkloadRule', { ...BY, name, document: JSON.stringify(WORKLOAD) });
  return name;
}

/** The repository that a request to the route is about; `inside`: `public` or `private`. */
export function repositoryFor({ path }: { readonly path: string }, inside: string, number: number): string {
  if (/^\/api\/v1\/(?:artifacts|packages)\//.test(path)) return `foundry/${inside}/app-${number}`;
  if (!path.startsWith('/api/v1/registry')) return `${inside}/app-${number}`;
  return path.includes('{package}') ? `cola/${inside}-${number}/app` : `cola/${inside}-${number}`;
}

/** Whether a client of the door that the route is of signs in for everything at once. */
export const takesWholeTokens = ({ path }: { readonly path: string }): boolean => path.startsWith('/api/v1/registry');

/** The registry of COLA that a repository is, or is in. */
const registryOf = ({ repository }: Stage): string => repository.split('/')[1] ?? '';
const newPackage = (stage: Stage): Ask => ({
  path: `/api/v1/registry/${registryOf(stage)}/package`,
  ...json({ name: 'new' }),
});
const onPackage = (stage: Stage, rest = ''): string => `/api/v1/registry/${registryOf(stage)}/package/app${rest}`;
const HEX = '0'.repeat(64);

/** The package that a repository of Foundry is, as a segment of a path. */
const packageOf = ({ repository }: Stage): string => encodeURIComponent(repository.slice('foundry/'.length));
const newVersion = (stage: Stage): Ask => ({ path: `/api/v1/artifacts/${packageOf(stage)}/new`, body: 'content' });

type Make = (stage: Stage) => Ask | Promise<Ask>;

const accounts = (base: '/auth' | '/v1/auth'): Readonly<Record<string, Make>> => ({
  [`POST ${base}/login`]: () => ({ path: `${base}/login`, ...json({ username: 'nobody', password: 'wrong' }) }),
  [`POST ${base}/register`]: () => ({
    path: `${base}/register`,
    ...json({ username: 'eve', password: 'long enough' }),
  }),
});

/** For each route a request that is right in all but who sends it. Others are asked by their path alone. */
const REQUESTS: Readonly<Record<string, Make>> = {
  'PUT /v2/{name}/manifests/{reference}': ({ repository }) => ({
    path: `/v2/${repository}/manifests/new`,
    type: EMPTY_INDEX.mediaType,
    body: EMPTY_INDEX.bytes.toString(),
  }),
  'DELETE /v2/{name}/blobs/{digest}': ({ repository }) => ({ path: `/v2/${repository}/blobs/${LOOSE.digest}` }),
  'GET /v2/{name}/blobs/uploads/{uuid}': async (stage) => ({ path: await upload(stage) }),
  'DELETE /v2/{name}/blobs/uploads/{uuid}': async (stage) => ({ path: await upload(stage) }),
  'PATCH /v2/{name}/blobs/uploads/{uuid}': async (stage) => ({
    path: await upload(stage),
    body: Buffer.from('content'),
  }),
  'PUT /v2/{name}/blobs/uploads/{uuid}': async (stage) => ({
    path: `${await upload(stage)}?digest=${LOOSE.digest}`,
    body: LOOSE.bytes,
  }),
  ...accounts('/auth'),
  ...accounts('/v1/auth'),
  'POST /auth/token': () => ({
    path: '/auth/token',
    ...form({ grant_type: 'password', username: 'nobody', password: 'wrong' }),
  }),
  'POST /auth/invitation': () => ({ path: '/auth/invitation', ...json({ token: 'none', password: 'long enough' }) }),
  'POST /auth/exchange': () => ({ path: '/auth/exchange', ...json({ token: 'not.a.token' }) }),
  'POST /admin/users': () => ({ path: '/admin/users', ...json({ name: fresh('new') }) }),
  'GET /admin/users/{name}': async (stage) => ({ path: `/admin/users/${await user(stage)}` }),
  'PUT /admin/users/{name}': async (stage) => ({ path: `/admin/users/${await user(stage)}`, ...json({}) }),
  'DELETE /admin/users/{name}': async (stage) => ({ path: `/admin/users/${await user(stage)}` }),
  'POST /admin/keys': () => ({
    path: '/admin/keys',
    ...json({ name: fresh('new'), repositories: ['x/**'], actions: ['pull'] }),
  }),
  'GET /admin/keys/{name}': async (stage) => ({ path: `/admin/keys/${await key(stage)}` }),
  'PUT /admin/keys/{name}': async (stage) => ({ path: `/admin/keys/${await key(stage)}`, ...json({}) }),
  'DELETE /admin/keys/{name}': async (stage) => ({ path: `/admin/keys/${await key(stage)}` }),
  'PUT /admin/roles/{name}': () => ({ path: `/admin/roles/${fresh('role')}`, ...json({ actions: ['pull'] }) }),
  'DELETE /admin/roles/{name}': async (stage) => ({ path: `/admin/roles/${await role(stage)}` }),
  'POST /admin/bindings': () => ({
    path: '/admin/bindings',
    ...json({ subject: 'user:somebody', role: 'reader', pattern: `${fresh('x')}/**` }),
  }),
  'PUT /admin/workloads/{name}': () => ({ path: `/admin/workloads/${fresh('rule')}`, ...json(WORKLOAD) }),
  'DELETE /admin/workloads/{name}': async (stage) => ({ path: `/admin/workloads/${await workload(stage)}` }),
  'GET /admin/repositories/{name}/tags/{tag}/resolve': ({ repository }) => ({
    path: `/admin/repositories/${encodeURIComponent(repository)}/tags/v1/resolve?at=2099-01-01T00:00:00Z`,
  }),
  'POST /api/v1/artifacts/{package}/{version}': newVersion,
  'PUT /api/v1/artifacts/{package}/{version}': newVersion,
  'POST /api/v1/apikeys': () => ({ path: '/api/v1/apikeys', ...json({ name: fresh('new'), role: 'reader' }) }),
  'DELETE /api/v1/apikeys/{id}': async (stage) => ({ path: `/api/v1/apikeys/${await key(stage)}` }),
  'POST /api/v1/registry': () => ({ path: '/api/v1/registry', ...json({ name: fresh('private') }) }),
  'PUT /api/v1/registry/{name}': (stage) => ({ path: `/api/v1/registry/${registryOf(stage)}`, ...json({}) }),
  'PATCH /api/v1/registry/{name}': (stage) => ({ path: `/api/v1/registry/${registryOf(stage)}`, ...json({}) }),
  'POST /api/v1/registry/{name}/package': newPackage,
  'PUT /api/v1/registry/{name}/package/{package}': (stage) => ({ path: onPackage(stage), ...json({}) }),
  'PATCH /api/v1/registry/{name}/package/{package}': (stage) => ({ path: onPackage(stage), ...json({}) }),
  'POST /api/v1/registry/{name}/package/{package}/version': (stage) => ({
    path: onPackage(stage, '/version'),
    ...json({ version: '2.0.0', checksum: HEX, url: 'https://example.org/app.pkg' }),
  }),
  'PUT /api/v1/registry/{name}/package/{package}/version/{version}/content': (stage) => ({
    path: onPackage(stage, '/version/2.0.0/content?validate=false'),
    body: 'content',
  }),
  'POST /api/v1/registry/{name}/package/{package}/version/{version}/content': (stage) => ({
    path: onPackage(stage, '/version/2.0.0/content?validate=false'),
    body: 'content',
  }),
  'GET /api/v1/registry/{name}/{file}.pkg': (stage) => ({
    path: `/api/v1/registry/${registryOf(stage)}/app-1.0.0.pkg`,
  }),
  'DELETE /admin/bindings': async (stage) => ({ path: `/admin/bindings?${await binding(stage)}` }),
};

/** The request that asks a route. */
export function askOf(route: { readonly method: string; readonly path: string }, stage: Stage): Ask | Promise<Ask> {
  const make = REQUESTS[`${route.method} ${route.path}`];
  if (make) return make(stage);
  const { repository } = stage;
  if (route.path.startsWith('/api/v1/registry')) {
    const place = route.path.replace('{name}', registryOf(stage)).replace('{package}', 'app');
    return { path: place.replace('{version}', '1.0.0') };
  }
  const path = route.path
    .replace('{package}', packageOf(stage))
    .replace('{version}', 'v1')
    .replace('{name}', route.path.startsWith('/v2/') ? repository : encodeURIComponent(repository))
    .replace('{reference}', 'v1')
    .replace('{tag}', 'v1')
    .replace('{digest}', /referrers|deleted/.test(route.path) ? IMAGE.manifest.digest : (IMAGE.blobs[0]?.digest ?? ''))
    .replace('{provider}', 'nowhere');
  return { path };
}

/** Routes that requests are made for, to find those that are there no more. */
export const ASKED_ROUTES = Object.keys(REQUESTS);
