import { describe, expect, it } from '@jest/globals';
import { parseBody, parseChange, parseNew, parseNewVersion } from './requests.ts';

const HEX = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const VERSION = { version: '1.0.0', checksum: HEX, url: 'https://dl.example.org/a.pkg' };
const bytes = (text: string): Uint8Array => Buffer.from(text);
const values = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));

describe('bodies of requests', () => {
  it.each(['', '{bad', '[]', 'null', '"x"', '{"a":1}x'])('cannot be read: %j', (text) => {
    expect(() => parseBody(bytes(text))).toThrow('Invalid JSON in request body');
  });

  it('cannot be read where they are no UTF-8', () => {
    expect(() => parseBody(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toThrow(
      'Invalid JSON in request body',
    );
  });

  it.each([
    { name: 5 },
    { name: 'a', description: true },
    { name: 'a', admins: 'x' },
    { name: 'a', admins: [1] },
    { name: 'a', custom_values: { k: 1 } },
    { name: 'a', custom_values: ['v'] },
  ])('are unreadable with a wrong type: %j', (body) => {
    expect(() => parseNew(body, 'registry')).toThrow('Invalid JSON in request body');
  });
});

describe('new registries and packages', () => {
  it('need nothing but a name, and ignore what they do not know or hold nested', () => {
    const { name, fields } = parseNew({ name: 'ops', packages: { x: 5 }, versions: 7, more: 1 }, 'registry');
    expect(name).toBe('ops');
    expect(fields).toEqual({ description: '', people: [], customValues: new Map() });
  });

  it.each(['ops', 'a--', '0_x', 'a'.repeat(64)])('may be named %s', (name) => {
    expect(parseNew({ name }, 'package').name).toBe(name);
  });

  it.each([
    [{}, 'name is required'],
    [{ name: '' }, 'name is required'],
    [{ name: 'a'.repeat(65) }, 'name must be at most 64 characters'],
    [{ name: 'Ops' }, 'name must match pattern ^[a-z0-9][a-z0-9_-]*$'],
    [{ name: 'a.b' }, 'name must match pattern ^[a-z0-9][a-z0-9_-]*$'],
    [{ name: '-x' }, 'name must match pattern ^[a-z0-9][a-z0-9_-]*$'],
    [{ name: 'a\n' }, 'name must match pattern ^[a-z0-9][a-z0-9_-]*$'],
    [{ name: 'a', description: 'd'.repeat(4097) }, 'description must be at most 4096 characters'],
    [{ name: 'a', custom_values: values(21) }, 'custom_values must contain at most 20 key-value pairs'],
    [
      { name: 'a', custom_values: { '1x': 'v' } },
      'custom_values keys must match pattern ^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$',
    ],
    [{ name: 'a', custom_values: { k: 'v'.repeat(1025) } }, 'custom_values values must be at most 1024 characters'],
    [{ name: 'a', admins: Array.from({ length: 101 }, () => 'x') }, 'admins must contain at most 100 entries'],
    [{ name: 'a', admins: ['x'.repeat(321)] }, 'admins entries must be at most 320 characters'],
    // The first in the order of the contract's table.
    [{ name: 'A', description: 'd'.repeat(4097) }, 'name must match pattern ^[a-z0-9][a-z0-9_-]*$'],
    [
      { name: 'a', description: 'd'.repeat(4097), custom_values: values(21) },
      'description must be at most 4096 characters',
    ],
  ])('are refused: %#', (body, message) => {
    expect(() => parseNew(body, 'registry')).toThrow(message);
  });

  it('count a description in code points, and take 20 values', () => {
    const { fields } = parseNew({ name: 'a', description: '😀'.repeat(4096), custom_values: values(20) }, 'registry');
    expect(fields.customValues.size).toBe(20);
  });
});

describe('changes', () => {
  it('keep what is absent, replace what is there, and clear with null', () => {
    expect(parseChange({ description: 'd' }, 'registry', 'ops')).toEqual({ description: 'd' });
    expect(parseChange({ admins: [] }, 'registry', 'ops')).toEqual({ people: [] });
    expect(
      parseChange({ name: 'ops', description: null, maintainers: null, custom_values: null }, 'package', 'ops'),
    ).toEqual({
      description: '',
      people: [],
      customValues: new Map(),
    });
  });

  it('name the same as the path before anything else', () => {
    const body = { name: 'other', description: 'd'.repeat(4097) };
    expect(() => parseChange(body, 'registry', 'ops')).toThrow('Registry name in URL must match name in body');
    expect(() => parseChange(body, 'package', 'ops')).toThrow('Package name in URL must match name in body');
  });
});

describe('new versions', () => {
  it.each([HEX, HEX.toUpperCase(), `sha256:${HEX}`])('keep the checksum %s as bare lower-case hex', (checksum) => {
    expect(parseNewVersion({ ...VERSION, checksum }, 'tool').checksum).toBe(HEX);
  });

  it('are for everybody where nothing is said, and for nobody where the start is beyond the end', () => {
    expect(parseNewVersion(VERSION, 'tool')).toMatchObject({ startPartition: 0, endPartition: 9 });
    expect(parseNewVersion({ ...VERSION, startPartition: 9, endPartition: 0 }, 'tool')).toMatchObject({
      startPartition: 9,
    });
  });

  it.each([
    [{ name: 'other' }, 'Package name in URL must match name in body'],
    [{ version: '' }, 'version is required'],
    [{ version: 'v1' }, 'version must be a valid version (e.g., 1, 1.2, 1.0.0, 2.1.3-alpha)'],
    [{ checksum: '' }, 'checksum is required'],
    [{ checksum: HEX.slice(1) }, 'checksum must be 64 hexadecimal characters (SHA256)'],
    [{ checksum: `SHA256:${HEX}` }, 'checksum must be 64 hexadecimal characters (SHA256)'],
    [{ url: `https://x/${'a'.repeat(2039)}` }, 'url must be at most 2048 characters'],
    [{ url: 'ftp://x/y' }, 'url must start with http:// or https://'],
    [{ url: 'HTTPS://x/y' }, 'url must start with http:// or https://'],
    [{ url: 'https://' }, 'url must be a valid URL'],
    [{ url: 'https://x\\@y/z' }, 'url must be a valid URL'],
    [{ url: 'https://x/a b' }, 'url must be a valid URL'],
    [{ url: 'https://u:p@x/y' }, 'url must not hold a user name or a password'],
    [{ startPartition: 256 }, 'startPartition must be <= 255'],
    [{ startPartition: -1 }, 'startPartition must be >= 0'],
    [{ endPartition: 1.5 }, 'endPartition must be an integer'],
    [{ startPartition: '0' }, 'Invalid JSON in request body'],
    [{ version: 'v1', checksum: 'x', url: 'x' }, 'version must be a valid version'],
  ])('are refused: %j', (change, message) => {
    expect(() => parseNewVersion({ ...VERSION, ...change }, 'tool')).toThrow(message);
  });

  it('have no URL where it is empty', () => {
    expect(parseNewVersion({ ...VERSION, url: '' }, 'tool').url).toBeUndefined();
  });
});
