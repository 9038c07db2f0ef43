import type { Mapped, Place } from '../area.ts';
import type { ClientMap, MapNetwork, MapRule } from './client-map.ts';

/** What is known of a client besides its place: 0 and '' where nothing is. */
export type Traits = {
  readonly place: Place;
  /** ISO 3166-2. */
  readonly subdivision: string;
  readonly asn: number;
};

/** One map, ready to be asked. */
export type Matcher = {
  readonly name: string;
  /** Each with the number of its rule, from 1. The first of equal networks comes last. */
  readonly networks: readonly (MapNetwork & { readonly rule: number })[];
  readonly subdivisions: ReadonlySet<string>;
  /** The verdict on a client whose most specific network belongs to rule `rule`, from 1; 0: to none. */
  readonly verdict: (traits: Traits, rule: number) => Mapped | undefined;
};

/** Prepares a map: the first rule that holds a client speaks; of networks, the most specific one stands for all. */
export function createMatcher({ name, rules }: ClientMap): Matcher {
  const verdicts = rules.map(({ text, clusters }, index): Mapped => Object.freeze({ rule: index + 1, text, clusters }));
  const numbers = new Map<number, number>();
  const countries = new Map<string, number>();
  const subdivisions = new Map<string, number>();
  const networks: (MapNetwork & { rule: number })[] = [];
  // From the last to the first, so that the first one stands.
  for (const [index, rule] of [...rules.entries()].toReversed()) {
    note(rule, index + 1, { numbers, countries, subdivisions, networks });
  }
  const verdict = ({ place, subdivision, asn }: Traits, network: number): Mapped | undefined => {
    const country = place.kind === 'known' ? place.country : '';
    const speaking = [network, numbers.get(asn), countries.get(country), subdivisions.get(subdivision)];
    const first = Math.min(...speaking.map((rule) => rule || Number.POSITIVE_INFINITY));
    return verdicts[first - 1];
  };
  return { name, networks, subdivisions: new Set(subdivisions.keys()), verdict };
}

type Indexes = {
  readonly numbers: Map<number, number>;
  readonly countries: Map<string, number>;
  readonly subdivisions: Map<string, number>;
  readonly networks: (MapNetwork & { rule: number })[];
};

function note({ clients }: MapRule, rule: number, { numbers, countries, subdivisions, networks }: Indexes): void {
  switch (clients.kind) {
    case 'cidr':
      for (const network of clients.networks) networks.push({ ...network, rule });
      return;
    case 'asn':
      for (const number of clients.numbers) numbers.set(number, rule);
      return;
    case 'country':
      for (const code of clients.codes) countries.set(code, rule);
      return;
    case 'subdivision':
      for (const code of clients.codes) subdivisions.set(code, rule);
  }
}
