import { SocketAddress } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientAddress, readAddress } from '../../../src/dns/client-address.ts';

function read(text: string): { family: number; hex: string } {
  const client = createClientAddress();
  readAddress(text, client);
  return { family: client.family, hex: Buffer.from(client.octets).toString('hex') };
}

describe('client addresses', () => {
  it('reads what Node gives for a peer', () => {
    const v4 = (hex: string) => ({ family: 4, hex: hex.padEnd(32, '0') });
    expect(read('192.0.2.1')).toEqual(v4('c0000201'));
    expect(read('255.255.255.255')).toEqual(v4('ffffffff'));
    expect(read('::ffff:192.0.2.1')).toEqual(v4('c0000201'));
    expect(read('::')).toEqual({ family: 6, hex: '0'.repeat(32) });
    expect(read('::1')).toEqual({ family: 6, hex: '1'.padStart(32, '0') });
    expect(read('2001:db8::')).toEqual({ family: 6, hex: '20010db8'.padEnd(32, '0') });
    expect(read('2001:DB8::a:0:1')).toEqual({
      family: 6,
      hex: '20010db80000000000000000000a00000001'.replace('0000', ''),
    });
    expect(read('fe80::1%eth0')).toEqual({ family: 6, hex: 'fe800000000000000000000000000001' });
    expect(read('1:2:3:4:5:6:7:8')).toEqual({ family: 6, hex: '00010002000300040005000600070008' });
  });

  it('reads every address that Node writes', () => {
    const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(groups, (values) => {
        const whole = values.map((value) => value.toString(16)).join(':');
        const { address } = new SocketAddress({ address: whole, family: 'ipv6' });
        const octets = values.map((value) => value.toString(16).padStart(4, '0')).join('');
        if (octets.startsWith('0'.repeat(20))) return;
        expect(read(address)).toEqual({ family: 6, hex: octets });
      }),
    );
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([4, 6]).toContain(read(text).family);
      }),
    );
  });
});
