import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANNOTATIONS, isSettingKey } from '../../../../src/core/desired/annotations/table.ts';
import { createMigrate } from '../../../../src/core/desired/migration/migrate.ts';
import { SYSTEMS } from '../../../../src/core/desired/migration/systems.ts';
import { vocabulariesOf } from '../../../../src/core/desired/migration/vocabularies.ts';
import { annotated, migrated, migrating, NEW, OLD } from './migrations.ts';
import { PREFIX, picture } from './pictures.ts';

const RUNS = { numRuns: 500 };

const vocabularies = vocabulariesOf({ read: SYSTEMS, geotags: {} }, PREFIX);
const known = vocabularies.flatMap(({ prefix, keys }) => keys.map(({ key }) => prefix + key.replace('*', 'x')));
const key = fc.oneof(
  fc.constantFrom(...known),
  fc
    .tuple(fc.constantFrom(...vocabularies.map(({ prefix }) => prefix)), fc.string({ unit: 'binary', maxLength: 12 }))
    .map((parts) => parts.join('')),
  fc.constantFrom(...Object.keys(ANNOTATIONS).map((one) => PREFIX + one)),
);
const value = fc.oneof(
  fc.constantFrom(
    '0',
    '60',
    '10m',
    'PRIMARY',
    'failover',
    'eu',
    'EU',
    '*',
    'true',
    '192.0.2.7',
    'a.gslb.example',
    'annotation-only',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('1'.repeat(3000), '9h'.repeat(400), ','.repeat(2000)),
);
/** Pairs as people write them. */
const sensible = fc.constantFrom<readonly [string, string]>(
  [`${NEW}ttl`, '60'],
  [`${OLD}ttl`, '1m30s'],
  [`${NEW}aws-weight`, '10'],
  [`${NEW}aws-failover`, 'SECONDARY'],
  [`${NEW}aws-geolocation-continent-code`, 'EU'],
  [`${OLD}target`, '192.0.2.7'],
  [`${NEW}hostname`, 'a.gslb.example'],
  ['k8gb.io/strategy', 'failover'],
  ['k8gb.io/primary-geotag', 'eu'],
  ['kuadrant.io/lb-attribute-geo-code', 'EU'],
  [`${PREFIX}ttl`, '30'],
);
const strange = fc.tuple(key, fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.anything() }));
const annotations = fc.array(fc.oneof(sensible, strange), { maxLength: 12 });
const kind = fc.constantFrom('HTTPRoute' as const, 'Gateway' as const);

describe('translating the annotations of other systems', () => {
  test('never throws, and every setting that it makes is one that our own parser takes', () => {
    let made = 0;
    fc.assert(
      fc.property(kind, annotations, (of, entries) => {
        const own = new Set(entries.map(([name]) => name));
        const { settings, findings } = migrated(annotated(of, Object.fromEntries(entries)));
        for (const [name, text = ''] of Object.entries(settings)) {
          if (own.has(PREFIX + name)) continue;
          made += 1;
          expect(isSettingKey(name) && ANNOTATIONS[name].parse(text), `${name}: ${text}`).not.toBeUndefined();
        }
        for (const { message, suggestion = '' } of findings) {
          expect(message + suggestion).toMatch(/^[\x20-\x7e…–−]+$/);
          expect(message.length).toBeLessThan(600);
        }
      }),
      RUNS,
    );
    expect(made).toBeGreaterThan(RUNS.numRuns / 4);
  });

  test('never changes an annotation of ours', () => {
    fc.assert(
      fc.property(kind, annotations, (of, entries) => {
        const all = Object.fromEntries(entries);
        const own = Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(PREFIX)));
        const before = migrated(annotated(of, own));
        expect(migrated(annotated(of, all)).settings).toMatchObject(before.settings);
      }),
      RUNS,
    );
  });

  test('does not depend on the order of the annotations', () => {
    const shuffled = annotations.chain((entries) => {
      const unique = Object.entries(Object.fromEntries(entries));
      return fc.tuple(fc.constant(unique), fc.shuffledSubarray(unique, { minLength: unique.length }));
    });
    fc.assert(
      fc.property(kind, shuffled, (of, [one, other]) => {
        const first = migrated(annotated(of, Object.fromEntries(one)));
        const second = migrated(annotated(of, Object.fromEntries(other)));
        expect({ ...second, same: first.same }).toEqual(first);
      }),
      RUNS,
    );
  });

  test('says something about every foreign annotation that a system has', () => {
    fc.assert(
      fc.property(kind, fc.constantFrom(...known), value, (of, name, text) => {
        expect(migrated(annotated(of, { [name]: text })).findings.length).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  test('keeps what is the same the same: objects, lists and untouched pictures', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(kind, annotations), { maxLength: 6 }), (objects) => {
        const migrate = createMigrate(migrating());
        const values = objects.map(([of, entries]) => annotated(of, Object.fromEntries(entries)));
        const before = picture('eu', ...values);
        const first = migrate(before);
        expect(migrate({ ...before }).objects).toBe(first.objects);
        const fewer = migrate({ ...before, objects: before.objects.slice(1) });
        expect(fewer.objects.every((object, index) => object === first.objects[index + 1])).toBe(true);
        expect(first.objects.every((object) => Object.isFrozen(object) && Object.isFrozen(object.annotations))).toBe(
          true,
        );
      }),
      RUNS,
    );
  });
});
