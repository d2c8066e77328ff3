import { describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag } from '../../pkg/oci/index.ts';
import { formatRecord, parseRecord } from './record.ts';
import type { ManifestRecord } from './types.ts';

const RECORD: ManifestRecord = {
  repository: parseRepositoryName('team/app'),
  name: parseTag('V1'),
  digest: digestOf(Buffer.from('manifest')),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  sizeBytes: 713,
  timeMs: Date.parse('2024-05-06T07:08:09.123Z'),
  sequence: 42,
};

function changed(change: Record<string, unknown>, annotations: Record<string, unknown> = {}): Uint8Array {
  const descriptor = JSON.parse(Buffer.from(formatRecord(RECORD)).toString()) as { annotations: object };
  return Buffer.from(
    JSON.stringify({ ...descriptor, annotations: { ...descriptor.annotations, ...annotations }, ...change }),
  );
}

describe('record', () => {
  it('is an OCI descriptor with the name, time and sequence as annotations', () => {
    expect(JSON.parse(Buffer.from(formatRecord(RECORD)).toString())).toEqual({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: RECORD.digest,
      size: 713,
      annotations: {
        'dev.octoserve.repository': 'team/app',
        'dev.octoserve.name': 'V1',
        'dev.octoserve.time': '2024-05-06T07:08:09.123Z',
        'dev.octoserve.sequence': '42',
      },
    });
  });

  it('is read back as it was', () => {
    const byDigest = { ...RECORD, name: RECORD.digest };
    expect(parseRecord(formatRecord(RECORD))).toEqual(RECORD);
    expect(parseRecord(formatRecord(byDigest))).toEqual(byDigest);
  });

  it('ignores what a later version may add', () => {
    expect(parseRecord(changed({ artifactType: 'x' }, { 'dev.octoserve.later': 'y' }))).toEqual(RECORD);
  });

  it.each<[string, Uint8Array]>([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['no object', Buffer.from('null')],
    ['no annotations', changed({ annotations: null })],
    ['a malformed repository', changed({}, { 'dev.octoserve.repository': '../etc' })],
    ['a malformed name', changed({}, { 'dev.octoserve.name': 'a/b' })],
    ['the digest of another manifest as its name', changed({}, { 'dev.octoserve.name': digestOf(Buffer.from('x')) })],
    ['a malformed digest', changed({ digest: 'sha256:0' })],
    ['a size that is no number', changed({ size: '713' })],
    ['a negative size', changed({ size: -1 })],
    ['no media type', changed({ mediaType: '' })],
    ['a time that is none', changed({}, { 'dev.octoserve.time': '2024-13-01T00:00:00Z' })],
    ['a time of another form', changed({}, { 'dev.octoserve.time': 'yesterday' })],
    ['no sequence', changed({}, { 'dev.octoserve.sequence': '' })],
    ['a broken sequence', changed({}, { 'dev.octoserve.sequence': '1.5' })],
  ])('is refused with %s', (_, bytes) => {
    expect(() => parseRecord(bytes)).toThrow(expect.objectContaining({ failure: 'broken' }));
  });
});
