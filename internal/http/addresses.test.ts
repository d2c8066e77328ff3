import { describe, expect, it } from '@jest/globals';
import { clientAddress, parseProxies, type Proxies } from './addresses.ts';

const addressOf = (address: string | undefined, proxies: Proxies, forwarded?: string): string =>
  clientAddress({ address, port: address === undefined ? undefined : 1234 }, forwarded, proxies);

describe('clientAddress', () => {
  const proxies = parseProxies(['10.0.0.0/8', '::1']);

  it('is the peer with its port where nobody is trusted, whatever it says', () => {
    expect(addressOf('10.0.0.1', [], '1.2.3.4')).toBe('10.0.0.1:1234');
    expect(addressOf('::1', [])).toBe('[::1]:1234');
  });

  it('is nothing where the peer was gone before it could be asked', () => {
    expect(addressOf(undefined, proxies, '1.2.3.4')).toBe('');
  });

  it('is the last address that no trusted proxy wrote', () => {
    expect(addressOf('10.0.0.1', proxies, '6.6.6.6, 1.2.3.4, 10.1.1.1')).toBe('1.2.3.4');
    expect(addressOf('::ffff:10.0.0.1', proxies, '1.2.3.4')).toBe('1.2.3.4');
    expect(addressOf('11.0.0.1', proxies, '1.2.3.4')).toBe('11.0.0.1:1234');
  });

  it.each([
    ['6.6.6.6, 1.2.3.4:567', '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4, 10.0.0.2:80', '1.2.3.4'],
    ['6.6.6.6, [2001:db8::1]:567', '2001:db8::1'],
    ['6.6.6.6, [2001:db8::1]', '2001:db8::1'],
    ['6.6.6.6, 2001:db8::1', '2001:db8::1'],
    ['2001:db8::1, [::1]:80', '2001:db8::1'],
  ])('is without the port that a proxy adds: %s', (forwarded, client) => {
    expect(addressOf('10.0.0.1', proxies, forwarded)).toBe(client);
  });

  it.each([
    'unknown, <script>',
    '',
    '6.6.6.6, unknown',
    '6.6.6.6, _hidden, 10.0.0.2',
    '6.6.6.6, 1.2.3.4:x',
    '6.6.6.6, 9',
  ])('is the proxy where what it forwards is no address, whatever stands before that: %j', (forwarded) => {
    expect(addressOf('10.0.0.1', proxies, forwarded)).toBe('10.0.0.1:1234');
  });
});

describe('parseProxies', () => {
  it.each(['10.0.0.0/33', 'everyone', '', '*'])('refuses %j', (text) => {
    expect(() => parseProxies([text])).toThrow('server.trusted_proxies');
  });
});
