import { ANY_HOSTNAME, parseHostname } from '../gateway-api/hostnames.ts';
import type { GatewayApiObject } from '../gateway-api/objects.ts';
import { quote } from '../quote.ts';
import type { HostnameSource, Reading, Say } from './vocabulary.ts';

/** Most hostnames that the annotations of one Route add. */
const MAX_ADDED = 16;

/** What the annotations of an object say about its hostnames, each with the annotation as it is shown. */
export type NamesSaid = {
  readonly added: { readonly said: string; readonly words: readonly string[] }[];
  readonly sources: { readonly said: string; readonly source: HostnameSource }[];
};

/** Notes what one annotation says. */
export function noteNames(
  names: NamesSaid,
  said: string,
  reading: Reading & { readonly kind: 'hostnames' | 'hostname-source' },
): void {
  if (reading.kind === 'hostnames') names.added.push({ said, words: reading.words });
  else names.sources.push({ said, source: reading.source });
}

/** The object with the hostnames that are served. Of annotations that restrict them the first decides. */
export function withNames(object: GatewayApiObject, names: NamesSaid, say: Say): GatewayApiObject {
  if (!('parents' in object) || (names.added.length === 0 && names.sources.length === 0)) return object;
  const source = decideSource(names, say);
  const spec = object.hostnames === 'any' ? [] : object.hostnames;
  if (source === 'defined-hosts-only') {
    for (const { said } of names.added) say('annotation-unneeded', `${said} is not read: ${source} beside it`);
    return { ...object, hostnames: Object.freeze(spec) };
  }
  const added = new Set<string>();
  for (const { said, words } of names.added) addNames(said, words, added, say);
  if (source === 'annotation-only') return { ...object, hostnames: Object.freeze([...added]) };
  if (added.size === 0) return object;
  // A Route without hostnames keeps those of its listeners, as in external-dns.
  const kept = object.hostnames === 'any' ? [ANY_HOSTNAME] : spec;
  return { ...object, hostnames: Object.freeze([...new Set([...kept, ...added])]) };
}

function decideSource({ sources }: NamesSaid, say: Say): HostnameSource | 'both' {
  const [first, ...rest] = sources;
  if (first === undefined) return 'both';
  say('annotation-translated', `${first.said} restricts the hostnames of the Route that are served`);
  for (const { said } of rest) say('annotation-unneeded', `${said} is not read: ${first.said} comes first`);
  return first.source;
}

function addNames(said: string, words: readonly string[], added: Set<string>, say: Say): void {
  const left: string[] = [];
  let taken = 0;
  for (const word of words) {
    const name = parseHostname(word);
    if (name === undefined || (added.size >= MAX_ADDED && !added.has(name))) left.push(word);
    else {
      added.add(name);
      taken += 1;
    }
  }
  if (taken > 0) {
    const message = `${said} adds ${taken === 1 ? 'a hostname' : `${taken} hostnames`} to the Route`;
    say('annotation-translated', message, 'write into spec.hostnames what the Gateway is to route');
  }
  const [first] = left;
  if (first !== undefined) {
    const more = left.length > 1 ? ` and ${left.length - 1} more` : '';
    const suggestion = `at most ${MAX_ADDED} valid DNS names are added to a Route`;
    say('annotation-untranslated', `${said}: ${quote(first)}${more} left out`, suggestion);
  } else if (taken === 0) say('annotation-unneeded', `${said} names nothing`);
}
