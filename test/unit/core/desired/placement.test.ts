import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDesire, desire } from '../../../../src/core/desired/desire.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import { declare, gateway, HTTP, HTTPS, listener, listenerSet, modelOf, picture, route } from './pictures.ts';

/** What is said of settings without effect. */
function lint({ findings }: Model): readonly string[] {
  return findings
    .filter(({ code }) => code === 'annotation-shadowed' || code === 'annotation-unused')
    .map(({ code, origin, message }) => `${code} ${origin.object}: ${message}`);
}

const NAMES = ['shop.gslb.example'];
const say = (annotations: object) => ({ annotations: { ...annotations } });

describe('a setting of a Gateway', () => {
  const edge = gateway('edge', say({ weight: '5', ttl: '9' }));

  test('that every Route overrides is shadowed, and the others are not', () => {
    const routes = [
      route('a', NAMES, say({ weight: '1' })),
      route('b', ['b.gslb.example'], say({ weight: '2', tier: '1' })),
    ];
    expect(lint(modelOf(edge, ...routes))).toEqual([
      'annotation-shadowed Gateway web/edge: weight: all that is attached has a setting of its own',
    ]);
  });

  test('that one Route leaves as it is has an effect', () => {
    expect(lint(modelOf(edge, route('a', NAMES, say({ weight: '1' })), route('b', NAMES)))).toEqual([]);
  });

  test('that holds for a listener which serves its own hostname has an effect', () => {
    const own = listener('own', 81, 'HTTP', { hostname: 'own.gslb.example' });
    const both = gateway('edge', { ...say({ weight: '5' }), listeners: [HTTP, own] });
    expect(
      lint(
        modelOf(both, route('a', NAMES, { ...say({ weight: '1' }), parents: [{ name: 'edge', sectionName: 'http' }] })),
      ),
    ).toEqual([]);
  });

  test('that serves no hostname is unused', () => {
    expect(lint(modelOf(edge))).toEqual([
      'annotation-unused Gateway web/edge: no annotation of the Gateway has an effect: it serves no hostname',
    ]);
    expect(lint(modelOf(gateway('edge')))).toEqual([]);
  });

  test('that reaches hostnames through a ListenerSet alone is used, unless the ListenerSet overrides it', () => {
    const spec = { allowedListeners: { namespaces: { from: 'Same' } } };
    const open = gateway('edge', { ...say({ ttl: '9' }), spec });
    const parents = [{ name: 'more', kind: 'ListenerSet' }];
    const model = (annotations: object) =>
      modelOf(open, listenerSet('more', [HTTPS], say(annotations)), route('a', NAMES, { parents }));
    expect(lint(model({ weight: '1' }))).toEqual([]);
    expect(lint(model({ ttl: '1' }))).toEqual([
      'annotation-shadowed Gateway web/edge: ttl: all that is attached has a setting of its own',
    ]);
  });
});

describe('a setting of a Route', () => {
  test('whose parents are none of Gateway API is unused', () => {
    const parents = [{ group: '', kind: 'Service', name: 'mesh' }];
    expect(lint(modelOf(gateway('edge'), route('a', NAMES, { ...say({ weight: '1' }), parents })))).toEqual([
      'annotation-unused HTTPRoute web/a: no annotation of the Route has an effect: no parentRef names a Gateway or ListenerSet',
    ]);
    expect(lint(modelOf(gateway('edge'), route('a', NAMES, { parents })))).toEqual([]);
  });
});

describe('placement under change', () => {
  const step = fc.array(
    fc.record({
      at: fc.nat(5),
      annotations: fc.constantFrom({}, { weight: '1' }, { ttl: '1' }, { weight: '2', ttl: '2' }),
      parent: fc.constantFrom('edge', 'gone'),
    }),
    { maxLength: 5 },
  );

  test('says the same as of a world made from nothing', () => {
    const seen = new Set<string>();
    const fixed = picture('eu', gateway('edge', say({ weight: '5', ttl: '9' }))).objects;
    const declaration = declare({ clusters: ['eu'] });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 8 }), (steps) => {
        const follow = createDesire(declaration);
        for (const [index, wanted] of steps.entries()) {
          const routes = wanted.map(({ at, annotations, parent }) => {
            return route(`r${at}`, [`h${at}.gslb.example`], { ...say(annotations), parents: [{ name: parent }] });
          });
          // Lines tell the steps apart, so that each Route is another one.
          const own = picture('eu', ...Array.from({ length: index }), ...routes).objects;
          const now = [{ cluster: 'eu', objects: [...fixed, ...own], findings: [] }];
          const model = follow(now);
          expect(model).toEqual(desire(declaration, now));
          for (const one of lint(model)) seen.add(one);
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBe(4);
  });
});
