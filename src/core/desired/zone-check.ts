import { isWithin, parentOf } from './domain-name.ts';
import type { RecordData, StaticRecord } from './records.ts';

/** Something wrong between the records of a zone; `index` is the record to look at. */
export type ZoneProblem = { readonly index: number; readonly message: string };

/** The zone around one record: its owners with their records, its delegations and its own name servers. */
type Zone = {
  readonly apex: string;
  readonly byOwner: ReadonlyMap<string, readonly Entry[]>;
  readonly cuts: ReadonlySet<string>;
  readonly nameservers: ReadonlySet<string>;
};

type Entry = { readonly record: StaticRecord; readonly index: number };

/**
 * What is wrong between the static records of one zone, in the order of the records. `nameservers` are the names of the
 * zone's own name servers: their addresses are served as records, too.
 */
export function checkZone(
  records: readonly StaticRecord[],
  apex: string,
  nameservers: readonly string[] = [],
): readonly ZoneProblem[] {
  const byOwner = Map.groupBy(
    records.map((record, index): Entry => ({ record, index })),
    ({ record }) => record.owner,
  );
  const problems = [...byOwner.values()].flatMap((entries) => [
    ...aliasProblems(entries, apex),
    ...setProblems(entries),
    ...delegationProblems(entries),
  ]);
  const cuts = new Set(records.filter(({ data }) => data.type === 'NS').map(({ owner }) => owner));
  const zone: Zone = { apex, byOwner, cuts, nameservers: new Set(nameservers) };
  for (const [index, record] of records.entries()) {
    for (const message of placeProblems(record, zone)) problems.push({ index, message });
  }
  return problems.toSorted((a, b) => a.index - b.index);
}

function ofType(entries: readonly Entry[], type: RecordData['type']): readonly Entry[] {
  return entries.filter(({ record }) => record.data.type === type);
}

/** A CNAME stands alone (RFC 1034 §3.6.2, RFC 2181 §10.1). */
function aliasProblems(entries: readonly Entry[], apex: string): readonly ZoneProblem[] {
  const [first, ...more] = ofType(entries, 'CNAME');
  if (first === undefined) return [];
  const { owner } = first.record;
  const problems: ZoneProblem[] = more.map(({ index }) => ({ index, message: `${owner} has more than one CNAME` }));
  if (owner === apex) problems.push({ index: first.index, message: `${owner} is the apex and cannot be a CNAME` });
  const other = entries.find(({ record }) => record.data.type !== 'CNAME');
  if (other !== undefined) {
    problems.push({ index: first.index, message: `${owner} has a CNAME beside ${other.record.data.type}` });
  }
  return problems;
}

/** One TTL per RRset (RFC 2181 §5.2) and no record twice (§5). */
function setProblems(entries: readonly Entry[]): readonly ZoneProblem[] {
  const problems: ZoneProblem[] = [];
  const ttls = new Map<string, number>();
  const seen = new Set<string>();
  for (const { record, index } of entries) {
    const { owner, ttl, data } = record;
    const expected = ttls.get(data.type) ?? ttl;
    ttls.set(data.type, expected);
    const key = dataKey(data);
    if (seen.has(key)) problems.push({ index, message: `${owner} has the same ${data.type} record twice` });
    else if (ttl !== expected) {
      problems.push({ index, message: `${owner} ${data.type} has the TTLs ${expected} and ${ttl}: one set, one TTL` });
    }
    seen.add(key);
  }
  return problems;
}

/** Equal data, equal text. JSON has no octets. */
function dataKey(data: RecordData): string {
  return JSON.stringify(data, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
}

/** Only a delegation has a DS (RFC 4035 §2.4). */
function delegationProblems(entries: readonly Entry[]): readonly ZoneProblem[] {
  if (ofType(entries, 'NS').length > 0) return [];
  return ofType(entries, 'DS').map(({ record, index }) => ({
    index,
    message: `${record.owner} has a DS but no NS: a DS belongs to a delegation`,
  }));
}

/** What is wrong with where a record stands or points. */
function placeProblems(record: StaticRecord, zone: Zone): readonly string[] {
  const { owner, data } = record;
  const problems: string[] = [];
  const isAddress = data.type === 'A' || data.type === 'AAAA';
  const cut = delegationAbove(owner, zone.cuts, zone.apex);
  const belongsToCut = data.type === 'NS' || data.type === 'DS' || data.type === 'CNAME';
  if (cut !== undefined && !isAddress && !(cut === owner && belongsToCut)) {
    problems.push(`${owner} is behind the delegation of ${cut}: its ${data.type} is never served`);
  }
  if (zone.nameservers.has(owner) && isAddress) {
    problems.push(`${owner} is a name server of the zone: its addresses belong under \`nameservers\``);
  }
  if (zone.nameservers.has(owner) && data.type === 'CNAME') {
    problems.push(`${owner} is a name server of the zone and cannot be a CNAME`);
  }
  if (data.type === 'MX' || data.type === 'SRV' || data.type === 'NS') {
    problems.push(...targetProblems(data.type, owner, data.target, zone));
  }
  return problems;
}

/** The highest name at or above `owner`, below the apex, that has NS records. */
function delegationAbove(owner: string, cuts: ReadonlySet<string>, apex: string): string | undefined {
  let found: string | undefined;
  for (let name = owner; name !== apex && name !== ''; name = parentOf(name)) if (cuts.has(name)) found = name;
  return found;
}

/** RFC 2181 §10.3: no alias; and a delegation into itself needs glue (RFC 1034 §4.2.1). */
function targetProblems(type: 'MX' | 'SRV' | 'NS', owner: string, target: string, zone: Zone): readonly string[] {
  const entries = zone.byOwner.get(target) ?? [];
  if (ofType(entries, 'CNAME').length > 0) return [`the ${type} target ${target} is a CNAME`];
  if (type !== 'NS' || !isWithin(target, owner) || zone.nameservers.has(target)) return [];
  const hasGlue = ofType(entries, 'A').length > 0 || ofType(entries, 'AAAA').length > 0;
  return hasGlue ? [] : [`the name server ${target} lies in its own delegation and needs an A or AAAA record`];
}
