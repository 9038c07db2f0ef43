import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globFits } from '../../../../src/core/orders/glob.ts';
import { matcherOf, type Scope } from '../../../../src/core/orders/scope.ts';
import { endpoint, hostname } from '../snapshot/build.ts';

/** The same by the engine of regular expressions. */
function fitsByExpression(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '[^]*')}$`).test(text);
}

describe('a pattern', () => {
  it('stands for any characters where it has a star', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
        expect(globFits(pattern, text)).toBe(fitsByExpression(pattern, text));
      }),
      { numRuns: 5000 },
    );
  });

  it('costs no more than both lengths', () => {
    expect(globFits(`${'a*'.repeat(100)}b`, 'a'.repeat(100_000))).toBe(false);
  });
});

describe('a scope', () => {
  const eu = endpoint('eu-west', '192.0.2.1', { gateway: 'web/public' });
  const us = endpoint('us-east', '192.0.2.2', { gateway: 'web/private' });
  const shop = hostname('shop.example', {}, [eu, us]);
  const meant = (scope: Scope): string[] => {
    const { fits } = matcherOf(scope, (name) => (name.startsWith('shop') ? 'checkout' : undefined));
    return [eu, us].filter((one) => fits(shop, one)).map(({ cluster }) => cluster);
  };

  it.each<[Scope, string[]]>([
    [{ clusters: ['eu-*'] }, ['eu-west']],
    [{ clusters: ['EU-West'] }, ['eu-west']],
    [{ hostnames: ['Shop.EXAMPLE.'], gateways: ['WEB/private'], teams: ['CHECK*'] }, ['us-east']],
    [{ clusters: ['*'], except: { clusters: ['US-*'], hostnames: ['*.Example.'] } }, ['eu-west']],
    [{ clusters: ['*'], except: { clusters: ['eu-west'] } }, ['us-east']],
    [{ gateways: ['web/*'] }, ['eu-west', 'us-east']],
    [{ hostnames: ['*.example'], gateways: ['*/private'] }, ['us-east']],
    [{ hostnames: ['other.example'] }, []],
    [{ teams: ['check*'] }, ['eu-west', 'us-east']],
    [{ teams: ['payments'] }, []],
    [{ clusters: ['*'], except: { clusters: ['eu-west'], hostnames: ['other.example'] } }, ['eu-west', 'us-east']],
    [{ clusters: [] }, []],
  ])('%j means %j', (scope, clusters) => {
    expect(meant(scope)).toEqual(clusters);
  });

  it('of a team means nobody where a hostname has none', () => {
    const { fits } = matcherOf({ teams: ['*'] }, () => undefined);
    expect(fits(shop, eu)).toBe(false);
  });
});
