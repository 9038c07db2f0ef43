import type { ZoneSpec } from '../desired/model.ts';
import type { StaticRecord } from '../desired/records.ts';
import { NONE } from './layout.ts';
import { encodeRdata, encodeSoa, type Rdata } from './rdata.ts';
import { RR_TYPE } from './rr-type.ts';
import type { ZoneMap } from './zone-map.ts';

/** One static RRset: one TTL for all (RFC 2181 §5.2), no record twice (§5). */
export type RrSet = { readonly type: number; ttl: number; readonly rdata: Rdata[] };
/** The RRsets of one owner by type. */
export type RrSets = ReadonlyMap<number, RrSet>;
/** All static RRsets of all zones by owner. */
export type StaticOwners = ReadonlyMap<string, RrSets>;

type Collected = Map<string, Map<number, RrSet>>;

/** Everything the zones hold by configuration: SOA and NS, their records, the addresses of their name servers. */
export function staticOwners(specs: readonly ZoneSpec[], zones: ZoneMap): StaticOwners {
  const owners: Collected = new Map();
  for (const [zone, spec] of specs.entries()) {
    add(owners, spec.apex, spec.soa.ttl, { type: RR_TYPE.SOA, octets: encodeSoa(spec.soa) });
    for (const { name } of spec.nameservers) {
      add(owners, spec.apex, spec.nsTtl, encodeRdata({ type: 'NS', target: name }));
    }
    for (const record of spec.records) {
      if (isHere(record, zone, zones)) add(owners, record.owner, record.ttl, encodeRdata(record.data));
    }
  }
  addServerAddresses(owners, specs, zones);
  return owners;
}

/**
 * Whether a record counts. Not those that lie in another zone (outside, or in a zone of their own below), with one
 * exception: DS at the apex of a child zone belongs to the parent (RFC 4035 §2.4), and to nobody else. What NS means at
 * a wildcard is undefined (RFC 4592 §4.2), so neither NS nor DS counts there.
 */
function isHere({ owner, data }: StaticRecord, zone: number, zones: ZoneMap): boolean {
  const home = zones.zoneOf(owner);
  if (home === NONE) return false;
  if ((data.type === 'NS' || data.type === 'DS') && isWildcard(owner)) return false;
  if (data.type === 'DS' && owner === zones.apexes[home]) return zones.parents[home] === zone;
  return home === zone;
}

/** Name servers in our zones are names like any others; records written by hand win. */
function addServerAddresses(owners: Collected, specs: readonly ZoneSpec[], zones: ZoneMap): void {
  const found: Collected = new Map();
  for (const { nameservers, nsTtl } of specs) {
    for (const { name, addresses } of nameservers) {
      if (zones.zoneOf(name) === NONE) continue;
      for (const address of addresses) {
        const type = address.includes(':') ? 'AAAA' : 'A';
        add(found, name, nsTtl, encodeRdata({ type, address }));
      }
    }
  }
  for (const [name, sets] of found) {
    for (const [type, set] of sets) {
      if (owners.get(name)?.has(type) !== true) for (const rdata of set.rdata) add(owners, name, set.ttl, rdata);
    }
  }
}

function add(owners: Collected, owner: string, ttl: number, rdata: Rdata | undefined): void {
  if (rdata === undefined) return;
  const sets = owners.get(owner) ?? new Map<number, RrSet>();
  owners.set(owner, sets);
  const set = sets.get(rdata.type);
  if (set === undefined) sets.set(rdata.type, { type: rdata.type, ttl, rdata: [rdata] });
  else if (isSingle(rdata.type) || set.rdata.some((other) => sameOctets(other.octets, rdata.octets))) return;
  else {
    set.ttl = Math.min(set.ttl, ttl);
    set.rdata.push(rdata);
  }
}

/** An owner has one alias (RFC 1034 §3.6.2) and one SOA at most. */
function isSingle(type: number): boolean {
  return type === RR_TYPE.CNAME || type === RR_TYPE.SOA;
}

function isWildcard(name: string): boolean {
  return name === '*' || name.startsWith('*.');
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
