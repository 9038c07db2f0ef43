import { describe, expect, it } from 'vitest';
import { type Place, UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import type { Policy } from '../../../../src/core/desired/model.ts';
import type { Candidate } from '../../../../src/core/steering/decision.ts';
import { geographyKey, placeKey } from '../../../../src/core/steering/geography.ts';
import { steer } from '../../../../src/core/steering/steer.ts';
import { at, candidate, EU, FRANKFURT, policy, shares, TOKYO, traced, VIRGINIA, ZURICH } from './world.ts';

const eu = candidate('eu', FRANKFURT);
const us = candidate('us', VIRGINIA);
const jp = candidate('jp', TOKYO);
const down = ({ endpoint }: Candidate): Candidate => ({ ...candidate('', FRANKFURT), endpoint, state: 'down' });

function mapped(clusters: readonly string[], place: Place = at(ZURICH)): Place {
  return { ...place, mapped: { corp: { rule: 2, text: 'asn 64500', clusters } } };
}

function starts(client: Place, candidates: readonly Candidate[] = [eu, jp, us], more: Partial<Policy> = {}): string {
  return shares(steer({ policy: policy({ map: 'corp', ...more }), candidates, client }));
}

describe('a custom map', () => {
  it('sends its clients to the first of its clusters that is usable, however far', () => {
    expect(starts(mapped(['jp', 'us']))).toBe('jp 1');
    expect(starts(mapped(['jp', 'us']), [eu, down(jp), us])).toBe('us 1');
    expect(starts(mapped(['jp', 'us'], UNKNOWN_PLACE))).toBe('jp 1');
  });

  it('without `*` keeps the others out, whatever happens to its own', () => {
    const all = [eu, down(jp), down(us)];
    expect(steer({ policy: policy({ map: 'corp' }), candidates: all, client: mapped(['jp', 'us']) })).toMatchObject({
      reason: 'last-resort',
      choices: [{ cluster: 'jp' }],
    });
    const none = policy({ map: 'corp', lastResort: { kind: 'none' } });
    expect(steer({ policy: none, candidates: all, client: mapped(['jp', 'us']) }).reason).toBe('residency');
    const lost = all.map(down);
    expect(steer({ policy: none, candidates: lost, client: mapped(['jp', 'us']) }).reason).toBe('nobody');
  });

  it('with `*` leaves the rest to the chain, where `*` stands', () => {
    expect(starts(mapped(['jp', '*']), [eu, down(jp), us])).toBe('eu 1');
    expect(starts(mapped(['*', 'eu']))).toBe('us 1');
    expect(starts(mapped(['jp', '*']), [eu, down(jp), us], { steering: 'weighted' })).toBe('eu 100, us 100');
    expect(starts(mapped(['*', 'eu']), [eu, down(jp), down(us)])).toBe('eu 1');
  });

  it('goes before tiers, standbys and distances, and behind the fences', () => {
    const late = candidate('jp', TOKYO, {}, { tier: 3, weight: 0 });
    expect(starts(mapped(['jp', '*']), [eu, late, us])).toBe('jp 1');
    expect(starts(mapped(['jp', 'eu']), [eu, jp, us], { residency: EU })).toBe('eu 1');
    const elsewhere = candidate('jp', TOKYO, {}, { serves: { continents: ['AS'], countries: [] } });
    expect(starts(mapped(['jp', 'us']), [eu, elsewhere, us])).toBe('us 1');
  });

  it('does not speak for hostnames that have none of its clusters, nor for other clients and maps', () => {
    expect(starts(mapped(['elsewhere']))).toBe('eu 1');
    expect(starts(mapped(['us', 'jp']), [eu])).toBe('eu 1');
    expect(starts(at(ZURICH))).toBe('eu 1');
    expect(starts(mapped(['jp']), [eu, jp, us], { map: 'other' })).toBe('eu 1');
  });

  it('keeps a subnet among the clusters of one place in its order', () => {
    const sticky = policy({ map: 'corp', steering: 'weighted', sticky: 'subnet' });
    const of = (all: readonly Candidate[]) => steer({ policy: sticky, candidates: all, client: mapped(['jp', '*']) });
    expect(of([eu, jp, us]).buckets).toEqual([]);
    const { choices, buckets } = of([eu, down(jp), us]);
    expect([choices.map(({ cluster, weight }) => [cluster, weight]), buckets.length]).toEqual([
      [
        ['eu', 128],
        ['us', 128],
      ],
      256,
    ]);
  });

  it('tells which rule decided, and where none did', () => {
    const said = (client: Place, candidates: readonly Candidate[]) => {
      const { steps } = traced({ policy: policy({ map: 'corp' }), candidates, client });
      const own = steps.filter(({ filter }) => filter === 'map');
      return own.map(
        ({ candidate: of, verdict, reason }) => `${candidates[of]?.endpoint.cluster} ${verdict}: ${reason}`,
      );
    };
    expect(said(mapped(['jp', 'us']), [eu, jp, us])).toEqual([
      'eu dropped: rule 2 of map corp (asn 64500) names jp, us, and nobody else',
      'jp kept: rule 2 of map corp (asn 64500) names jp, us',
      'us kept: rule 2 of map corp (asn 64500) names jp, us',
      'jp kept: rule 2 of map corp (asn 64500) names jp, us: the first that is left',
      'us dropped: rule 2 of map corp (asn 64500) names jp, us: another one goes before it',
    ]);
    expect(said(at(ZURICH), [eu, us])).toEqual([
      'eu kept: no rule of map corp is for the client',
      'us kept: no rule of map corp is for the client',
    ]);
  });
});

describe('classes of places', () => {
  const hostname = { policy: policy({ map: 'corp' }), endpoints: [eu, us, jp].map(({ endpoint }) => endpoint) };

  it('tell orders of a map apart, but not the rules that have the same order', () => {
    const key = (place: Place) => placeKey(hostname, place);
    expect(key(mapped(['jp', 'us']))).not.toBe(key(at(ZURICH)));
    expect(key(mapped(['jp', 'us']))).not.toBe(key(mapped(['us', 'jp'])));
    expect(key(mapped(['jp', 'elsewhere', 'us']))).toBe(key(mapped(['jp', 'us'])));
    expect(key(mapped(['elsewhere', '*']))).toBe(key(at(ZURICH)));
  });

  it('are those of one map', () => {
    expect(geographyKey(hostname.policy, hostname.endpoints)).not.toBe(geographyKey(policy(), hostname.endpoints));
    const weighted = policy({ steering: 'weighted', map: 'corp' });
    expect(geographyKey(weighted, hostname.endpoints)).not.toBe('');
    expect(geographyKey(weighted, hostname.endpoints.slice(0, 1))).toBe('');
  });
});
