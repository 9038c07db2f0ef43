import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import {
  buildTrie,
  networkTree,
  type PlaceNetwork,
  placeIndex,
  placeOf4,
  placeOf6,
  placeOfAddress,
  prefixLength,
} from '../../../../src/core/snapshot/place-trie.ts';

type Family = 4 | 6;

const bitAt = (octets: Uint8Array, bit: number): number => (octets[bit >> 3]! >> (7 - (bit & 7))) & 1;

const sharesPrefix = (a: Uint8Array, b: Uint8Array, length: number): boolean =>
  Array.from({ length }, (_, bit) => bit).every((bit) => bitAt(a, bit) === bitAt(b, bit));

/** The plainest longest-prefix match: of equal lengths the last one counts. */
function naivePlace(networks: readonly PlaceNetwork[], octets: Uint8Array): number {
  let best: PlaceNetwork | undefined;
  for (const network of networks) {
    if (sharesPrefix(network.octets, octets, network.length) && network.length >= (best?.length ?? 0)) best = network;
  }
  return best?.place ?? 0;
}

function lookup(family: Family, trie: Int32Array, octets: Uint8Array): { place: number; prefix: number } {
  const leaf = family === 4 ? placeOf4(trie, Buffer.from(octets).readUInt32BE(0)) : placeOf6(trie, octets, 0);
  return { place: placeIndex(leaf), prefix: prefixLength(leaf) };
}

/** Octets out of few values, so that networks nest and touch. */
const addressIn = (family: Family): fc.Arbitrary<Uint8Array> =>
  fc
    .uint8Array({ minLength: family === 4 ? 4 : 16, maxLength: family === 4 ? 4 : 16 })
    .chain((random) =>
      fc
        .array(fc.constantFrom(0, 1, 0x80, 0xff), { minLength: random.length, maxLength: random.length })
        .map((few) => random.map((octet, index) => (octet % 4 === 0 ? octet : few[index]!))),
    );

const networksIn = (family: Family): fc.Arbitrary<PlaceNetwork[]> => {
  const network = fc.record({
    octets: addressIn(family),
    length: fc.integer({ min: 0, max: family === 4 ? 32 : 64 }),
    place: fc.integer({ min: 0, max: 3 }),
  });
  return fc.array(network, { maxLength: 24 });
};

/** An address in the prefix of `octets`, otherwise like `other`. */
function within(octets: Uint8Array, prefix: number, other: Uint8Array): Uint8Array {
  const mixed = Uint8Array.from(other);
  for (let bit = 0; bit < prefix; bit++) {
    const mask = 0x80 >> (bit & 7);
    mixed[bit >> 3] = bitAt(octets, bit) === 1 ? mixed[bit >> 3]! | mask : mixed[bit >> 3]! & ~mask;
  }
  return mixed;
}

describe.each<{ family: Family }>([{ family: 4 }, { family: 6 }])('a trie for IPv$family', ({ family }) => {
  it('finds the longest match, and one place for all of the prefix it returns', () => {
    const cases = fc.tuple(
      networksIn(family),
      fc.array(addressIn(family), { maxLength: 12 }),
      fc.array(addressIn(family), { minLength: 4, maxLength: 4 }),
    );
    fc.assert(
      fc.property(cases, ([networks, addresses, others]) => {
        const trie = buildTrie(family, networkTree(networks));
        // The networks' own addresses are where edges are.
        for (const octets of [...addresses, ...networks.map((network) => network.octets)]) {
          const { place, prefix } = lookup(family, trie, octets);
          expect(place).toBe(naivePlace(networks, octets));
          for (const other of others) expect(naivePlace(networks, within(octets, prefix, other))).toBe(place);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('returns the shortest prefix that is right: its sibling has another place or is divided', () => {
    fc.assert(
      fc.property(networksIn(family), addressIn(family), (networks, octets) => {
        const trie = buildTrie(family, networkTree(networks));
        const { place, prefix } = lookup(family, trie, octets);
        if (prefix === 0) return;
        const sibling = Uint8Array.from(octets);
        sibling[(prefix - 1) >> 3]! ^= 0x80 >> ((prefix - 1) & 7);
        const across = lookup(family, trie, sibling);
        expect(across.place !== place || across.prefix > prefix).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('without networks: nothing is known of the whole address space', () => {
    const trie = buildTrie(family, networkTree([]));
    expect(lookup(family, trie, new Uint8Array(16).fill(0xab))).toEqual({ place: 0, prefix: 0 });
    expect(trie.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

const network = (octets: number[], length: number, place: number, size = 4): PlaceNetwork => ({
  octets: Uint8Array.from({ length: size }, (_, index) => octets[index] ?? 0),
  length,
  place,
});

describe('the trie in detail', () => {
  it('merges neighbours of one place, also where they came apart', () => {
    const halves = [network([10, 0, 0], 9, 7), network([10, 128, 0], 10, 7), network([10, 192, 0], 10, 7)];
    const trie = buildTrie(4, networkTree(halves));
    expect(lookup(4, trie, Uint8Array.of(10, 200, 1, 1))).toEqual({ place: 7, prefix: 8 });
    expect(lookup(4, trie, Uint8Array.of(11, 0, 0, 0))).toEqual({ place: 0, prefix: 8 });
  });

  it('reads IPv6 octets from an offset', () => {
    const trie = buildTrie(6, networkTree([network([0x20, 0x01, 0x0d, 0xb8, 0, 1], 48, 5, 16)]));
    const octets = Uint8Array.of(9, 9, 9, 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1);
    const leaf = placeOf6(trie, octets, 3);
    expect([placeIndex(leaf), prefixLength(leaf)]).toEqual([5, 48]);
  });

  it('keeps one place below /64: that of the largest part with data', () => {
    const prefix = [0x20, 0x01, 0x0d, 0xb8, 0, 4, 0, 0];
    const trie = buildTrie(6, networkTree([network([...prefix, 0, 0, 0, 1], 96, 2, 16), network(prefix, 80, 3, 16)]));
    expect(
      lookup(
        6,
        trie,
        Uint8Array.from({ length: 16 }, (_, i) => prefix[i] ?? 0xff),
      ),
    ).toEqual({
      place: 3,
      prefix: 64,
    });
  });

  it('holds the highest place there can be', () => {
    const trie = buildTrie(4, networkTree([network([1, 2, 3, 4], 32, 2 ** 22 - 1)]));
    expect(lookup(4, trie, Uint8Array.of(1, 2, 3, 4))).toEqual({ place: 2 ** 22 - 1, prefix: 32 });
  });

  it('stores equal blocks once', () => {
    const scattered = Array.from({ length: 200 }, (_, i) => network([i, 7, 7, 7], 32, 1));
    expect(buildTrie(4, networkTree(scattered))).toHaveLength(2 ** 16 + 4 * 16);
  });
});

describe('placeOfAddress', () => {
  const table = {
    v4: buildTrie(4, networkTree([network([192, 0, 2], 24, 1)])),
    v6: buildTrie(6, networkTree([network([0x20, 0x01, 0x0d, 0xb8], 32, 2, 16)])),
    places: [UNKNOWN_PLACE],
    source: 'test',
    builtAt: 0,
  };

  it.each([
    ['192.0.2.77', { place: 1, prefix: 24 }],
    ['::ffff:192.0.2.77', { place: 1, prefix: 24 }],
    ['192.0.3.1', { place: 0, prefix: 24 }],
    ['2001:db8::1', { place: 2, prefix: 32 }],
    ['8000::', { place: 0, prefix: 1 }],
    ['255.255.255.255', { place: 0, prefix: 3 }],
    ['192.0.2', undefined],
    ['gateway.example', undefined],
  ])('%s', (text, expected) => {
    expect(placeOfAddress(table, text)).toEqual(expected);
  });
});
