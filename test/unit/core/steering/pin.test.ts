import { describe, expect, it } from 'vitest';
import { type Place, UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import type { Policy } from '../../../../src/core/desired/model.ts';
import type { Candidate } from '../../../../src/core/steering/decision.ts';
import { geographyKey, placeKey, shapeKey } from '../../../../src/core/steering/geography.ts';
import { steer } from '../../../../src/core/steering/steer.ts';
import { at, candidate, EU, FRANKFURT, policy, shares, TOKYO, traced, VIRGINIA, ZURICH } from './world.ts';

const eu = candidate('eu', FRANKFURT);
const us = candidate('us', VIRGINIA);
const jp = candidate('jp', TOKYO);
const down = ({ endpoint }: Candidate): Candidate => ({ ...candidate('', FRANKFURT), endpoint, state: 'down' });

/** A client that pins hold: `vip@1` sends it to `jp`. */
function pinned(by: Readonly<Record<string, string>> = { 'vip@1': 'jp' }, place: Place = at(ZURICH)): Place {
  const told = Object.entries(by).map(([key, cluster]) => [key, { name: key.split('@')[0]!, cluster }] as const);
  return { ...place, pinned: Object.fromEntries(told) };
}

type Settings = Partial<Policy>;
const VIP: Settings = { pins: ['vip@1'] };

function starts(client: Place, candidates: readonly Candidate[] = [eu, jp, us], settings: Settings = VIP): string {
  return shares(steer({ policy: policy(settings), candidates, client }));
}

describe('a pin', () => {
  it('sends its clients to its cluster, however far, and no others', () => {
    expect(starts(pinned())).toBe('jp 1');
    expect(starts(pinned({ 'vip@1': 'jp' }, UNKNOWN_PLACE))).toBe('jp 1');
    expect(starts(at(ZURICH))).toBe('eu 1');
    expect(starts(pinned({ 'vip@2': 'jp' }))).toBe('eu 1');
    expect(starts(pinned(), [eu, jp, us], {})).toBe('eu 1');
  });

  it('makes no difference where its cluster is down, drained, fenced off or not there', () => {
    expect(starts(pinned(), [eu, down(jp), us])).toBe('eu 1');
    expect(starts(pinned(), [eu, { ...jp, drain: 'override' }, us])).toBe('eu 1');
    expect(starts(pinned(), [eu, jp, us], { ...VIP, residency: EU })).toBe('eu 1');
    const elsewhere = candidate('jp', TOKYO, {}, { serves: { continents: ['AS'], countries: [] } });
    expect(starts(pinned(), [eu, elsewhere, us])).toBe('eu 1');
    expect(starts(pinned({ 'vip@1': 'nowhere' }))).toBe('eu 1');
    const nobody = [eu, jp, us].map(down);
    expect(starts(pinned(), nobody)).toBe(starts(at(ZURICH), nobody));
    const client = { ...pinned(), mapped: { corp: { rule: 1, text: 'asn 64500', clusters: ['us', 'eu'] } } };
    expect(starts(client, [eu, jp, us], { ...VIP, map: 'corp' })).toBe('us 1');
  });

  it('goes before all that is preferred, also in explicit chains', () => {
    const late = candidate('jp', TOKYO, { state: 'degraded' }, { tier: 3, weight: 0 });
    expect(starts(pinned(), [eu, late, us])).toBe('jp 1');
    expect(starts(pinned(), [eu, late, us], { ...VIP, preferred: ['tier', 'degraded'] })).toBe('jp 1');
    const client = { ...pinned(), mapped: { corp: { rule: 1, text: 'asn 64500', clusters: ['us', '*'] } } };
    expect(starts(client, [eu, jp, us], { ...VIP, map: 'corp' })).toBe('jp 1');
    expect(starts(client, [eu, down(jp), us], { ...VIP, map: 'corp' })).toBe('us 1');
  });

  it('is the newest of those that hold the client and whose cluster is usable', () => {
    const both = pinned({ 'vip@1': 'jp', 'new@2': 'us' });
    const settings = { pins: ['new@2', 'vip@1'] };
    expect(starts(both, [eu, jp, us], settings)).toBe('us 1');
    expect(starts(both, [eu, jp, down(us)], settings)).toBe('jp 1');
    expect(starts(both, [eu, down(jp), down(us)], settings)).toBe('eu 1');
    expect(starts(both, [eu, jp, us], { pins: ['vip@1', 'new@2'] })).toBe('jp 1');
  });

  it('holds within each group of a rollout', () => {
    const rollout = { name: 'r', percent: 50, from: ['eu'], to: ['jp', 'us'] };
    const decision = steer({
      policy: policy({ ...VIP, rollout, steering: 'weighted' }),
      candidates: [eu, jp, us],
      client: pinned(),
    });
    expect(decision.choices.map(({ cluster }) => cluster)).toEqual(['eu']);
    expect(decision.aside?.choices.map(({ cluster }) => cluster)).toEqual(['jp']);
  });

  it('moves no subnet of its clients while its cluster is away: they are kept as without it', () => {
    const sticky = policy({ ...VIP, steering: 'weighted', sticky: 'subnet' });
    const bucketsOf = (candidates: readonly Candidate[], client: Place) =>
      steer({ policy: sticky, candidates, client }).buckets;
    expect(bucketsOf([eu, jp, us], pinned())).toEqual([]);
    const away = [eu, down(jp), us];
    expect(bucketsOf(away, pinned())).toHaveLength(256);
    expect(bucketsOf(away, pinned())).toEqual(bucketsOf(away, at(ZURICH)));
  });

  it('takes what it can of a cluster over capacity, and the others the rest', () => {
    const half = { ...jp, admits: 128 };
    expect(starts(pinned(), [eu, half, us], { ...VIP, steering: 'weighted' })).toBe('jp 32768, eu 16384, us 16384');
  });

  it('tells that it decided, and why it did not', () => {
    const said = (client: Place, candidates: readonly Candidate[]) => {
      const { steps } = traced({ policy: policy(VIP), candidates, client });
      return steps
        .filter(({ filter }) => filter === 'pin')
        .map(({ candidate: of, verdict, reason }) => `${candidates[of]?.endpoint.cluster} ${verdict}: ${reason}`);
    };
    expect(said(pinned(), [eu, jp])).toEqual([
      'eu dropped: pin vip sends the client to jp',
      'jp kept: pin vip sends the client to jp',
    ]);
    expect(said(pinned(), [eu, down(jp)])).toEqual(['eu kept: pin vip names jp, which is not usable']);
    expect(said(at(ZURICH), [eu])).toEqual(['eu kept: no pin holds the client']);
  });
});

describe('classes of places', () => {
  const endpoints = [eu, us, jp].map(({ endpoint }) => endpoint);

  it('tell orders of pins apart, but not the pins that give the same', () => {
    const settings = { pins: ['b@2', 'a@1'] };
    const key = (place: Place) => placeKey({ policy: policy(settings), endpoints }, place);
    expect(key(pinned({ 'a@1': 'jp' }))).not.toBe(key(at(ZURICH)));
    expect(key(pinned({ 'a@1': 'jp' }))).not.toBe(key(pinned({ 'a@1': 'us' })));
    expect(key(pinned({ 'a@1': 'jp', 'b@2': 'us' }))).not.toBe(key(pinned({ 'a@1': 'us', 'b@2': 'jp' })));
    expect(key(pinned({ 'a@1': 'jp' }))).toBe(key(pinned({ 'b@2': 'jp' })));
    expect(key(pinned({ 'a@1': 'nowhere' }))).toBe(key(at(ZURICH)));
    const mapped = { mapped: { corp: { rule: 1, text: '', clusters: ['jp', '*'] } } };
    const withMap = (place: Place) => placeKey({ policy: policy({ ...settings, map: 'corp' }), endpoints }, place);
    expect(withMap({ ...at(ZURICH), ...mapped })).not.toBe(withMap(pinned({ 'a@1': 'jp' })));
    expect(withMap({ ...pinned({ 'a@1': 'us' }), ...mapped })).not.toBe(withMap(pinned({ 'a@1': 'us' })));
  });

  it('are those of one list of pins', () => {
    const weighted = policy({ steering: 'weighted', pins: ['a@1'] });
    const other = policy({ steering: 'weighted', pins: ['a@2'] });
    expect(geographyKey(weighted, endpoints)).not.toBe('');
    expect(geographyKey(weighted, endpoints)).not.toBe(geographyKey(other, endpoints));
    expect(shapeKey(weighted, endpoints)).not.toBe(shapeKey(other, endpoints));
    expect(geographyKey(weighted, endpoints.slice(0, 1))).toBe('');
  });
});
