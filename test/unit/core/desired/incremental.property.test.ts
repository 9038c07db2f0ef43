import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDesire, desire } from '../../../../src/core/desired/desire.ts';
import { type GatewayApiObject, readObject } from '../../../../src/core/desired/gateway-api/objects.ts';
import type { Hostname, Model } from '../../../../src/core/desired/model.ts';
import type { Picture } from '../../../../src/core/desired/picture.ts';
import type { Resolution, Resolutions } from '../../../../src/core/desired/resolution.ts';
import { sensible } from './arbitrary-objects.ts';
import { declare, gateway, HTTP, hostnameOf, listener, namespace, picture, route } from './pictures.ts';

const CLUSTERS = ['eu', 'jp', 'us'];

/** What a load balancer's name leads to, the very same where it is the same. */
const RESOLVED: readonly Resolutions[] = [
  new Map(),
  named({ state: 'resolved', addresses: ['192.0.2.1', '192.0.2.7'], problem: undefined, since: undefined }),
  named({ state: 'stale', addresses: ['192.0.2.7'], problem: 'SERVFAIL', since: 1000 }),
  named({ state: 'failed', addresses: [], problem: 'SERVFAIL', since: undefined }),
];

function named(resolution: Resolution): Resolutions {
  return new Map([['lb.cloud.example', resolution]]);
}

/** Objects to choose from, each read once: what is chosen again is the very same. */
const pool = fc.array(sensible, { minLength: 4, maxLength: 14 });
const world = fc.tuple(...CLUSTERS.map(() => pool));
const steps = fc.array(
  fc.record({
    cluster: fc.nat(CLUSTERS.length - 1),
    chosen: fc.array(fc.nat(13)),
    resolved: fc.constantFrom(...RESOLVED),
  }),
  { minLength: 2, maxLength: 12 },
);

function read(cluster: string, values: readonly unknown[]): readonly GatewayApiObject[] {
  return values.flatMap((value, index) => {
    const one = readObject(value, { file: `${cluster}.yaml`, line: index + 1 });
    return one.kind === 'object' ? [one.object] : [];
  });
}

/** Hostnames that are asked for by the very same objects and come out the same. */
function unchanged(before: Model, after: Model): readonly (readonly [Hostname, Hostname])[] {
  return after.hostnames.flatMap((now) => {
    const then = before.hostnames.find((one) => one.name === now.name);
    const isSame =
      then !== undefined &&
      then.askers.length === now.askers.length &&
      then.askers.every((asker, index) => asker === now.askers[index]) &&
      JSON.stringify(then) === JSON.stringify(now);
    return isSame ? [[then, now] as const] : [];
  });
}

describe('a model that follows its pictures', () => {
  test('is the same as one made from nothing, and what did not change in it is the very same', () => {
    let kept = 0;
    fc.assert(
      fc.property(world, steps, fc.boolean(), (values, changes, isFenced) => {
        const declaration = declare(
          isFenced ? { records: [['shop.gslb.example', { type: 'CNAME', target: 'a' }]] } : {},
        );
        const pools = CLUSTERS.map((cluster, index) => read(cluster, values[index] ?? []));
        const follow = createDesire(declaration);
        let pictures: readonly Picture[] = CLUSTERS.map((cluster) => ({ cluster, objects: [], findings: [] }));
        let last = RESOLVED[0];
        let before = follow(pictures);
        for (const { cluster, chosen, resolved } of changes) {
          const own = pools[cluster] ?? [];
          const objects = [...new Set(chosen)].flatMap((index) => own[index] ?? []);
          pictures = pictures.map((one, index) => (index === cluster ? { ...one, objects } : one));
          const after = follow(pictures, resolved);
          expect(after).toEqual(desire(declaration, pictures, resolved));
          last = resolved;
          const pairs = unchanged(before, after);
          kept += pairs.length;
          for (const [then, now] of pairs) expect(now).toBe(then);
          before = after;
        }
        expect(follow(pictures, last)).toBe(before);
      }),
      { numRuns: 400 },
    );
    expect(kept).toBeGreaterThan(400);
  });

  test('is the same with one Route more, less or changed at a time', () => {
    const spread = fc.array(fc.record({ at: fc.nat(40), weight: fc.option(fc.nat(300)) }), { maxLength: 30 });
    fc.assert(
      fc.property(spread, (changes) => {
        const declaration = declare();
        const fixed = read('eu', [
          gateway('edge', { listeners: [HTTP, listener('apps', 81, 'HTTP', { hostname: '*.apps.gslb.example' })] }),
          gateway('spare', {
            addresses: [],
            listeners: [HTTP, listener('own', 82, 'HTTP', { hostname: 'own.gslb.example' })],
          }),
          namespace('web', {}),
        ]);
        const follow = createDesire(declaration);
        const routes = new Map<number, GatewayApiObject>();
        const other = picture('us', gateway('edge'), route('r', ['h1.gslb.example', 'h2.apps.gslb.example']));
        for (const [step, { at, weight }] of changes.entries()) {
          const annotations = weight === null || weight % 3 === 0 ? {} : { weight: String(weight), drian: 'true' };
          const hosts = [`h${at % 7}.gslb.example`, `h${at % 5}.apps.gslb.example`, 'h.example.com'];
          const parents = [{ name: 'edge' }, { name: at % 4 === 0 ? 'spare' : 'gone' }];
          const [made] = read('eu', [route(`r${at}`, at % 3 === 0 ? undefined : hosts, { annotations, parents })]);
          if (weight === null || made === undefined) routes.delete(at);
          else routes.set(at, Object.freeze({ ...made, origin: { file: 'eu.yaml', line: 100 + step } }));
          const pictures = [{ cluster: 'eu', objects: [...fixed, ...routes.values()], findings: [] }, other];
          expect(follow(pictures)).toEqual(desire(declaration, pictures));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what hostnames share', () => {
  const routes = (count: number) =>
    Array.from({ length: count }, (_, index) => route(`r${index}`, [`h${index}.gslb.example`]));

  test('one policy and one list of endpoints, where the probe does not know the hostname', () => {
    const edge = gateway('edge', { annotations: { probe: 'tcp://:443', weight: '7' } });
    const model = desire(declare(), [picture('eu', edge, ...routes(3)), picture('us', edge, ...routes(2))]);
    const [first, second, third] = model.hostnames;
    expect(second?.endpoints).toBe(first?.endpoints);
    expect(second?.policy).toBe(first?.policy);
    expect(third?.endpoints).toHaveLength(1);
    expect(third?.endpoints[0]).toBe(first?.endpoints[0]);
    expect(model.monitors).toHaveLength(1);
  });

  test('no endpoints, where each hostname is probed by its name', () => {
    const model = desire(declare(), [picture('eu', gateway('edge'), ...routes(2))]);
    const [first, second] = model.hostnames;
    expect(second?.policy).toBe(first?.policy);
    expect(first?.endpoints[0]?.monitor).toContain('host=h0.gslb.example');
    expect(second?.endpoints[0]?.monitor).toContain('host=h1.gslb.example');
  });
});

describe('a change', () => {
  const follow = createDesire(declare());
  const edge = gateway('edge', { annotations: { probe: 'tcp://:443' } });
  const eu = picture('eu', edge, route('a', ['a.gslb.example']), route('b', ['b.gslb.example']));
  const us = picture('us', edge, route('a', ['a.gslb.example']));
  const first = follow([eu, us]);

  test('of one Route leaves the other hostnames and the monitors as they are', () => {
    const [changed] = picture(
      'us',
      edge,
      route('a', ['a.gslb.example'], { annotations: { weight: '5' } }),
    ).objects.slice(1);
    const objects = us.objects.map((one) => (one.name === 'a' ? (changed ?? one) : one));
    const second = follow([eu, { ...us, objects }]);
    expect(hostnameOf(second, 'a.gslb.example').endpoints.map((one) => one.weight)).toEqual([100, 5]);
    expect(hostnameOf(second, 'b.gslb.example')).toBe(hostnameOf(first, 'b.gslb.example'));
    expect(second.monitors).toBe(first.monitors);
    expect(follow([eu, us]).hostnames).toEqual(first.hostnames);
  });

  test('that means nothing, such as a Gateway on another line, keeps all hostnames', () => {
    const before = follow([eu, us]);
    const objects = eu.objects.map((one) => {
      return one.kind === 'Gateway' ? Object.freeze({ ...one, origin: { file: 'eu.yaml', line: 99 } }) : one;
    });
    expect(follow([{ ...eu, objects }, us])).toBe(before);
  });

  test('of the findings of a source alone keeps the hostnames', () => {
    const before = follow([eu, us]);
    const noticed = {
      code: 'manifest-syntax',
      severity: 'error',
      message: 'no YAML',
      origin: { file: 'a.yaml' },
    } as const;
    const after = follow([{ ...eu, findings: [noticed] }, us]);
    expect(after.findings).toEqual([noticed]);
    expect(after.hostnames).toBe(before.hostnames);
  });
});
