import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FamilyAnswer } from '../../../src/resolver/ask.ts';
import { type Knowledge, learn } from '../../../src/resolver/knowledge.ts';

const NOTHING: FamilyAnswer = { kind: 'answer', records: [] };
const FAILURE: FamilyAnswer = { kind: 'failure', problem: 'SERVFAIL' };
const MINUTE = 60_000;

function answer(ttl: number, ...addresses: readonly string[]): FamilyAnswer {
  return { kind: 'answer', records: addresses.map((address) => ({ address, ttl })) };
}

/** What is known after answers that come a minute apart. */
function learned(...answers: readonly (readonly [FamilyAnswer, FamilyAnswer])[]): Knowledge {
  let known: Knowledge | undefined;
  for (const [minute, [v4, v6]] of answers.entries()) known = learn(known, { v4, v6 }, minute * MINUTE);
  if (known === undefined) throw new Error('no answer');
  return known;
}

const addressesOf = (...answers: readonly (readonly [FamilyAnswer, FamilyAnswer])[]) =>
  learned(...answers).resolution.addresses;

describe('a name', () => {
  test('has the addresses of both families, in order, and is asked for again when the shorter TTL is over', () => {
    const known = learned([answer(60, '192.0.2.9', '192.0.2.10'), answer(40, '2001:db8::1')]);
    expect(known.resolution).toEqual({
      state: 'resolved',
      addresses: ['192.0.2.10', '192.0.2.9', '2001:db8::1'],
      problem: undefined,
      since: undefined,
    });
    expect(known.waitSeconds).toBe(40);
  });

  test.each([
    [0, 5],
    [86_400, 3600],
  ])('with a TTL of %i is asked for again after %i s', (ttl, wait) => {
    expect(learned([answer(ttl, '192.0.2.1'), NOTHING]).waitSeconds).toBe(wait);
  });

  test('keeps an address for one more answer than it is in, and looks again soon', () => {
    const [one, two] = [answer(300, '192.0.2.1'), answer(300, '192.0.2.2')];
    const changed = learned([one, NOTHING], [two, NOTHING]);
    expect(changed.resolution).toMatchObject({ state: 'resolved', addresses: ['192.0.2.1', '192.0.2.2'] });
    expect(changed.waitSeconds).toBe(30);
    expect(addressesOf([one, NOTHING], [two, NOTHING], [two, NOTHING])).toEqual(['192.0.2.2']);
  });

  test('that cannot be resolved again keeps its last addresses and says since when', () => {
    const good = [answer(60, '192.0.2.1'), answer(60, '2001:db8::1')] as const;
    const known = learned([NOTHING, answer(60, '2001:db8::1')], good, [FAILURE, FAILURE], [FAILURE, FAILURE]);
    expect(known.resolution).toEqual({
      state: 'stale',
      addresses: ['192.0.2.1', '2001:db8::1'],
      problem: 'SERVFAIL',
      since: MINUTE,
    });
    expect(known.waitSeconds).toBe(10);
  });

  test('that is gone keeps its last addresses', () => {
    const { resolution } = learned([answer(60, '192.0.2.1'), NOTHING], [NOTHING, NOTHING], [NOTHING, NOTHING]);
    expect(resolution).toMatchObject({
      state: 'stale',
      addresses: ['192.0.2.1'],
      problem: 'the name has no addresses',
    });
  });

  test('of which one family fails keeps that family alone', () => {
    const first = [answer(60, '192.0.2.1'), answer(60, '2001:db8::1')] as const;
    const second = [answer(60, '192.0.2.2'), FAILURE] as const;
    expect(addressesOf(first, second, second)).toEqual(['192.0.2.2', '2001:db8::1']);
    expect(learned(first, second).resolution.state).toBe('stale');
  });

  test('of which one family never was answered is resolved by the other, and what is wrong is told', () => {
    const { resolution, waitSeconds } = learned([answer(60, '192.0.2.1'), FAILURE]);
    expect(resolution).toMatchObject({ state: 'resolved', addresses: ['192.0.2.1'], problem: 'SERVFAIL' });
    expect(waitSeconds).toBe(5);
  });

  test('that never was resolved has failed, and is tried again less and less often', () => {
    const waits = [1, 2, 3, 4, 5, 6, 40].map((times) => {
      const known = learned(...Array.from({ length: times }, () => [FAILURE, NOTHING] as const));
      expect(known.resolution).toMatchObject({ state: 'failed', addresses: [] });
      return known.waitSeconds;
    });
    expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60]);
  });

  test.each(['127.0.0.1', '127.8.8.8', '0.0.0.0', '169.254.169.254', '224.0.0.1', '255.255.255.255'])(
    'that leads to %s is not resolved by it',
    (address) => {
      expect(learned([answer(60, address), NOTHING]).resolution).toMatchObject({ state: 'failed', addresses: [] });
      const beside = learned([answer(60, address, '192.0.2.1'), NOTHING]).resolution;
      expect(beside).toMatchObject({ state: 'resolved', addresses: ['192.0.2.1'] });
      expect(beside.problem).toContain(address);
    },
  );

  test.each([
    '::',
    '::1',
    '::127.0.0.1',
    'fe80::1',
    'febf::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
  ])('that leads to %s is not resolved by it', (address) => {
    expect(learned([NOTHING, answer(60, address)]).resolution).toMatchObject({ state: 'failed', addresses: [] });
  });

  test.each(['10.0.0.1', '192.168.1.1', '100.64.0.1', 'fd00::1', 'fec0::1', '::ffff:192.0.2.1'])(
    'may lead to %s',
    (address) => {
      const family = answer(60, address);
      expect(addressesOf(address.includes(':') ? [NOTHING, family] : [family, NOTHING])).toEqual([address]);
    },
  );

  test('with more addresses than the limit keeps the same ones of an answer in another order', () => {
    const many = Array.from({ length: 40 }, (_, index) => `192.0.2.${index + 1}`);
    const first = addressesOf([answer(60, ...many), NOTHING]);
    expect(first).toHaveLength(16);
    expect(addressesOf([answer(60, ...many), NOTHING], [answer(60, ...many.toReversed()), NOTHING])).toEqual(first);
  });
});

const family = fc.oneof(
  fc.constant(FAILURE),
  fc.record({
    kind: fc.constant('answer' as const),
    records: fc.array(
      fc.record({
        address: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '127.0.0.1', 'nonsense', '2001:db8::1', '::1'),
        ttl: fc.nat(2 ** 31 - 1),
      }),
      { maxLength: 20 },
    ),
  }),
);

test('whatever is answered: a name that had addresses has some, they are bounded, and the next lookup comes in time', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(family, family), { minLength: 1, maxLength: 12 }), (answers) => {
      let known: Knowledge | undefined;
      for (const [v4, v6] of answers) {
        const before = known;
        known = learn(before, { v4, v6 }, 0);
        const { addresses, state } = known.resolution;
        if ((before?.resolution.addresses.length ?? 0) > 0) expect(addresses).not.toEqual([]);
        expect(state === 'failed').toBe(addresses.length === 0);
        expect(new Set(addresses).size).toBe(addresses.length);
        expect(addresses.length).toBeLessThanOrEqual(16);
        expect(addresses.some((one) => one.startsWith('127.') || one === '::1')).toBe(false);
        expect(known.waitSeconds).toBeGreaterThanOrEqual(5);
        expect(known.waitSeconds).toBeLessThanOrEqual(3600);
      }
      const again = learn(known, { v4: FAILURE, v6: FAILURE }, 0);
      expect(learn(again, { v4: FAILURE, v6: FAILURE }, 0).resolution).toBe(again.resolution);
    }),
  );
});
