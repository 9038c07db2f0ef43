import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDesire, desire } from '../../../../src/core/desired/desire.ts';
import { globFits, globsMeet, parseGlob } from '../../../../src/core/desired/teams/namespace-glob.ts';
import { ownershipOf } from '../../../../src/core/desired/teams/ownership.ts';
import type { TeamSpec } from '../../../../src/core/desired/teams/team.ts';
import { codes, declare, gateway, hostnameOf, listener, names, picture, route } from './pictures.ts';

function team(name: string, parts: Partial<TeamSpec>): TeamSpec {
  return { name, namespaces: [name], clusters: [], hostnames: [], ...parts };
}

const SHOP = team('shop', { namespaces: ['shop', 'shop-*'], hostnames: ['shop.gslb.example', '*.shop.gslb.example'] });
const PAY = team('pay', { namespaces: ['pay'], hostnames: ['pay.shop.gslb.example'], clusters: ['eu'] });

const OPEN = gateway('edge', {
  namespace: 'infra',
  listeners: [listener('http', 80, 'HTTP', { allowedRoutes: { namespaces: { from: 'All' } } })],
});
const parents = [{ name: 'edge', namespace: 'infra' }];

function asks(namespace: string, hostname: string, name = 'web'): unknown {
  return route(name, [hostname], { namespace, parents });
}

function modelFor(objects: Readonly<Record<string, readonly unknown[]>>, teams: readonly TeamSpec[] = [SHOP, PAY]) {
  const pictures = Object.entries(objects).map(([cluster, own]) => picture(cluster, OPEN, ...own));
  return desire({ ...declare(), teams }, pictures);
}

describe('a hostname of a team', () => {
  test('is served for a Route in a namespace of the team, in every cluster', () => {
    const model = modelFor({
      eu: [asks('shop', 'shop.gslb.example')],
      us: [asks('shop-blue', 'cart.shop.gslb.example')],
    });
    expect(names(model)).toEqual(['cart.shop.gslb.example', 'shop.gslb.example']);
    expect(codes(model)).toEqual([]);
    expect(model.teams).toEqual([SHOP, PAY]);
  });

  test.each([
    ['of another team', 'pay', 'of team pay'],
    ['of no team', 'lab', 'which is in no team there'],
  ])('is refused to a namespace %s, and both are named', (_, namespace, whose) => {
    const model = modelFor({ eu: [asks(namespace, 'cart.shop.gslb.example')] });
    expect(names(model)).toEqual([]);
    expect(model.findings).toEqual([
      {
        code: 'hostname-foreign-team',
        severity: 'error',
        message: `cart.shop.gslb.example: belongs to team shop; HTTPRoute ${namespace}/web in eu asks for it from namespace ${namespace}, ${whose}`,
        origin: { file: 'eu.yaml', line: 2, object: `HTTPRoute ${namespace}/web` },
        suggestion: 'ask from a namespace of team shop (shop, shop-*), or change teams in the configuration',
      },
    ]);
  });

  test('stays with those of the team who ask for it, whoever else does', () => {
    const model = modelFor({
      eu: [asks('shop', 'shop.gslb.example')],
      us: [asks('lab', 'shop.gslb.example')],
    });
    expect(hostnameOf(model).endpoints.map((one) => one.cluster)).toEqual(['eu']);
    expect(codes(model)).toEqual(['hostname-foreign-team']);
  });

  test('is of the team with the most specific entry', () => {
    const model = modelFor({ eu: [asks('pay', 'pay.shop.gslb.example'), asks('shop', 'pay.shop.gslb.example')] });
    expect(hostnameOf(model, 'pay.shop.gslb.example').askers.map((asker) => asker.namespace)).toEqual(['pay']);
    expect(codes(model)).toEqual(['hostname-foreign-team']);
  });

  test('is refused to the same namespace in a cluster where that is not the team’s', () => {
    const model = modelFor({ us: [asks('pay', 'pay.shop.gslb.example')] });
    expect([names(model), codes(model)]).toEqual([[], ['hostname-foreign-team']]);
  });

  test('is not taken by a listener of a foreign Gateway that nobody is attached to', () => {
    const own = gateway('own', {
      namespace: 'infra',
      listeners: [listener('http', 80, 'HTTP', { hostname: 'shop.gslb.example' })],
    });
    expect(codes(modelFor({ eu: [own] }))).toEqual(['hostname-foreign-team']);
  });

  test('that no team has is anybody’s', () => {
    const model = modelFor({ eu: [asks('lab', 'lab.gslb.example'), asks('pay', 'open.gslb.example')] });
    expect([names(model), codes(model)]).toEqual([['lab.gslb.example', 'open.gslb.example'], []]);
  });

  test('is counted once for many: one finding for an object and all its hostnames of one team', () => {
    const many = ['a.shop.gslb.example', 'b.shop.gslb.example', 'shop.gslb.example'];
    const model = modelFor({ eu: [route('web', many, { namespace: 'lab', parents })] });
    expect(model.findings.map((one) => one.message)).toEqual([
      expect.stringMatching(/^a\.shop\.gslb\.example and 2 more: belongs to team shop/),
    ]);
  });
});

describe('objects of two teams', () => {
  test('with the same namespace and name in two clusters never meet', () => {
    const blue = team('blue', { namespaces: ['web'], clusters: ['eu'], hostnames: ['blue.gslb.example'] });
    const red = team('red', { namespaces: ['web'], clusters: ['us'], hostnames: ['red.gslb.example'] });
    const model = modelFor({ eu: [asks('web', 'blue.gslb.example')], us: [asks('web', 'red.gslb.example')] }, [
      blue,
      red,
    ]);
    expect(names(model)).toEqual(['blue.gslb.example', 'red.gslb.example']);
    expect(model.findings).toEqual([]);
  });
});

describe('ownership', () => {
  test.each([
    ['shop.gslb.example', 'shop'],
    ['*.shop.gslb.example', 'shop'],
    ['a.b.shop.gslb.example', 'shop'],
    ['pay.shop.gslb.example', 'pay'],
    ['www.pay.shop.gslb.example', 'shop'],
    ['workshop.gslb.example', undefined],
    ['gslb.example', undefined],
    ['*.gslb.example', undefined],
  ])('of %s is with %s', (hostname, owner) => {
    expect(ownershipOf([SHOP, PAY]).ownerOf(hostname)?.name).toBe(owner);
  });

  const glob = fc.stringMatching(/^[ab]{0,3}\*?[ab]{0,3}$/).filter((text) => parseGlob(text) !== undefined);

  test('globs meet exactly where some name fits both', () => {
    const words = ['', 'a', 'b'].flatMap((x) => ['', 'a', 'b'].flatMap((y) => ['', 'a', 'b'].map((z) => x + y + z)));
    const all = words.flatMap((before) => words.map((after) => before + after)).filter((word) => word !== '');
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(glob, glob, (one, other) => {
        const [a, b] = [parseGlob(one), parseGlob(other)];
        if (a === undefined || b === undefined) throw new Error('no glob');
        // Long enough for the ends of both: a star may have to stand for the other's letters.
        const witnesses = [
          ...all,
          ...all.map((word) => `${endOf(one, 0)}${word}${endOf(other, 1)}`),
          ...all.map((word) => `${endOf(other, 0)}${word}${endOf(one, 1)}`),
        ];
        const isMet = witnesses.some((word) => globFits(a, word) && globFits(b, word));
        seen.add(isMet);
        expect(globsMeet(a, b)).toBe(isMet);
        expect(globsMeet(b, a)).toBe(isMet);
      }),
      { numRuns: 500 },
    );
    expect(seen.size).toBe(2);
  });

  test.each(['', '-a', 'a-', 'A', 'a**', '*a*', 'a.b', 'a/b', 'x'.repeat(64), '__proto__'])('%j is no glob', (text) => {
    expect(parseGlob(text)).toBeUndefined();
  });
});

function endOf(glob: string, side: 0 | 1): string {
  return glob.split('*').at(side === 0 ? 0 : -1) ?? '';
}

describe('teams under change', () => {
  const steps = fc.array(
    fc.record({
      cluster: fc.constantFrom('eu', 'us'),
      asks: fc.array(
        fc.record({
          namespace: fc.constantFrom('shop', 'shop-x', 'pay', 'lab', 'web'),
          hostnames: fc.subarray(['shop.gslb.example', 'pay.shop.gslb.example', 'lab.gslb.example'], { minLength: 1 }),
          name: fc.constantFrom('a', 'b'),
        }),
        { maxLength: 5 },
      ),
    }),
    { minLength: 1, maxLength: 8 },
  );

  test('the model is the one made from nothing, and no foreign object ever asks for a hostname of a team', () => {
    let refused = 0;
    fc.assert(
      fc.property(steps, (changes) => {
        const declaration = { ...declare({ clusters: ['eu', 'us'] }), teams: [SHOP, PAY] };
        const follow = createDesire(declaration);
        const { ownerOf, teamOf } = ownershipOf(declaration.teams);
        const now = new Map([picture('eu'), picture('us')].map((one) => [one.cluster, one]));
        for (const { cluster, asks: wanted } of changes) {
          const routes = wanted.map(({ name, namespace, hostnames }) => route(name, hostnames, { namespace, parents }));
          now.set(cluster, picture(cluster, OPEN, ...routes));
          const model = follow([...now.values()]);
          expect(model).toEqual(desire(declaration, [...now.values()]));
          refused += model.findings.filter(({ code }) => code === 'hostname-foreign-team').length;
          for (const { name, askers } of model.hostnames) {
            const owner = ownerOf(name);
            if (owner === undefined) continue;
            for (const { namespace, origin } of askers) {
              expect(teamOf(origin.file.replace('.yaml', ''), namespace)).toBe(owner);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
