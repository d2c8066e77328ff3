import { describe, expect, it } from '@jest/globals';
import { nearest } from './nearest.ts';

const KEYS = ['server.port', 'server.address', 'log.level', 'log.format', 'storage.path'];

describe('nearest', () => {
  it.each([
    ['server.prot', 'server.port'],
    ['server.adress', 'server.address'],
    ['log.Level', 'log.level'],
    ['logging.level', 'log.level'],
    ['storge.path', 'storage.path'],
    ['storagepath', 'storage.path'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearest(typed, KEYS)).toBe(meant);
  });

  it('knows nothing near where nothing is known', () => {
    expect(nearest('x', [])).toBeUndefined();
  });

  it('looks at no more than the beginning of an endless name', () => {
    expect(nearest(`server.port${'x'.repeat(10_000_000)}`, KEYS)).toBeDefined();
  });
});
