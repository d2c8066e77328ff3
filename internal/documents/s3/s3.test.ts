import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startS3Server, type S3Server } from '../../testing/s3/server.ts';
import { describeDocument } from '../document.suite.ts';
import { testDeps } from '../fixtures.suite.ts';
import { parsePlace, type S3Place } from '../uri.ts';
import { openS3 } from './s3.ts';
import { findKeys, findRegion } from './settings.ts';

const placeOf = (server: S3Server, rest = ''): S3Place =>
  parsePlace(`s3+http://${new URL(server.endpoint).host}/${server.bucket}/cola/registry.json${rest}`) as S3Place;
const tokenOf = ({ accessKeyId, secretAccessKey }: S3Server): string => `${accessKeyId}:${secretAccessKey}`;

describeDocument('s3', async () => {
  const server = await startS3Server();
  const open = () => openS3(placeOf(server), testDeps({ token: tokenOf(server) }));
  return { open, openOther: open, close: () => server.close() };
});

describe('a document in a bucket', () => {
  let server: S3Server;
  beforeEach(async () => {
    server = await startS3Server();
  });
  afterEach(() => server.close());

  it('is an object of JSON under its key', async () => {
    const place = await openS3(placeOf(server), testDeps({ token: tokenOf(server) }));
    await place.persist(Buffer.from('{}'), undefined);
    await place.close();
    expect([...server.store.objects.keys()]).toEqual(['cola/registry.json']);
  });

  it('takes the variables of AWS, and the region of the URI (acceptance case 36)', async () => {
    const env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey };
    await (await openS3(placeOf(server), testDeps({ env }))).close();
    await expect(openS3(placeOf(server, '?region=eu-west-1'), testDeps({ env }))).rejects.toThrow(/error: cannot look/);
  });

  it.each<[string, string, RegExp]>([
    ['a wrong secret', 'test-key:wrong', /^authentication error: /],
    ['an unknown key', 'nobody:test-secret', /^authentication error: /],
    ['no secret', 'test-key', /KEY:SECRET/],
  ])('is not opened with %s, which no word repeats (acceptance case 36)', async (_, token, message) => {
    const failure = await openS3(placeOf(server), testDeps({ token })).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/DocumentError/);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain('wrong');
  });

  it('is not opened in a bucket that is not there', async () => {
    const place = { ...placeOf(server), bucket: 'other-bucket' };
    await expect(openS3(place, testDeps({ token: tokenOf(server) }))).rejects.toMatchObject({
      trouble: 'storage',
      hint: 'Create the bucket other-bucket.',
    });
  });

  it('is not opened where nobody listens', async () => {
    const place = placeOf(server);
    await server.close();
    await expect(openS3(place, testDeps({ token: 'a:b' }))).rejects.toMatchObject({ trouble: 'network' });
    server = await startS3Server();
  });
});

describe('the settings of a document in a bucket', () => {
  it.each([
    ['?region=eu-west-1', {}, 'eu-west-1'],
    ['?region=eu-west-1', { AWS_REGION: 'eu-west-2' }, 'eu-west-1'],
    ['', { AWS_REGION: 'eu-west-2' }, 'eu-west-2'],
    ['', {}, 'eu-west-3'],
  ])('say with %j and %j the region %s', (query, env, region) => {
    const place = parsePlace(`s3://s3.eu-west-3.amazonaws.com/b/k${query}`) as S3Place;
    expect(findRegion(place, env)).toBe(region);
  });

  it('have the region where S3 began, if nobody says another', () => {
    expect(findRegion(parsePlace('s3://host/b/k') as S3Place, {})).toBe('us-east-1');
  });

  it('split a token at its first colon, and leave AWS to find its own where there is none', () => {
    expect(findKeys('K:S:T', {})).toEqual({ accessKeyId: 'K', secretAccessKey: 'S:T' });
    expect(findKeys(undefined, { AWS_ACCESS_KEY_ID: 'K', AWS_SECRET_ACCESS_KEY: 'S', AWS_SESSION_TOKEN: 'T' })).toEqual(
      {
        accessKeyId: 'K',
        secretAccessKey: 'S',
        sessionToken: 'T',
      },
    );
    expect(findKeys(undefined, {})).toBeUndefined();
    expect(() => findKeys(undefined, { AWS_ACCESS_KEY_ID: 'K' })).toThrow('go together');
  });
});
