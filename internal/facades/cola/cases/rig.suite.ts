import { createHash } from 'node:crypto';
import { afterEach, beforeEach } from '@jest/globals';
import request, { type Response, type Test } from 'supertest';
import { addUser, basic } from '../../../server/auth-fixtures.suite.ts';
import { openServer, type ServerOptions, type TestServer } from '../../../server/fixtures.suite.ts';

// A suite by its name only because nothing but tests may import it.

export const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Rig {
  readonly server: TestServer;
  /** Asks as the admin; a path is below `/api/v1`. */
  get(path: string): Test;
  post(path: string, body: object): Test;
  put(path: string, body: object): Test;
  delete(path: string): Test;
  /** Asks as nobody. */
  readonly stranger: ReturnType<typeof request>;
  /** Makes the registry `ops` and the package. */
  makePackage(name: string): Promise<void>;
  /** Publishes by URL. */
  publish(name: string, version: string, more?: object): Promise<Response>;
  index(registry?: string): Promise<readonly Entry[]>;
  /** Pushes bytes as `oras` does, by the tag. */
  push(repository: string, tag: string, more?: Pushed): Promise<Response>;
}

export interface Entry {
  readonly name: string;
  readonly version: string;
  readonly checksum: string;
  readonly url: string;
  readonly startPartition: number;
  readonly endPartition: number;
}

export interface Pushed {
  readonly bytes?: Uint8Array;
  readonly title?: string;
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Members of the manifest besides. */
  readonly more?: object;
}

export const ADMIN = basic('admin');
const EMPTY = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: `sha256:${sha256(Buffer.from('{}'))}`,
  size: 2,
};

export async function uploadBlob(url: string, repository: string, bytes: Uint8Array): Promise<string> {
  const digest = `sha256:${sha256(bytes)}`;
  await request(url)
    .post(`/v2/${repository}/blobs/uploads/?digest=${digest}`)
    .set('authorization', ADMIN)
    .set('content-type', 'application/octet-stream')
    .send(Buffer.from(bytes))
    .expect(201);
  return digest;
}

export function createRig(server: TestServer): Rig {
  const { url } = server;
  const asked = (test: Test): Test => test.set('authorization', ADMIN);
  const rig: Rig = {
    server,
    stranger: request(url),
    get: (path) => asked(request(url).get(`/api/v1${path}`)),
    post: (path, body) => asked(request(url).post(`/api/v1${path}`)).send(body),
    put: (path, body) => asked(request(url).put(`/api/v1${path}`)).send(body),
    delete: (path) => asked(request(url).delete(`/api/v1${path}`)),
    async makePackage(name) {
      await rig.post('/registry', { name: 'ops' });
      await rig.post('/registry/ops/package', { name }).expect(201);
    },
    publish: async (name, version, more = {}) =>
      rig.post(`/registry/ops/package/${name}/version`, {
        version,
        checksum: HEX,
        url: `https://dl.example.org/${name}-${version}.pkg`,
        ...more,
      }),
    async index(registry = 'ops') {
      return (await rig.get(`/registry/${registry}/index.json`).expect(200)).body as Entry[];
    },
    async push(
      repository,
      tag,
      { bytes = Buffer.from(`${repository}:${tag}`), title, mediaType, annotations, more } = {},
    ) {
      await uploadBlob(url, repository, Buffer.from('{}'));
      const digest = await uploadBlob(url, repository, bytes);
      const layer = {
        mediaType: mediaType ?? 'application/vnd.oci.image.layer.v1.tar',
        digest,
        size: bytes.length,
        ...(title !== undefined && { annotations: { 'org.opencontainers.image.title': title } }),
      };
      const manifest = {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType: 'application/vnd.unknown.artifact.v1',
        config: EMPTY,
        layers: [layer],
        ...(annotations && { annotations }),
        ...more,
      };
      return asked(request(url).put(`/v2/${repository}/manifests/${tag}`))
        .set('content-type', manifest.mediaType)
        .send(JSON.stringify(manifest));
    },
  };
  return rig;
}

/** A server that asks who comes, with the user `admin`; everybody may read what is below `cola`. */
export async function openRig({ settings, ...options }: ServerOptions = {}): Promise<Rig> {
  const server = await openServer({
    ...options,
    settings: { 'auth.mode': 'basic', 'auth.anonymous': 'cola/**', ...settings },
  });
  await addUser(server.built.catalog, 'admin', [{ role: 'admin', pattern: '**' }]);
  return createRig(server);
}

/** A rig for each test. */
export function useRig(options?: ServerOptions): { readonly rig: Rig } {
  const used: { rig: Rig } = { rig: undefined as never };
  beforeEach(async () => {
    used.rig = await openRig(options);
  });
  afterEach(() => used.rig.server.close());
  return used;
}
