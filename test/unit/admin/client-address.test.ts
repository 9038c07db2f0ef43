import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../src/admin/client-address.ts';
import { plainAddress } from '../../../src/core/desired/address.ts';

describe('the address of a client', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['', ''],
  ])('%s is %s', (remote, plain) => expect(plainAddress(remote)).toBe(plain));

  it('shares what is allowed with its /64, if it is one of IPv6, and with nobody if it is IPv4', () => {
    expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8::ffff:0:0:1'));
    expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'));
    expect(networkOf('::ffff:192.0.2.1')).toBe(networkOf('192.0.2.1'));
    expect(networkOf('192.0.2.1')).not.toBe(networkOf('192.0.2.2'));
    expect(networkOf('::')).not.toBe(networkOf(''));
  });
});
