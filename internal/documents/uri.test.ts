import { describe, expect, it } from '@jest/globals';
import { PlaceInvalid } from './types.ts';
import { parsePlace, showPlace } from './uri.ts';

const s3 = (more: object) => ({ kind: 's3', endpoint: undefined, bucket: 'b', key: 'k.json', region: {}, ...more });

describe('parsePlace', () => {
  it.each<[string, object]>([
    ['data/r.json', { kind: 'file', path: 'data/r.json' }],
    [' ./data/r.json ', { kind: 'file', path: './data/r.json' }],
    ['file://data/r.json', { kind: 'file', path: 'data/r.json' }],
    ['file://./data/r.json', { kind: 'file', path: './data/r.json' }],
    ['file://../d/r.json', { kind: 'file', path: '../d/r.json' }],
    ['file:///var/r.json', { kind: 'file', path: '/var/r.json' }],
    ['file://C:/d/r.json', { kind: 'file', path: 'C:/d/r.json' }],
    ['file:///C:/d/r.json', { kind: 'file', path: 'C:/d/r.json' }],
    ['file://a%20b?c#d.json', { kind: 'file', path: 'a%20b?c#d.json' }],
    ['oci://ghcr.io/team/data', { kind: 'oci', origin: 'https://ghcr.io', host: 'ghcr.io', repository: 'team/data' }],
    [
      'oci+http://127.0.0.1:5000/data:v1',
      { kind: 'oci', origin: 'http://127.0.0.1:5000', host: '127.0.0.1:5000', repository: 'data' },
    ],
    ['s3://minio.example.org:9000/b/k.json', s3({ endpoint: 'https://minio.example.org:9000' })],
    ['s3+http://localhost:9000/b/a/k.json', s3({ endpoint: 'http://localhost:9000', key: 'a/k.json' })],
    ['s3://host/b/k.json?region=eu-west-1', s3({ endpoint: 'https://host', region: { asked: 'eu-west-1' } })],
    ['s3://s3.amazonaws.com/b/k.json', s3({})],
    ['s3://s3.eu-west-1.amazonaws.com/b/k.json', s3({ region: { ofHost: 'eu-west-1' } })],
    ['s3://s3-us-gov-west-1.amazonaws.com/b/k.json', s3({ region: { ofHost: 'us-gov-west-1' } })],
    ['s3://b.s3.amazonaws.com/k.json', s3({})],
    [
      's3://my.bucket.s3.eu-west-1.amazonaws.com/a/k.json',
      s3({ bucket: 'my.bucket', key: 'a/k.json', region: { ofHost: 'eu-west-1' } }),
    ],
  ])('takes %s', (uri, place) => {
    expect(parsePlace(uri)).toEqual(place);
  });

  it.each([
    ['', 'the storage URI is empty'],
    ['  ', 'the storage URI is empty'],
    ['ftp://x', 'unsupported storage scheme "ftp"; supported schemes: file, oci, s3, s3+http'],
    ['file://', 'needs a path'],
    ['file://./data/', 'names a file, not a folder'],
    ['oci://', 'needs a host'],
    ['oci:///repo', 'needs a host'],
    ['oci://ghcr.io', 'needs a repository'],
    ['oci://ghcr.io/', 'needs a repository'],
    ['oci://ghcr.io/Team', '"Team" is no name of a repository'],
    ['oci://ghcr.io/team?x=1', 'no query and no fragment'],
    ['oci://ghcr.io/team#x', 'no query and no fragment'],
    [`oci://ghcr.io/team@sha256:${'a'.repeat(64)}`, 'not a digest'],
    ['oci://user:secret@ghcr.io/team', 'holds no credentials'],
    ['oci://a b/team', 'is no host'],
    ['s3://', 'needs a service'],
    ['s3://host', 'needs a bucket'],
    ['s3://host/b', 'needs a key'],
    ['s3://host/b/', 'needs a key'],
    ['s3://host/b/folder/', 'needs a key'],
    ['s3://host/b/k#x', 'no fragment'],
    ['s3://host/b/k?x=1', 'nothing else: not "x"'],
    ['s3://host/b/k?region=a&x=1', 'nothing else: not "x"'],
    ['s3://host/b/k?region=', 'needs the name of a region'],
    ['s3://KEY:SECRET@host/b/k', 'holds no credentials'],
  ])('refuses %j', (uri, message) => {
    expect(() => parsePlace(uri)).toThrow(PlaceInvalid);
    expect(() => parsePlace(uri)).toThrow(message);
  });

  it('repeats no credentials in what it refuses', () => {
    expect(() => parsePlace('oci://user:secret@ghcr.io/team')).not.toThrow('secret');
  });
});

describe('showPlace', () => {
  it.each([
    ['file://./a@b/r.json?x=1', 'file://./a@b/r.json?x=1'],
    ['./a@b/r.json', './a@b/r.json'],
    ['oci://user:secret@ghcr.io/team', 'oci://***@ghcr.io/team'],
    ['s3://host/b/k?region=eu-west-1', 's3://host/b/k?region=eu-west-1'],
    ['s3://host/b/k?secret=abc&region=eu-west-1', 's3://host/b/k?secret=***&region=eu-west-1'],
  ])('shows %s as %s', (uri, shown) => {
    expect(showPlace(uri)).toBe(shown);
  });
});
