/** Custom maps: who of the clients is sent to which clusters first, whatever the distances and weights. */

/** Most maps of one configuration. */
export const MAX_MAPS = 16;
/** Most rules of one map. */
export const MAX_RULES = 1000;
/** Most networks in all rules of one map. */
export const MAX_NETWORKS = 50_000;
/** Most entries of a rule that are not networks: AS numbers, countries, subdivisions. */
export const MAX_RULE_ENTRIES = 10_000;
/** Most clusters that one rule names. */
export const MAX_RULE_CLUSTERS = 64;

/** One network: 4 or 16 octets and the length of its prefix in bits, 0–32 or 0–64. */
export type MapNetwork = { readonly family: 4 | 6; readonly octets: Uint8Array; readonly length: number };

/** Whom a rule is for. AS numbers are 32-bit (RFC 6793); subdivisions are ISO 3166-2 codes such as `US-CA`. */
export type MapClients =
  | { readonly kind: 'cidr'; readonly networks: readonly MapNetwork[] }
  | { readonly kind: 'asn'; readonly numbers: readonly number[] }
  | { readonly kind: 'country' | 'subdivision'; readonly codes: readonly string[] };

/** One rule: its clients are sent to the first of the clusters that is usable; `*` stands for all that are not named. */
export type MapRule = {
  readonly clients: MapClients;
  /** The clients in a few words, such as `asn 64500`. */
  readonly text: string;
  readonly clusters: readonly string[];
};

/** One map. Its rules are asked in their order; of networks the most specific one speaks. */
export type ClientMap = { readonly name: string; readonly rules: readonly MapRule[] };

/** What stands for all clusters that a rule does not name. */
export const THE_REST = '*';

/** Whether a text can be the name of a map: it stands in annotations and messages. */
export function isMapName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text) && text !== NO_MAP;
}

/** What an annotation says where a hostname is to have no map, whatever its zone has. */
export const NO_MAP = 'none';
