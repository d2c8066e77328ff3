import { describe, expect, it } from '@jest/globals';
import { parseEndpoint } from './endpoint.ts';

describe('parseEndpoint', () => {
  it.each([
    ['http://localhost:5000', { isTls: false, hostname: 'localhost', port: 5000, host: 'localhost:5000' }],
    ['http://localhost', { isTls: false, hostname: 'localhost', port: 80, host: 'localhost' }],
    [
      'https://registry.example.com/',
      { isTls: true, hostname: 'registry.example.com', port: 443, host: 'registry.example.com' },
    ],
    ['http://[::1]:5000', { isTls: false, hostname: '::1', port: 5000, host: '[::1]:5000' }],
  ])('reads %s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  it.each(['localhost:5000', 'ftp://localhost', 'http://localhost/v2', '', 'http://localhost/?a'])(
    'refuses %j',
    (text) => {
      expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ name: 'UsageError' }));
    },
  );
});
