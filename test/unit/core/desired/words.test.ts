import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { continentOf, parseArea } from '../../../../src/core/desired/countries.ts';
import { quote } from '../../../../src/core/desired/quote.ts';
import { nearest } from '../../../../src/core/desired/suggest.ts';

describe('nearest', () => {
  test.each([
    ['wieght', 'weight'],
    ['Weight', 'weight'],
    ['steerng', 'steering'],
    ['prob-expect', 'probe-expect'],
    ['tl', 'ttl'],
  ])('%s was meant as %s', (word, meant) => {
    expect(nearest(word, ['ttl', 'tier', 'weight', 'steering', 'probe', 'probe-expect'])).toBe(meant);
  });

  test('gives nothing where nothing is near, and the alphabetically first among equals', () => {
    expect(nearest('zzzzzz', ['weight', 'tier'])).toBeUndefined();
    expect(nearest('', ['weight'])).toBeUndefined();
    expect(nearest('bar', ['baz', 'bat', 'car'])).toBe('bat');
    expect(nearest('bar', ['car', 'bat', 'baz'])).toBe('bat');
  });

  test('does not work on a very long word', () => {
    expect(nearest('x'.repeat(100), ['x'.repeat(100)])).toBeUndefined();
  });
});

describe('continents and areas', () => {
  test.each([
    ['DE', 'EU'],
    ['US', 'NA'],
    ['JP', 'AS'],
    ['NG', 'AF'],
    ['BR', 'SA'],
    ['NZ', 'OC'],
    ['AQ', 'AN'],
    ['de', ''],
    ['XX', ''],
    ['constructor', ''],
  ])('%s lies in %j', (country, continent) => {
    expect(continentOf(country)).toBe(continent);
  });

  test('knows every country that the runtime has a name for', () => {
    const displayed = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
    // Codes with a name that are no countries: groups, exceptional reservations and pseudo-accents.
    const others = new Set('AC CP CQ DG EA EU EZ IC TA UN QO XA XB ZZ'.split(' '));
    const countries = letters
      .flatMap((a) => letters.map((b) => a + b))
      .filter((code) => {
        const name = displayed.of(code);
        const canonical = new Intl.Locale(`und-${code}`).region === code;
        return name !== undefined && canonical && !others.has(code);
      });
    expect(countries.length).toBeGreaterThan(240);
    expect(countries.filter((code) => continentOf(code) === '')).toEqual([]);
  });

  test.each([
    ['continent:EU, CH', { continents: ['EU'], countries: ['CH'] }],
    ['ch,de,CH', { continents: [], countries: ['CH', 'DE'] }],
    ['Continent: na', { continents: ['NA'], countries: [] }],
  ])('reads the area %j', (text, area) => {
    expect(parseArea(text)).toEqual(area);
  });

  test.each(['', ',', 'EU,', 'continent:XX', 'continent:', 'Germany', 'XX', 'CH;DE', 'continent:toString'])(
    'refuses the area %j',
    (text) => {
      expect(parseArea(text)).toBeUndefined();
    },
  );
});

test('quoted text is printable ASCII and short, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
      expect(quote(text)).toMatch(/^"[\x20-\x7e…]{0,500}"$/);
    }),
  );
  expect(quote('a\u001b[31m\u009b')).toBe('"a\\u001b[31m\\u009b"');
});
