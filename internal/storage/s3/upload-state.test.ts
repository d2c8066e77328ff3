import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { blobKey } from '../layout.ts';
import { cutPieces, formatState, NO_PIECES, parseState, sizeOf, type Piece, type UploadState } from './upload-state.ts';

const piece = (name: string, sizeBytes: number, storedBytes = sizeBytes): Piece => ({ name, sizeBytes, storedBytes });
const TO = blobKey(digestOf(Buffer.from('x')));

describe('the state of an upload', () => {
  it.each<[string, UploadState, string | undefined]>([
    ['nothing', NO_PIECES, undefined],
    ['nothing but litter', { kind: 'pieces', pieces: [], litter: true }, '{"pieces":[],"litter":true}'],
    [
      'pieces',
      { kind: 'pieces', pieces: [piece('0-ab', 10), piece('10-cd', 5, 20)], litter: false },
      '{"pieces":[["0-ab",10],["10-cd",5,20]]}',
    ],
    ['bytes in memory', { kind: 'held', sizeBytes: 7 }, '{"held":7}'],
    [
      'parts at the final key',
      { kind: 'direct', to: TO, uploadId: 'id', tags: ['"a"', '"b"'], sizeBytes: 9 },
      JSON.stringify({ direct: TO, upload: 'id', tags: ['"a"', '"b"'], size: 9 }),
    ],
  ])('is short text, and read back: %s', (_, state, text) => {
    expect(formatState(state)).toBe(text);
    expect(parseState(text)).toEqual(state);
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"pieces":[["../../x",1]]}',
    '{"pieces":[["a/b",1]]}',
    '{"pieces":[["0-ab",-1]]}',
    '{"pieces":[["0-ab",1.5]]}',
    '{"pieces":[["0-ab"]]}',
    '{"pieces":[7]}',
    '{"held":"7"}',
    '{"direct":"uploads/x","upload":"u","tags":[],"size":1}',
    '{"direct":"blobs/../x","upload":"u","tags":[],"size":1}',
    `{"direct":"${TO}","upload":"u","tags":[1],"size":1}`,
    `{"direct":"${TO}","upload":"u","tags":[]}`,
  ])('is refused where it is none: %s', (text) => {
    expect(() => parseState(text)).toThrow(expect.objectContaining({ failure: 'broken' }));
  });

  const pieces = [piece('a', 10), piece('b', 5), piece('c', 20)];

  it.each([
    [35, [10, 5, 20]],
    [16, [10, 5, 1]],
    [15, [10, 5]],
    [3, [3]],
    [0, []],
  ])('cut to %d bytes keeps the pieces that hold them', (sizeBytes, sizes) => {
    const cut = cutPieces(pieces, sizeBytes);
    expect(cut.map((each) => each.sizeBytes)).toEqual(sizes);
    expect(cut.map((each) => each.storedBytes)).toEqual([10, 5, 20].slice(0, sizes.length));
    expect(sizeOf(cut)).toBe(sizeBytes);
  });

  it('cannot be cut to more than there is', () => {
    expect(() => cutPieces(pieces, 36)).toThrow(expect.objectContaining({ failure: 'broken' }));
  });
});
