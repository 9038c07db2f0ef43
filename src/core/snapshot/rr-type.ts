/** Numbers of the RR types that the answer table knows (IANA DNS parameters; RFC 1035 §3.2.2 and later). */
export const RR_TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  ANY: 255,
  CAA: 257,
} as const;

/** The Internet class, the only one served. */
export const CLASS_IN = 1;

const NAME_OF = new Map<number, string>(Object.entries(RR_TYPE).map(([name, type]) => [type, name]));

/** The type's mnemonic, or `TYPE65280` for one that has none here (RFC 3597 §5). */
export function typeName(type: number): string {
  return NAME_OF.get(type) ?? `TYPE${type}`;
}
