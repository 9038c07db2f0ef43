import { isIP, SocketAddress } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/core/desired/address.ts';

describe('parseAddress', () => {
  test.each([
    ['192.0.2.1', 4, '192.0.2.1', [192, 0, 2, 1]],
    ['0.0.0.0', 4, '0.0.0.0', [0, 0, 0, 0]],
    ['2001:DB8:0:0:0:0:0:1', 6, '2001:db8::1', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['2001:db8:0:0:1:0:0:1', 6, '2001:db8::1:0:0:1', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]],
    ['1:2:3:4:5:6:7::', 6, '1:2:3:4:5:6:7:0', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
    ['::FFFF:192.0.2.1', 6, '::ffff:192.0.2.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1]],
  ] as const)('reads %s', (text, family, spelling, octets) => {
    expect(parseAddress(text)).toEqual({ family, text: spelling, octets: Uint8Array.from(octets) });
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1e1.1.1.1',
    ':',
    ':::',
    '1::2::3',
    '1:2',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::1/64',
    '1.2.3.4::',
    '[::1]',
    '::1.2.3',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('agrees with the system on what an address is, and spells each one way', () => {
    const almost = fc.stringMatching(/^[0-9a-f:.]{0,24}$/);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), almost), (text) => {
        const address = parseAddress(text);
        expect(address?.family ?? 0).toBe(isIP(text));
        if (address === undefined) return;
        expect(parseAddress(address.text)).toEqual(address);
        if (address.family === 6) {
          const { address: system } = new SocketAddress({ address: text, family: 'ipv6' });
          expect(parseAddress(system)?.octets).toEqual(address.octets);
        }
      }),
    );
  });
});
