import { continentOf } from '../countries.ts';
import { quote } from '../quote.ts';
import { nearest } from '../suggest.ts';
import {
  MAX_NETWORKS,
  MAX_RULE_CLUSTERS,
  MAX_RULE_ENTRIES,
  MAX_RULES,
  type MapClients,
  type MapNetwork,
  type MapRule,
  THE_REST,
} from './client-map.ts';
import { parseNetwork } from './network.ts';

/** Takes what is wrong at a path of the rules: keys and list indexes. */
export type ComplainOfMap = (
  path: readonly (string | number)[],
  complaint: { readonly expected: string; readonly found: string; readonly suggestion?: string },
) => void;

/** What the rules are checked against; `clusters` is undefined where others may come. */
export type MapSurroundings = {
  readonly clusters: readonly string[] | undefined;
  readonly complain: ComplainOfMap;
};

const KINDS = ['cidr', 'asn', 'country', 'subdivision'] as const;
const KEYS = [...KINDS, 'clusters'];

/** Highest AS number (RFC 6793). */
const MAX_ASN = 2 ** 32 - 1;

/**
 * The rules of a map, of a plain value. Complains of everything that is not a rule, all at once; what it returns is good
 * only where it did not complain. Never throws.
 */
export function parseRules(value: unknown, surroundings: MapSurroundings): readonly MapRule[] {
  const { complain } = surroundings;
  const expected = `a list of 1 to ${MAX_RULES} rules`;
  if (!Array.isArray(value)) {
    complain([], { expected, found: wordsFor(value) });
    return [];
  }
  if (value.length === 0 || value.length > MAX_RULES) complain([], { expected, found: `${value.length}` });
  const rules = value
    .slice(0, MAX_RULES)
    .flatMap((item: unknown, index) => parseRule(item, [index], surroundings) ?? []);
  const networks = rules.reduce((sum, { clients }) => sum + (clients.kind === 'cidr' ? clients.networks.length : 0), 0);
  if (networks > MAX_NETWORKS) {
    complain([], { expected: `at most ${MAX_NETWORKS} networks in all rules`, found: `${networks}` });
  }
  return rules;
}

type At = readonly (string | number)[];

function parseRule(value: unknown, at: At, surroundings: MapSurroundings): MapRule | undefined {
  const { complain } = surroundings;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    complain(at, { expected: 'a rule such as { country: [CH], clusters: [eu-west] }', found: wordsFor(value) });
    return undefined;
  }
  const parts = new Map<string, unknown>(Object.entries(value));
  for (const key of parts.keys()) {
    if (KEYS.includes(key)) continue;
    const expected = `one of the keys ${KEYS.join(', ')}`;
    complain([...at, key], { expected, found: quote(key), ...meant(key, KEYS) });
  }
  const kinds = KINDS.filter((kind) => parts.has(kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kind === undefined ? 'none' : kinds.join(' and ');
    complain(at, { expected: `one of ${KINDS.join(', ')}`, found });
    return undefined;
  }
  const words = wordsOf(parts.get(kind), [...at, kind], MAX_NETWORKS, complain);
  const clients = parseClients(kind, words, [...at, kind], complain);
  const clusters = parseClusters(parts.get('clusters'), [...at, 'clusters'], surroundings);
  return { clients, text: textOf(kind, words), clusters };
}

function parseClients(
  kind: (typeof KINDS)[number],
  words: readonly string[],
  at: At,
  complain: ComplainOfMap,
): MapClients {
  if (kind !== 'cidr' && words.length > MAX_RULE_ENTRIES) {
    complain(at, { expected: `at most ${MAX_RULE_ENTRIES} entries`, found: `${words.length}` });
  }
  if (kind === 'cidr') return { kind, networks: words.flatMap((word, i) => networkOf(word, [...at, i], complain)) };
  if (kind === 'asn') return { kind, numbers: words.flatMap((word, i) => asnOf(word, [...at, i], complain)) };
  return { kind, codes: words.flatMap((word, i) => codeOf(kind, word, [...at, i], complain)) };
}

function networkOf(word: string, at: At, complain: ComplainOfMap): readonly MapNetwork[] {
  const parsed = parseNetwork(word);
  if ('network' in parsed) return [parsed.network];
  complain(at, { ...parsed, found: quote(word) });
  return [];
}

function asnOf(word: string, at: At, complain: ComplainOfMap): readonly number[] {
  const number = Number(/^(?:AS)?(\d{1,10})$/i.exec(word)?.[1]);
  if (number >= 1 && number <= MAX_ASN) return [number];
  complain(at, { expected: 'an AS number such as 64500', found: quote(word) });
  return [];
}

function codeOf(kind: 'country' | 'subdivision', word: string, at: At, complain: ComplainOfMap): readonly string[] {
  const code = word.toUpperCase();
  const isFit = kind === 'country' ? code.length === 2 : /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code);
  if (isFit && continentOf(code.slice(0, 2)) !== '') return [code];
  const expected = kind === 'country' ? 'an ISO 3166 country such as CH' : 'an ISO 3166-2 subdivision such as US-CA';
  complain(at, { expected, found: quote(word) });
  return [];
}

function parseClusters(value: unknown, at: At, { clusters, complain }: MapSurroundings): readonly string[] {
  const words = wordsOf(value, at, MAX_RULE_CLUSTERS, complain);
  for (const [index, word] of words.entries()) {
    if (words.indexOf(word) < index)
      complain([...at, index], { expected: 'each cluster once', found: `${quote(word)} again` });
    if (word === THE_REST || clusters === undefined || clusters.includes(word)) continue;
    complain([...at, index], {
      expected: 'the name of a cluster, or "*"',
      found: quote(word),
      ...meant(word, clusters),
    });
  }
  return words;
}

/** A list of texts or whole numbers, as texts. */
function wordsOf(value: unknown, at: At, most: number, complain: ComplainOfMap): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0 || list.length > most) {
    complain(at, {
      expected: `a list of 1 to ${most} entries`,
      found: list.length > most ? `${list.length}` : wordsFor(value),
    });
    return [];
  }
  return list.flatMap((item, index) => {
    if (typeof item === 'string' && item !== '') return [item];
    if (Number.isSafeInteger(item)) return [String(item)];
    complain([...at, index], { expected: 'a text', found: wordsFor(item) });
    return [];
  });
}

/** Entries of a rule that its text names. */
const MAX_NAMED = 2;

function textOf(kind: string, words: readonly string[]): string {
  const named = words.slice(0, MAX_NAMED).map((word) => word.toUpperCase());
  const shown = (kind === 'cidr' ? words.slice(0, MAX_NAMED) : named).join(', ');
  return words.length > MAX_NAMED ? `${kind} ${shown} and ${words.length - MAX_NAMED} more` : `${kind} ${shown}`;
}

function meant(word: string, known: readonly string[]): { readonly suggestion?: string } {
  const near = nearest(word, known);
  return near === undefined ? {} : { suggestion: `did you mean ${quote(near)}?` };
}

function wordsFor(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : 'a mapping';
}
