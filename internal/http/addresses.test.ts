import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { clientAddress, parseProxies } from './addresses.ts';

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress, remotePort: 1234 },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('clientAddress', () => {
  it('is the peer with its port where nobody is trusted, whatever it says', () => {
    expect(clientAddress(request('10.0.0.1', '1.2.3.4'), [])).toBe('10.0.0.1:1234');
    expect(clientAddress(request('::1'), [])).toBe('[::1]:1234');
  });

  it('is the last address that no trusted proxy wrote', () => {
    const proxies = parseProxies(['10.0.0.0/8', '::1']);
    expect(clientAddress(request('10.0.0.1', '6.6.6.6, 1.2.3.4, 10.1.1.1'), proxies)).toBe('1.2.3.4');
    expect(clientAddress(request('::ffff:10.0.0.1', '1.2.3.4'), proxies)).toBe('1.2.3.4');
    expect(clientAddress(request('11.0.0.1', '1.2.3.4'), proxies)).toBe('11.0.0.1:1234');
  });

  it('is the proxy where it forwards nothing that is an address', () => {
    const proxies = parseProxies(['10.0.0.0/8']);
    expect(clientAddress(request('10.0.0.1', 'unknown, <script>'), proxies)).toBe('10.0.0.1:1234');
  });
});

describe('parseProxies', () => {
  it.each(['10.0.0.0/33', 'everyone', '', '*'])('refuses %j', (text) => {
    expect(() => parseProxies([text])).toThrow('server.trusted_proxies');
  });
});
