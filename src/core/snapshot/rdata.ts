import { parseAddress } from '../desired/address.ts';
import { nameToWire } from '../desired/domain-name.ts';
import type { SoaSpec } from '../desired/model.ts';
import type { RecordData } from '../desired/records.ts';
import { RECORD_HEAD } from './layout.ts';
import { CLASS_IN, RR_TYPE } from './rr-type.ts';

/** Rdata in wire form, names never compressed (RFC 3597 §4). */
export type Rdata = {
  readonly type: number;
  readonly octets: Uint8Array;
  /** The name in it whose addresses a client will want next, and where in `octets` it starts. */
  readonly target?: { readonly name: string; readonly at: number };
};

/** Octets in one character-string (RFC 1035 §3.3). */
const MAX_STRING = 255;
/** Octets of rdata that a 16-bit length can say. */
const MAX_RDATA = 65_535;

/** Wire form of a static record's data, or undefined where it has none (a field out of range). */
export function encodeRdata(data: RecordData): Rdata | undefined {
  const type = RR_TYPE[data.type];
  switch (data.type) {
    case 'A':
    case 'AAAA': {
      const address = parseAddress(data.address);
      const family = data.type === 'A' ? 4 : 6;
      return address?.family === family ? { type, octets: address.octets } : undefined;
    }
    case 'CNAME':
    case 'NS':
      return withTarget(type, [], data.target);
    case 'MX':
      return withTarget(type, u16(data.preference), data.target);
    case 'SRV':
      return withTarget(type, [...u16(data.priority), ...u16(data.weight), ...u16(data.port)], data.target);
    case 'TXT':
      return bounded(type, characterStrings(data.strings));
    case 'CAA':
      return bounded(type, caa(data.flags, data.tag, data.value));
    case 'DS':
      break;
  }
  return bounded(type, [...u16(data.keyTag), data.algorithm, data.digestType, ...data.digest]);
}

/**
 * SOA rdata (RFC 1035 §3.3.13) with serial 0: the number is written over it in the answer, `SOA_SERIAL_FROM_END` octets
 * before the end. A name that is none becomes the root.
 */
export function encodeSoa(soa: SoaSpec): Uint8Array {
  const root = Uint8Array.of(0);
  const fields = [0, soa.refresh, soa.retry, soa.expire, soa.minimum].flatMap(u32);
  return Uint8Array.of(...(nameToWire(soa.mname) ?? root), ...(nameToWire(soa.rname) ?? root), ...fields);
}

/** A record without its owner: type, class, TTL, length, rdata. */
export function encodeRecord(type: number, ttl: number, rdata: Uint8Array): Uint8Array {
  const record = new Uint8Array(RECORD_HEAD + rdata.length);
  record.set([...u16(type), ...u16(CLASS_IN), ...u32(ttl), ...u16(rdata.length)]);
  record.set(rdata, RECORD_HEAD);
  return record;
}

function withTarget(type: number, head: readonly number[], target: string): Rdata | undefined {
  const wire = nameToWire(target);
  if (wire === undefined) return undefined;
  return { type, octets: Uint8Array.of(...head, ...wire), target: { name: target, at: head.length } };
}

function bounded(type: number, octets: readonly number[] | undefined): Rdata | undefined {
  if (octets === undefined || octets.length > MAX_RDATA) return undefined;
  return { type, octets: Uint8Array.from(octets) };
}

/** At least one string is required (RFC 1035 §3.3.14). */
function characterStrings(strings: readonly Uint8Array[]): number[] | undefined {
  if (strings.length === 0 || strings.some((text) => text.length > MAX_STRING)) return undefined;
  return strings.flatMap((text) => [text.length, ...text]);
}

/** RFC 8659 §4.1. */
function caa(flags: number, tag: string, value: Uint8Array): number[] | undefined {
  if (tag.length === 0 || tag.length > MAX_STRING) return undefined;
  return [flags, tag.length, ...Array.from(tag, (letter) => letter.charCodeAt(0)), ...value];
}

function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}
