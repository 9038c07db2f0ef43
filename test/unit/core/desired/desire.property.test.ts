import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANNOTATIONS } from '../../../../src/core/desired/annotations/table.ts';
import { desire } from '../../../../src/core/desired/desire.ts';
import { originOf } from '../../../../src/core/desired/gateway-api/metadata.ts';
import type { GatewayApiObject } from '../../../../src/core/desired/gateway-api/objects.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import type { Picture } from '../../../../src/core/desired/picture.ts';
import { sensible, word } from './arbitrary-objects.ts';
import { declare, gateway, listener, PREFIX, picture, route } from './pictures.ts';

const CLUSTERS = ['eu', 'jp', 'us'];
const RUNS = { numRuns: 300 };

/** Whole worlds: three clusters whose objects are known by their lines. */
const world = fc
  .tuple(...CLUSTERS.map(() => fc.array(sensible, { maxLength: 12 })))
  .map((lists) => CLUSTERS.map((cluster, index) => picture(cluster, ...(lists[index] ?? []))));

function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

function addressesOf(model: Model): readonly string[] {
  return model.hostnames.flatMap((one) =>
    one.endpoints.map((endpoint) => `${one.name} ${endpoint.cluster} ${endpoint.address}`),
  );
}

describe('desire', () => {
  test('makes the same model of the same objects in any order', () => {
    const shuffled = world.chain((pictures) => {
      const whole = (list: readonly GatewayApiObject[]): fc.Arbitrary<GatewayApiObject[]> =>
        fc.shuffledSubarray([...list], { minLength: list.length });
      const each = pictures.map((one) => whole(one.objects).map((objects): Picture => ({ ...one, objects })));
      return fc.tuple(...each).chain((again) =>
        fc.record({
          pictures: fc.constant(pictures),
          again: fc.shuffledSubarray(again, { minLength: again.length }),
        }),
      );
    });
    fc.assert(
      fc.property(shuffled, ({ pictures, again }) => {
        expect(desire(declare(), again)).toEqual(desire(declare(), pictures));
      }),
      RUNS,
    );
  });

  test('keeps its word on the model: ordered, frozen, each monitor used and there, each origin known', () => {
    let served = 0;
    fc.assert(
      fc.property(world, (pictures) => {
        const model = desire(declare(), pictures);
        served += addressesOf(model).length;
        expect(isFrozen(model)).toBe(true);
        expect(model.hostnames.map((one) => one.name)).toEqual(
          [...new Set(model.hostnames.map((one) => one.name))].toSorted(),
        );
        expect(addressesOf(model)).toEqual([...new Set(addressesOf(model))].toSorted());
        const used = model.hostnames.flatMap((one) => one.endpoints.map((endpoint) => endpoint.monitor));
        const ids = [...new Set(used)].filter((id) => id !== 'unchecked').toSorted();
        expect(model.monitors.map((monitor) => monitor.id)).toEqual(ids);
        for (const one of model.hostnames) {
          expect(one.name === 'gslb.example' || one.name.endsWith('.gslb.example')).toBe(true);
          expect(one.askers.length).toBeGreaterThan(0);
          for (const asker of one.askers)
            expect(originOf(asker)).toMatchObject({ file: expect.any(String), line: expect.any(Number) });
        }
      }),
      RUNS,
    );
    expect(served).toBeGreaterThan(RUNS.numRuns);
  });

  test('gives each annotation that is wrong a finding, and takes no endpoint away for it', () => {
    const keys = Object.keys(ANNOTATIONS).filter((key) => key !== 'address' && key !== 'capacity');
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('0', 'true', 'none', '1s', 'all'),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), text), (annotations) => {
        const model = desire(declare(), [
          picture('eu', gateway('edge', { annotations }), route('r', ['shop.gslb.example'])),
        ]);
        expect(addressesOf(model)).toEqual(['shop.gslb.example eu 192.0.2.1']);
        for (const [key, value] of Object.entries(annotations)) {
          const isValid = Object.entries(ANNOTATIONS).some(
            ([one, row]) => one === key && row.parse(value.trim()) !== undefined,
          );
          const isReported = model.findings.some(
            (one) => one.code === 'annotation-invalid' && one.message.startsWith(`${PREFIX}${key}:`),
          );
          expect(isReported).toBe(!isValid);
        }
      }),
      RUNS,
    );
  });
});

describe('hostile input', () => {
  const anything = fc.anything({
    key: fc.oneof(
      fc.string(),
      fc.constantFrom('metadata', 'spec', 'kind', 'name', 'listeners', '__proto__', 'constructor'),
    ),
    maxDepth: 4,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
  });

  /** A sensible object in which any part may have been replaced by anything. */
  const spoiled = fc
    .tuple(sensible, fc.array(fc.tuple(fc.nat(40), fc.oneof(anything, word)), { minLength: 1, maxLength: 4 }))
    .map(([value, spots]) =>
      spots.reduce<unknown>((result, [spot, replacement]) => replaceAt(result, spot, replacement), value),
    );

  function replaceAt(value: unknown, spot: number, replacement: unknown): unknown {
    let passed = -1;
    const walk = (at: unknown): unknown => {
      passed += 1;
      if (passed === spot) return replacement;
      if (Array.isArray(at)) return at.map(walk);
      if (typeof at !== 'object' || at === null || Object.getPrototypeOf(at) !== Object.prototype) return at;
      return Object.fromEntries(Object.entries(at).map(([key, inner]) => [key, walk(inner)]));
    };
    return walk(value);
  }

  test('never makes it throw, and never reaches a finding unescaped', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anything, spoiled), { maxLength: 8 }), (values) => {
        const model = desire(declare(), [
          picture('eu', ...values),
          picture('us', gateway('edge'), route('r', ['shop.gslb.example'])),
        ]);
        expect(addressesOf(model)).toContain('shop.gslb.example us 192.0.2.1');
        for (const one of model.findings)
          expect(`${one.message}${one.suggestion ?? ''}${one.origin.object ?? ''}`).toMatch(/^[^\p{Cc}]*$/u);
      }),
      { numRuns: 1500 },
    );
  });

  test('more listeners, hostnames or parents than Gateway API allows are cut off and reported', () => {
    const many = (count: number, prefix: string): readonly string[] =>
      Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    const listeners = many(2000, 'l').map((one, index) =>
      listener(one, index + 1, 'HTTP', { hostname: `${one}.gslb.example` }),
    );
    const model = desire(declare(), [
      picture(
        'eu',
        gateway('edge', { listeners }),
        gateway('spare'),
        route(
          'r',
          many(5000, 'h').map((one) => `${one}.gslb.example`),
          { parents: many(5000, 'p').map(() => ({ name: 'spare' })) },
        ),
      ),
    ]);
    expect(model.findings.map((one) => one.message)).toEqual([
      'more than 64 listeners; the rest is left out',
      'more than 16 hostnames; the rest is left out',
      'more than 32 parentRefs; the rest is left out',
    ]);
    expect(model.hostnames).toHaveLength(64 + 16);
  });

  test('a picture of a cluster that is not declared is passed over', () => {
    const model = desire(declare(), [picture('mars', gateway('edge'), route('r', ['shop.gslb.example']))]);
    expect(model.hostnames).toEqual([]);
  });

  test('what the sources noticed is in the findings', () => {
    const noticed = {
      code: 'manifest-syntax',
      severity: 'error',
      message: 'no YAML',
      origin: { file: 'a.yaml', line: 3 },
    } as const;
    expect(desire(declare(), [{ cluster: 'eu', objects: [], findings: [noticed] }]).findings).toEqual([noticed]);
  });
});

test('work grows with the number of hostnames, not with its square', () => {
  const build = (count: number): readonly Picture[] =>
    CLUSTERS.map((cluster) =>
      picture(
        cluster,
        gateway('edge'),
        ...Array.from({ length: count }, (_, index) => route(`r${index}`, [`h${index}.gslb.example`])),
      ),
    );
  const seconds = (count: number): number => {
    const pictures = build(count);
    const start = performance.now();
    expect(desire(declare(), pictures).hostnames).toHaveLength(count);
    return (performance.now() - start) / 1000;
  };
  seconds(500);
  const small = Math.max(0.01, seconds(1000));
  // Ten times the work; a square would be a hundred times.
  expect(seconds(10_000)).toBeLessThan(small * 40);
});
