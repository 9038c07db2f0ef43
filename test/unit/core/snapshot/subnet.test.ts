import { describe, expect, it } from 'vitest';
import {
  hashOfSubnet4,
  hashOfSubnet6,
  MAX_SUBNET_BITS_IPV4,
  MAX_SUBNET_BITS_IPV6,
  subnetOfAddress,
} from '../../../../src/core/snapshot/subnet.ts';

function hash(text: string, prefix?: number): number {
  return subnetOfAddress(text, prefix)!.hash;
}

describe('subnets', () => {
  it('of IPv4 are the first 24 bits', () => {
    expect(hash('192.0.2.1')).toBe(hash('192.0.2.255'));
    expect(hash('192.0.2.1', 32)).toBe(hash('192.0.2.0', 24));
    expect(hash('192.0.2.1')).not.toBe(hash('192.0.3.1'));
    expect(subnetOfAddress('192.0.2.1')?.prefix).toBe(MAX_SUBNET_BITS_IPV4);
  });

  it('of IPv6 are the first 56 bits', () => {
    expect(hash('2001:db8:0:1200::1')).toBe(hash('2001:db8:0:12ff:ffff::'));
    expect(hash('2001:db8:0:1200::', 128)).toBe(hash('2001:db8:0:1200::', 56));
    expect(hash('2001:db8:0:1200::')).not.toBe(hash('2001:db8:0:1300::'));
    expect(hash('2001:db8:0:1200::')).not.toBe(hash('2001:db9:0:1200::'));
    expect(subnetOfAddress('2001:db8::')?.prefix).toBe(MAX_SUBNET_BITS_IPV6);
  });

  it('are as wide as what is known of the client where that is less', () => {
    expect(hash('192.0.255.0', 16)).toBe(hash('192.0.0.0', 16));
    expect(subnetOfAddress('192.0.0.0', 16)?.prefix).toBe(16);
    expect(hash('2001:db8:0:ffff::', 48)).toBe(hash('2001:db8::', 48));
    expect(hash('2001:db8:ffff::', 32)).toBe(hash('2001:db8::', 32));
    expect(hash('2001:dff::', 24)).toBe(hash('2001:d00::', 24));
    expect(subnetOfAddress('2001:db8::', 1)?.prefix).toBe(1);
    expect(hash('255.0.0.0', 1)).toBe(hash('128.0.0.0', 1));
  });

  it('of IPv4 mapped into IPv6 are those of IPv4', () => {
    expect(subnetOfAddress('::ffff:192.0.2.1')).toEqual(subnetOfAddress('192.0.2.1'));
  });

  it('of what is no address there are none', () => {
    expect(subnetOfAddress('example.org')).toBeUndefined();
    expect(subnetOfAddress('')).toBeUndefined();
  });

  it('fall as they always did: directors of different versions share a zone', () => {
    expect([hash('192.0.2.1'), hash('198.51.100.7'), hash('2001:db8:10::1')]).toEqual([
      2875286057 | 0,
      525040190,
      3324815765 | 0,
    ]);
  });

  it('are the same wherever and however the address stands', () => {
    for (let i = 0; i < 256; i++) {
      const four = hashOfSubnet4((i << 24) | 0x00ffff00, 32);
      expect(four).toBe(hashOfSubnet4(((i << 24) | 0x00ffff00) >>> 0, 24));
      const octets = Uint8Array.from({ length: 20 }, (_, at) => (at * i) & 255);
      expect(hashOfSubnet6(octets, 4, 128)).toBe(hashOfSubnet6(octets.slice(4), 0, 56));
    }
  });
});
