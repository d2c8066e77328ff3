import { describe, expect, it } from '@jest/globals';
import { backupNameAt, findBackupName } from './backup-name.ts';
import { formatBackupPlace, parseBackupPlace } from './backup-place.ts';

describe('the place of backups', () => {
  it.each([
    ['/srv/backup', { kind: 'folder', path: '/srv/backup' }],
    ['backup', { kind: 'folder', path: '/home/backup' }],
    ['../ödd näme?#%', { kind: 'folder', path: '/ödd näme?#%' }],
    ['s3:/not/a/url', { kind: 'folder', path: '/home/s3:/not/a/url' }],
    ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: undefined }],
    ['s3://bucket/', { kind: 's3', bucket: 'bucket', prefix: undefined }],
    ['S3://bucket/a/b', { kind: 's3', bucket: 'bucket', prefix: 'a/b' }],
  ])('reads %s', (text, place) => {
    expect(parseBackupPlace(text, '/home')).toEqual(place);
  });

  it.each(['', 's3://', 's3://key:secret@bucket/a', 's3://bucket/a b', 's3://bucket//a', 'https://bucket', 'a\0b'])(
    'refuses %j in a few words',
    (text) => {
      expect(parseBackupPlace(text, '/home')).toEqual(expect.stringMatching(/^must /));
    },
  );

  it.each(['/srv/backup', 's3://bucket/a/b', 's3://bucket'])('is written as it is read: %s', (text) => {
    const place = parseBackupPlace(text, '/');
    expect(typeof place === 'string' || formatBackupPlace(place)).toBe(text);
  });
});

describe('the name of a backup', () => {
  it('is its time, to the second', () => {
    expect(backupNameAt(Date.UTC(2026, 10, 21, 18, 0, 48, 999))).toBe('2026-11-21T18-00-48Z');
  });

  it.each(['2026-11-21T18-00-48', '../2026-11-21T18-00-48Z', '2026-11-21T18:00:48Z', ''])('is not %j', (text) => {
    expect(findBackupName(text)).toBeUndefined();
  });
});
