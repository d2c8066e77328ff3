import { describe, expect, it } from '@jest/globals';
import { createPermit, parseNetworks } from './addresses.ts';

const permitting = (...networks: string[]) => createPermit(parseNetworks(networks));

describe('addresses that calls to others may go to', () => {
  const permit = permitting();

  it.each(['1.1.1.1', '140.82.121.3', '2606:4700::1111', '::ffff:1.1.1.1'])('are public: %s', (address) => {
    expect(permit(address, false)).toBe(true);
  });

  it.each([
    ...['0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '127.0.0.1', '127.8.8.8'],
    ...['169.254.169.254', '100.64.0.1', '192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::ffff:a00:1', 'fe80::1', 'fd00:ec2::254'],
    ...['fc00::1', 'ff02::1', '64:ff9b::a00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001:db8::1', '2001::1', '::7f00:1'],
  ])('are not private, local or reserved: %s', (address) => {
    expect(permit(address, false)).toBe(false);
  });

  it.each(['', 'localhost', '1', '0x7f000001', '2130706433', '127.1', '010.0.0.1', '1.1.1.1 '])(
    'are written as addresses: %j',
    (text) => {
      expect(permitting('0.0.0.0/0', '::/0')(text, false)).toBe(false);
    },
  );

  it('are reached without TLS only where they are named', () => {
    expect([permit('1.1.1.1', true), permitting('1.1.1.1')('1.1.1.1', true)]).toEqual([false, true]);
  });

  it('are what the operator names, and nothing beside it', () => {
    const named = permitting('10.1.0.0/16', 'fd00::/8', '127.0.0.1');
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '127.0.0.1']) {
      expect([address, named(address, false), named(address, true)]).toEqual([address, true, true]);
    }
    for (const address of ['10.2.0.1', 'fc00::1', '127.0.0.2', '169.254.169.254', '::1']) {
      expect([address, named(address, false), named(address, true)]).toEqual([address, false, false]);
    }
  });
});

describe('networks', () => {
  it.each(['', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '::/129', 'fe80::1%eth0', 'localhost', '10'])(
    'are addresses with a width: %j',
    (text) => {
      expect(() => parseNetworks(['1.1.1.1', text])).toThrow(`${text} is no address or network`);
    },
  );
});
