import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../src/core/desired/area.ts';
import { createOrderOverlay } from '../../../../src/core/orders/overlay.ts';
import type { Override } from '../../../../src/core/orders/override.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import { explain } from '../../../../src/core/snapshot/explain.ts';
import { endpoint, hostname, input, model, PLACES, placesOf, TYPE, zone } from './build.ts';

const FRANKFURT: Place = { kind: 'known', ...PLACES['frankfurt']! };
/** 1: Frankfurt; 2: Frankfurt again, where a pin to `jp` holds the clients. */
const TABLE = placesOf([FRANKFURT, { ...FRANKFURT, pinned: { 'vip@5': { name: 'vip', cluster: 'jp' } } }]);

const VIP: Override = {
  name: 'vip',
  scope: { hostnames: ['pinned.z'] },
  action: { kind: 'pin', nets: ['192.0.2.0/24'], cluster: 'jp' },
  at: 5,
  by: 'test',
  reason: 'test',
};

describe('a snapshot with a pin about one of two hostnames that are alike', () => {
  const ends = [
    endpoint('eu', '192.0.2.1', { location: PLACES['frankfurt']! }),
    endpoint('jp', '192.0.2.2', { location: PLACES['tokyo']! }),
  ];
  const plain = hostname('other.z', { steering: 'nearest' }, ends);
  const written = model([zone('z')], [plain, { ...plain, name: 'pinned.z' }]);
  const before = compile(input(written, { places: TABLE }));
  const laid = createOrderOverlay().lay(written, new Map([['vip', VIP]]), 10);

  it.each([
    ['made from nothing', compile(input(laid, { places: TABLE }))],
    ['made from the one before', compile(input(laid, { places: TABLE }), before, new Set())],
  ])('answers its clients by it, and nobody else: %s', (_, snapshot) => {
    const told = (name: string, place: number) => {
      const { addresses, agreement } = explain(snapshot, { name, type: TYPE.A, place, prefix: 24, dice: 0 });
      return `${addresses.join()} ${agreement}`;
    };
    expect(['pinned.z', 'other.z'].map((name) => [1, 2].map((place) => told(name, place)))).toEqual([
      ['192.0.2.1 same', '192.0.2.2 same'],
      ['192.0.2.1 same', '192.0.2.1 same'],
    ]);
  });
});
