import request from 'supertest';
import { parseRepositoryName, parseTag } from '../../pkg/oci/index.ts';
import { hashSecret, newApiKey } from '../auth/api-key.ts';
import { hashArgon2 } from '../auth/argon2.ts';
import type { BindingRow, Catalog } from '../catalog/index.ts';
import { ANY_TAG, type Registry } from '../registry/index.ts';
import type { SampleImage } from '../testing/images.ts';

// A suite by its name only because nothing but tests may import it.

export const BY = {
  by: { principal: 'user:root', address: '192.0.2.1:1234', requestId: 'request' },
  nowMs: Date.UTC(2026, 0, 1),
};

export const PASSWORD = 'correct horse';
let hash: Promise<string> | undefined;

/** A user with PASSWORD, and the roles. */
export async function addUser(
  { run }: Pick<Catalog, 'run'>,
  name: string,
  roles: readonly Pick<BindingRow, 'role' | 'pattern'>[] = [],
  groups: readonly string[] = [],
): Promise<void> {
  hash ??= hashArgon2(PASSWORD);
  const user = { name, password: await hash, email: undefined, displayName: undefined, groups, roles };
  const { kind } = await run('createUser', { ...BY, ...user });
  if (kind !== 'created') throw new Error(`there is a user ${name}`);
}

/** A key, by its secret. */
export async function addKey(
  { run }: Pick<Catalog, 'run'>,
  name: string,
  more: { owner?: string; repositories?: readonly string[]; actions?: readonly string[]; expiresMs?: number } = {},
): Promise<string> {
  const secret = newApiKey();
  const { owner, repositories = ['**'], actions = ['pull'], expiresMs } = more;
  const key = { name, hash: hashSecret(secret), owner, repositories, actions, expiresMs };
  const { kind } = await run('createKey', { ...BY, ...key });
  if (kind !== 'created') throw new Error(`there is no new key ${name}: ${kind}`);
  return secret;
}

/** The Authorization header of a password. */
export const basic = (user: string, password: string = PASSWORD): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** The token that the endpoint gives for the scopes; the Authorization header of it. */
export async function bearer(
  { url }: { readonly url: string },
  authorization: string | undefined,
  ...scopes: readonly string[]
): Promise<string> {
  const query = new URLSearchParams({ service: 'octoserve' });
  for (const scope of scopes) query.append('scope', scope);
  const asked = request(url).get(`/auth/token?${query.toString()}`);
  const answer = await (authorization === undefined ? asked : asked.set('Authorization', authorization)).expect(200);
  return `Bearer ${(answer.body as { readonly token: string }).token}`;
}

/** Puts an image there, whoever may. */
export async function plant(
  { uploads, manifests }: Registry,
  name: string,
  { blobs, manifest }: SampleImage,
  ...tags: readonly string[]
): Promise<void> {
  const repository = parseRepositoryName(name);
  const { by } = BY;
  for (const { digest, bytes } of blobs) await uploads.putWhole(by, repository, digest, { stream: once(bytes) });
  await manifests.put(by, repository, {
    reference: { kind: 'digest', digest: manifest.digest },
    tags: tags.map((tag) => parseTag(tag)),
    contentType: manifest.mediaType,
    bytes: manifest.bytes,
    grant: ANY_TAG,
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
