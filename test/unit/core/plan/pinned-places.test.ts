import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../src/core/desired/area.ts';
import type { MapNetwork } from '../../../../src/core/desired/maps/client-map.ts';
import { parseNetwork } from '../../../../src/core/desired/maps/network.ts';
import { clientGroups } from '../../../../src/core/plan/clients.ts';
import { withPin } from '../../../../src/core/plan/pinned-places.ts';
import type { PlaceTable } from '../../../../src/core/snapshot/place-table.ts';
import { buildTrie, networkTree, placeOfAddress } from '../../../../src/core/snapshot/place-trie.ts';

/** Places by country. */
function at(country: string): Place {
  return { kind: 'known', lat: 0, lon: 0, country, continent: 'EU' };
}

function network(text: string): MapNetwork {
  const parsed = parseNetwork(text);
  return 'network' in parsed ? parsed.network : expect.fail(text);
}

/** Networks of the first places: 1, 2, 3. */
function tableOf(networks: readonly (readonly [string, number])[]): PlaceTable {
  const all = networks.map(([text, place]) => ({ ...network(text), place }));
  return {
    v4: buildTrie(4, networkTree(all)),
    v6: buildTrie(6, networkTree([])),
    places: [{ kind: 'unknown' }, at('CH'), at('DE'), at('FR')],
    source: 'test',
    builtAt: 0,
  };
}

function told(table: PlaceTable, address: string): string {
  const place = table.places[placeOfAddress(table, address)!.place]!;
  const pins = Object.values(place.pinned ?? {}).map(({ name, cluster }) => `${name}>${cluster}`);
  return `${place.kind === 'known' ? place.country : '-'} ${pins.join()}`.trim();
}

const pinOf = (name: string, nets: readonly string[]) => ({
  key: `${name}@1`,
  name,
  cluster: 'eu',
  networks: nets.map(network),
});

describe('places with one more pin', () => {
  const net = fc.tuple(fc.nat(0xffff), fc.constantFrom(8, 14, 16, 17, 20, 22, 24, 27, 30, 32)).map(([low, length]) => {
    const start = ((0x0a00_0000 | (low << 6)) & (-1 << (32 - length))) >>> 0;
    return `${start >>> 24}.${(start >>> 16) & 255}.${(start >>> 8) & 255}.${start & 255}/${length}`;
  });
  const address = fc
    .nat(0xffff)
    .map((low) => `10.${(low << 6) >>> 16}.${((low << 6) >>> 8) & 255}.${(low << 6) & 255}`);

  it('tell of each address what they told, and the pin where that holds it; the others stay as they are', () => {
    let held = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(net, fc.integer({ min: 1, max: 3 })), { maxLength: 6 }),
        fc.array(net, { minLength: 1, maxLength: 4 }),
        fc.array(address, { minLength: 1, maxLength: 20 }),
        (networks, nets, addresses) => {
          const before = tableOf(networks);
          const kept = structuredClone(before);
          const [first, second] = [pinOf('p', nets), pinOf('q', nets.slice(0, 1))];
          const after = withPin(before, first);
          const twice = withPin(after, second);
          expect(before).toEqual(kept);
          const holder = tableOf(nets.map((text) => [text, 1]));
          const holderOfFirst = tableOf(nets.slice(0, 1).map((text) => [text, 1]));
          for (const one of [...addresses, ...nets.map((text) => text.split('/')[0]!)]) {
            const isHeld = told(holder, one) !== '-';
            held += Number(isHeld);
            const also = told(holderOfFirst, one) === '-' ? '' : ',q>eu';
            expect(told(after, one), one).toBe(told(before, one) + (isHeld ? ' p>eu' : ''));
            expect(told(twice, one), one).toBe(told(before, one) + (isHeld ? ` p>eu${also}` : ''));
          }
          const shares = clientGroups(before, after).reduce((sum, { share }) => sum + share, 0);
          expect(shares).toBeCloseTo(1, 9);
        },
      ),
      { numRuns: 60 },
    );
    expect(held).toBeGreaterThan(60);
  });

  it('count the clients that the pin holds', () => {
    const before = tableOf([['10.0.0.0/8', 1]]);
    const after = withPin(before, pinOf('p', ['10.64.0.0/10', '10.0.0.0/24', '2001:db8::/48']));
    const moved = clientGroups(before, after).filter((group) => after.places[group.after]?.pinned !== undefined);
    expect(moved.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1 / 4 + 2 ** -16, 9);
    expect(after.pins).toEqual(['p@1']);
  });
});
