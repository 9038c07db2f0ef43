import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/core/desired/address.ts';
import { desire } from '../../../../src/core/desired/desire.ts';
import { createTargetGuard, isTargetNetwork } from '../../../../src/core/desired/probe-targets.ts';
import { codes, declare, endpointOf, gateway, modelOf, picture, route } from './pictures.ts';

const guard = createTargetGuard([]);

describe('the guard of probe targets', () => {
  test.each<readonly [string, string]>([
    ['127.0.0.1', 'a loopback address'],
    ['127.255.255.255', 'a loopback address'],
    ['::1', 'a loopback address'],
    ['0.0.0.0', 'an unspecified address'],
    ['0.1.2.3', 'an unspecified address'],
    ['::', 'an unspecified address'],
    ['169.254.0.1', 'a link-local address'],
    ['fe80::1', 'a link-local address'],
    ['febf:ffff::1', 'a link-local address'],
    ['224.0.0.251', 'a multicast address'],
    ['239.255.255.255', 'a multicast address'],
    ['ff02::fb', 'a multicast address'],
    ['255.255.255.255', 'the broadcast address'],
    ...[
      '169.254.169.254',
      '169.254.170.2',
      '169.254.170.23',
      '100.100.100.200',
      '168.63.129.16',
      '192.0.0.192',
      'fd00:ec2::254',
      'fd00:ec2::23',
      'fd20:ce::254',
      'fd00:42::42',
    ].map((address) => [address, "an address of a cloud's metadata service"] as const),
  ])('refuses %s: %s', (address, what) => {
    expect(guard(address)).toBe(what);
  });

  test.each([
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '100.100.100.201',
    '168.63.129.17',
    '192.0.2.1',
    '126.255.255.255',
    '128.0.0.1',
    '169.253.255.255',
    '169.255.0.0',
    '223.255.255.255',
    '2001:db8::1',
    'fd00::1',
    'fd00:ec3::1',
    'fec0::1',
    'fe7f::1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::10.0.0.1',
    '64:ff9b:1:a00:0:100::',
    '::ffff:192.0.2.1',
    '2002:c000:201::1',
  ])('lets %s be probed', (address) => {
    expect(guard(address)).toBeUndefined();
  });

  test.each([
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::ffff:a9fe:a9fe', '169.254.169.254'],
    ['::127.0.0.1', '127.0.0.1'],
    ['::ffff:0:169.254.169.254', '169.254.169.254'],
    ['64:ff9b::169.254.169.254', '169.254.169.254'],
    ['64:ff9b:1::7f00:1', '127.0.0.1'],
    // RFC 6052 §2.2: prefixes of 48, 56 and 64 bits have the octet 8 between the address's own.
    ['64:ff9b:1:a9fe:a9:fe00::', '169.254.169.254'],
    ['64:ff9b:1:a9:fe:a9fe::', '169.254.169.254'],
    ['64:ff9b:1:0:a9:fea9:fe00:0', '169.254.169.254'],
    ['2002:7f00:1::1', '127.0.0.1'],
  ])('sees in %s the address %s', (address, inner) => {
    expect(parseAddress(address)).toBeDefined();
    expect(guard(address)).toContain(`, ${inner}, in IPv6`);
  });

  test('says nothing of what is no address', () => {
    for (const text of ['', 'localhost', '127.1', '0x7f000001', 'fe80::1%eth0']) expect(guard(text)).toBeUndefined();
  });

  test('lets through what is allowed, and nothing else', () => {
    const allowing = createTargetGuard(['127.0.0.0/9', 'fe80::/10', '169.254.169.254/32']);
    for (const address of ['127.0.0.1', '127.127.0.1', '::ffff:127.0.0.1', 'fe80::1', '169.254.169.254']) {
      expect([address, allowing(address)]).toEqual([address, undefined]);
    }
    for (const address of ['127.128.0.1', '::1', '169.254.169.253', 'ff02::1', '::ffff:127.128.0.1']) {
      expect([address, allowing(address) === undefined]).toEqual([address, false]);
    }
  });

  test('refuses an IPv4 address in all its forms, or in none', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const likely = fc.constantFrom(0, 10, 100, 127, 168, 169, 192, 224);
    fc.assert(
      fc.property(
        fc.tuple(fc.oneof(likely, octet), fc.oneof(fc.constantFrom(254, 100, 63), octet), octet, octet),
        (v4) => {
          const [a, b, c, d] = v4;
          // These two forms are the unspecified address and the loopback of IPv6.
          fc.pre(a !== 0);
          const text = v4.join('.');
          const refused = guard(text) !== undefined;
          for (const form of [`::ffff:${text}`, `::${text}`, `64:ff9b::${text}`]) {
            expect([form, guard(form) !== undefined]).toEqual([form, refused]);
          }
          const hex = (high: number, low: number): string => ((high << 8) | low).toString(16);
          expect(guard(`2002:${hex(a, b)}:${hex(c, d)}::1`) !== undefined).toBe(refused);
        },
      ),
    );
  });

  test.each(['127.0.0.0/8', '0.0.0.0/0', '::/0', 'fe80::/10', '::1/128', '127.0.0.1/32'])('%s is a network', (text) => {
    expect(isTargetNetwork(text)).toBe(true);
  });

  test.each(['127.0.0.1', '127.0.0.1/8', '127.0.0.0/33', '::/129', '127.0.0.0/', '/8', 'localhost/8', '127.0.0.0/8 '])(
    '%j is none',
    (text) => {
      expect(isTargetNetwork(text)).toBe(false);
    },
  );
});

describe('a Gateway with an address that may not be probed', () => {
  const NAMES = ['shop.gslb.example', 'api.gslb.example'];
  const objects = (annotations: Readonly<Record<string, string>> = {}) => [
    gateway('edge', { addresses: ['169.254.169.254', '192.0.2.1'], annotations }),
    route('shop', NAMES),
  ];

  test('is told of once, with the object and what to do, and its endpoint is watched by a monitor all the same', () => {
    const model = modelOf(...objects());
    expect(model.findings).toMatchObject([
      {
        code: 'probe-target-forbidden',
        severity: 'error',
        origin: { object: 'Gateway web/edge' },
        message: "169.254.169.254 is an address of a cloud's metadata service: it is not probed, and never up",
        suggestion: expect.stringContaining('prober.allow'),
      },
    ]);
    expect(endpointOf(model)).toMatchObject({
      address: '169.254.169.254',
      monitor: expect.stringContaining('http://'),
    });
  });

  test('is not, where the configuration allows it or the Gateway asks for no probe', () => {
    expect(codes(modelOf(...objects({ probe: 'none' })))).toEqual([]);
    const declaration = declare();
    const probe = { ...declaration.probe, allow: ['169.254.0.0/16'] };
    expect(codes(desire({ ...declaration, probe }, [picture('eu', ...objects())]))).toEqual([]);
  });
});
