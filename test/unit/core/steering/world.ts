import { EVERYWHERE, type Location, type Place } from '../../../../src/core/desired/area.ts';
import type { Endpoint, Policy } from '../../../../src/core/desired/model.ts';
import type { Candidate, Decision, SteerInput, TraceStep } from '../../../../src/core/steering/decision.ts';
import { steer } from '../../../../src/core/steering/steer.ts';

export const FRANKFURT: Location = { lat: 50.11, lon: 8.68, country: 'DE', continent: 'EU' };
export const VIRGINIA: Location = { lat: 38.95, lon: -77.45, country: 'US', continent: 'NA' };
export const TOKYO: Location = { lat: 35.68, lon: 139.69, country: 'JP', continent: 'AS' };
export const ZURICH: Location = { lat: 47.37, lon: 8.54, country: 'CH', continent: 'EU' };

export const EU = { continents: ['EU'], countries: [] };
export const SWISS = { continents: [], countries: ['CH'] };

export function at(location: Location): Place {
  return { kind: 'known', ...location };
}

export function policy(settings: Partial<Policy> = {}): Policy {
  return {
    steering: 'nearest',
    sticky: 'none',
    nearestBand: 0,
    residency: EVERYWHERE,
    answers: 1,
    ttl: 30,
    minHealthy: { kind: 'count', value: 0 },
    lastResort: { kind: 'all' },
    ...settings,
  };
}

export function endpoint(cluster: string, location: Location, settings: Partial<Endpoint> = {}): Endpoint {
  return {
    cluster,
    gateway: 'infra/public',
    address: '192.0.2.1',
    family: 4,
    monitor: `https ${cluster}`,
    weight: 100,
    tier: 0,
    bias: 0,
    serves: EVERYWHERE,
    drain: { kind: 'none' },
    location,
    ...settings,
  };
}

/** A candidate that is up; what is believed of it and what its endpoint says can be given together. */
export function candidate(
  cluster: string,
  location: Location,
  believed: Partial<Omit<Candidate, 'endpoint'>> = {},
  settings: Partial<Endpoint> = {},
): Candidate {
  return {
    endpoint: endpoint(cluster, location, settings),
    state: 'up',
    drain: 'none',
    since: 1_000,
    admits: 256,
    secondsToChange: Number.POSITIVE_INFINITY,
    stillness: 0,
    ...believed,
  };
}

/** A decision with every step that led to it. */
export function traced(input: SteerInput): { decision: Decision; steps: TraceStep[] } {
  const steps: TraceStep[] = [];
  return { decision: steer(input, (step) => steps.push(step)), steps };
}

/** The starting shares as text: `eu-west 1, us-east 0`. */
export function shares({ choices }: Decision): string {
  return choices.map(({ cluster, weight }) => `${cluster} ${weight}`).join(', ');
}
