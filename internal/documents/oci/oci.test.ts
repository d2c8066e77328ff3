import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../../../pkg/client/index.ts';
import { openServer, type TestServer } from '../../server/fixtures.suite.ts';
import { describeDocument } from '../document.suite.ts';
import { testDeps } from '../fixtures.suite.ts';
import { parsePlace, type OciPlace } from '../uri.ts';
import { openOci } from './oci.ts';
import { findService } from './services.ts';

const placeOf = (url: string): OciPlace => parsePlace(`oci+${url}/cola-data:v7`) as OciPlace;

describeDocument('oci, in our own registry', async () => {
  const server = await openServer();
  const open = () => openOci(placeOf(server.url), testDeps({ token: 'token' }));
  return { open, openOther: open, close: () => server.close() };
});

describe('a document in a repository', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await openServer();
  });
  afterEach(() => server.close());

  it('is layer 0 of the tag latest, with a title, whatever tag was given (acceptance case 35)', async () => {
    const place = await openOci(placeOf(server.url), testDeps({ token: 'a:b', clock: () => 0 }));
    await place.persist(Buffer.from('{"registries":{}}'), undefined);
    const client = createClient({ url: server.url });
    const manifest = await client.getManifest('cola-data', 'latest');
    expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toMatchObject({
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: 2 },
      layers: [
        { mediaType: 'application/json', size: 17, annotations: { 'org.opencontainers.image.title': 'registry.json' } },
      ],
      annotations: {
        'org.opencontainers.image.created': '1970-01-01T00:00:00.000Z',
        'com.cola-registry.version': '1.0.0',
      },
    });
  });

  it('needs a token', async () => {
    await expect(openOci(placeOf(server.url), testDeps())).rejects.toMatchObject({
      trouble: 'authentication',
      hint: expect.stringMatching(/--storage-token.*COLA_REGISTRY_STORAGE_TOKEN/),
    });
    await expect(openOci(placeOf(server.url), testDeps({ token: ':x' }))).rejects.toThrow('user:password, or a token');
  });

  it('is not taken for absent where nobody answers, nor where we are not let in', async () => {
    const refusing = testDeps({ token: 'alice:secret' });
    const closed = await openServer({ settings: { 'auth.mode': 'basic' } });
    try {
      const place = await openOci(placeOf(closed.url), refusing);
      const failure = await place.load().catch((error: unknown) => error);
      expect(failure).toMatchObject({ trouble: 'authentication', hint: expect.stringContaining('--storage-token') });
      expect((failure as Error).message).not.toContain('secret');
    } finally {
      await closed.close();
    }
    const place = await openOci(placeOf(closed.url), refusing);
    await expect(place.load()).rejects.toMatchObject({ trouble: 'network' });
    await expect(place.check()).rejects.toMatchObject({ trouble: 'network' });
  });
});

describe('findService', () => {
  const service = (uri: string) => findService(parsePlace(uri) as OciPlace);
  it.each([
    ['oci://docker.io/team/data', 'https://registry-1.docker.io', 'team/data', ['auth.docker.io']],
    ['oci://docker.io/data', 'https://registry-1.docker.io', 'library/data', ['auth.docker.io']],
    ['oci://ghcr.io/team/data', 'https://ghcr.io', 'team/data', []],
    ['oci://registry.gitlab.com/team/data', 'https://registry.gitlab.com', 'team/data', ['gitlab.com']],
    ['oci+http://localhost:5000/data', 'http://localhost:5000', 'data', []],
  ])('is for %s: %s, %s, %j', (uri, origin, repository, authHosts) => {
    expect(service(uri)).toMatchObject({ origin, repository, authHosts });
  });

  it('says what services take that want something of their own', () => {
    expect(service('oci://ghcr.io/team/data').hint).toContain('write:packages');
    expect(service('oci://team.azurecr.io/data').hint).toContain('Azure');
  });
});
