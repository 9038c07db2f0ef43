import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intersect, parseHostname } from '../../../../src/core/desired/gateway-api/hostnames.ts';

describe('the intersection of hostnames', () => {
  // The examples in the comments of HTTPRouteSpec.hostnames and Listener.hostname of Gateway API, and their neighbours.
  test.each([
    ['test.example.com', '', 'test.example.com'],
    ['test.example.com', 'test.example.com', 'test.example.com'],
    ['test.example.com', '*.example.com', 'test.example.com'],
    ['*.example.com', 'test.example.com', 'test.example.com'],
    ['*.example.com', 'foo.test.example.com', 'foo.test.example.com'],
    ['*.example.com', '*.example.com', '*.example.com'],
    ['*.example.com', '', '*.example.com'],
    ['*.example.com', '*.test.example.com', '*.test.example.com'],
    ['*.example.com', '*.com', '*.example.com'],
    ['*.example.com', 'example.com', undefined],
    ['*.example.com', 'test.example.net', undefined],
    ['*.example.com', 'badexample.com', undefined],
    ['test.example.com', 'other.example.com', undefined],
    ['test.example.com', '*.test.example.com', undefined],
    ['*.a.example.com', '*.b.example.com', undefined],
    ['', '', ''],
  ])('of %j and %j is %j', (a, b, common) => {
    expect(intersect(a, b)).toBe(common);
    expect(intersect(b, a)).toBe(common);
  });

  test('matches the same names as both together', () => {
    const label = fc.constantFrom('a', 'b');
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    const pattern = fc.oneof(
      name,
      name.map((one) => `*.${one}`),
      fc.constant(''),
    );
    const matches = (one: string, host: string): boolean =>
      one === '' || one === host || (one.startsWith('*.') && host.endsWith(one.slice(1)));
    fc.assert(
      fc.property(pattern, pattern, name, (a, b, host) => {
        const common = intersect(a, b);
        const isCommon = common !== undefined && matches(common, host);
        expect(isCommon).toBe(matches(a, host) && matches(b, host));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('parseHostname', () => {
  test.each([
    ['Shop.GSLB.example', 'shop.gslb.example'],
    ['shop.gslb.example.', 'shop.gslb.example'],
    ['*.apps.gslb.example', '*.apps.gslb.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('spells %j as %j', (text, name) => {
    expect(parseHostname(text)).toBe(name);
  });

  test.each([
    '',
    '.',
    '*',
    '*.',
    'a..b',
    '.a',
    'a_b.example',
    '-a.example',
    'a-.example',
    'bücher.example',
    'a b',
    'a.*.example',
    '*.*.example',
    '**.example',
    '192.0.2.1',
    'a/b',
    'shop.example:443',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}ab`,
    'shop\u0000.example',
  ])('refuses %j', (text) => {
    expect(parseHostname(text)).toBeUndefined();
  });
});
