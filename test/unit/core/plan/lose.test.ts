import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../../src/core/desired/model.ts';
import { allHealthy } from '../../../../src/core/plan/healthy.ts';
import { withoutClusters } from '../../../../src/core/plan/lose.ts';
import { candidateOf } from '../../../../src/core/steering/candidate.ts';
import { drained, hostname } from '../snapshot/build.ts';
import { at, modelOf, worldOf } from './worlds.ts';

const HOSTNAMES = [
  hostname('a.example', {}, [at('eu', { monitor: 'own' }), at('us', { monitor: 'us' })]),
  hostname('b.example', {}, [at('eu', { monitor: 'common' }), at('us', { monitor: 'common' })]),
  hostname('c.example', {}, [at('eu', { monitor: 'unchecked' })]),
];

describe('a world without a cluster', () => {
  it('has all of it drained, and down what nobody else has', () => {
    const model = drained(modelOf(HOSTNAMES), ['us']);
    const world = worldOf(model.hostnames, { health: allHealthy(model, 5) });
    const lost = withoutClusters(world, new Set(['eu']));
    const endpoints = lost.model.hostnames.flatMap((one) => one.endpoints);
    const isDrained = (one: Endpoint): boolean => candidateOf(one, lost.health, lost.now).drain === 'override';
    expect(endpoints.every(isDrained)).toBe(true);
    const states = Object.fromEntries([...lost.health].map(([id, { state }]) => [id, state]));
    expect(states).toEqual({ own: 'down', us: 'up', common: 'up' });
  });

  it('leaves the world that it is made of as it was, and is that world where nothing is lost', () => {
    const world = worldOf(HOSTNAMES, { health: allHealthy(modelOf(HOSTNAMES), 5) });
    withoutClusters(world, new Set(['eu', 'us']));
    expect([...world.health.values()].every(({ state }) => state === 'up')).toBe(true);
    expect(world.model.hostnames.every(({ endpoints }) => endpoints.every(({ order }) => order === undefined))).toBe(
      true,
    );
    expect(withoutClusters(world, new Set())).toBe(world);
  });
});

describe('a healthy world', () => {
  it('has everything up that is watched', () => {
    const health = allHealthy(modelOf(HOSTNAMES), 5);
    expect([...health.keys()].toSorted()).toEqual(['common', 'own', 'us']);
    expect([...health.values()].every(({ state, since }) => state === 'up' && since === 5)).toBe(true);
  });
});
