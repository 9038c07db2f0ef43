import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from '../../../src/sources/gateway-api/lines.ts';
import { createShelf } from '../../../src/sources/gateway-api/shelf.ts';
import { translate } from '../../../src/sources/gateway-api/translate.ts';

const TYPE = { kind: 'Gateway', apiVersion: 'gateway.networking.k8s.io/v1' };
const TRANSLATION = { origin: { file: 'cluster x' }, gatewayClasses: undefined };

/** A Gateway; one with a weight of 9 is broken, which is a finding. */
const raw = (key: string, weight: number): unknown => {
  const [namespace, name] = key.split('/');
  const spec = { listeners: weight === 9 ? 'none' : [] };
  return { metadata: { namespace, name, annotations: { weight: String(weight) } }, spec };
};

const key = fc.constantFrom('a/x', 'a/y', 'b/x', 'b/z', 'c/x');
const weight = fc.integer({ min: 0, max: 9 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, weight }),
  fc.record({ kind: fc.constant('remove' as const), key }),
  fc.record({ kind: fc.constant('list' as const), all: fc.dictionary(key, weight, { maxKeys: 5 }) }),
);

test('a shelf holds what was last said of each object, tells when that changed, and keeps the same what did not', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const room = { left: 100 };
      const shelf = createShelf((value) => translate(TRANSLATION, TYPE, value), room);
      let model = new Map<string, number>();
      const seen = new Map<string, unknown>();
      for (const one of steps) {
        const before = new Map(model);
        let told = false;
        if (one.kind === 'put') {
          model.set(one.key, one.weight);
          told = shelf.put(raw(one.key, one.weight));
        } else if (one.kind === 'remove') {
          model.delete(one.key);
          told = shelf.remove(raw(one.key, 0));
        } else {
          model = new Map(Object.entries(one.all));
          const gathering = shelf.gather();
          for (const [name, value] of model) gathering.add(raw(name, value));
          told = gathering.done();
        }
        const isSame = before.size === model.size && [...model].every(([name, value]) => before.get(name) === value);
        expect(told).toBe(!isSame);
        expect(room.left).toBe(100 - model.size);
        const held = new Map<string, string | undefined>();
        for (const item of shelf.items()) {
          if (item.kind !== 'Gateway') throw new Error(`a ${item.kind}`);
          const name = `${item.namespace}/${item.name}`;
          held.set(name, item.annotations[0]?.[1]);
          if (before.get(name) === model.get(name)) expect(item).toBe(seen.get(name));
          seen.set(name, item);
        }
        expect(held).toEqual(new Map([...model].map(([name, value]) => [name, String(value)])));
        expect([...shelf.findings()]).toHaveLength([...model.values()].filter((value) => value === 9).length);
      }
    }),
  );
});

test('a shelf without room leaves out what is new, says so, and takes in a whole list again', () => {
  const shelf = createShelf((value) => translate(TRANSLATION, TYPE, value), { left: 2 });
  expect(['a/x', 'a/y', 'b/x'].map((name) => shelf.put(raw(name, 1)))).toEqual([true, true, false]);
  expect([shelf.state(), shelf.size()]).toEqual(['full', 2]);
  expect(shelf.put(raw('a/x', 2)), 'what is there may change').toBe(true);
  const gathering = shelf.gather();
  for (const name of ['b/x', 'c/x']) gathering.add(raw(name, 1));
  expect(gathering.done()).toBe(true);
  expect([shelf.state(), shelf.size()]).toEqual(['open', 2]);
});

test('lines are the same however the octets are cut', () => {
  const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }).map((one) => one.replaceAll('\n', '')));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (lines, sizes) => {
      const octets = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const split = createLineSplitter(1000, () => new Error('too long'));
      const got: string[] = [];
      for (let at = 0, turn = 0; at < octets.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        got.push(...split(octets.subarray(at, at + size)));
        at += size;
      }
      expect(got).toEqual(lines.filter((line) => line !== ''));
    }),
  );
});
