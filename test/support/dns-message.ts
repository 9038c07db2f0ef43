/** DNS messages made octet by octet, right or wrong as wanted, and read by somebody else's decoder. */
import { type DecodedPacket, decode as decodePacket } from 'dns-packet';

export const QTYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  DS: 43,
  HTTPS: 65,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  CAA: 257,
} as const;

type Section = 'questions' | 'answers' | 'authorities' | 'additionals';

/** A message in parts. A count that is not given is the number of entries. */
export type MessageParts = {
  readonly id?: number;
  /** The 16 bits behind the id; without them RD=0 and opcode 0. */
  readonly flags?: number;
  readonly questions?: readonly Buffer[];
  readonly answers?: readonly Buffer[];
  readonly authorities?: readonly Buffer[];
  readonly additionals?: readonly Buffer[];
  readonly counts?: Partial<Record<Section, number>>;
  /** Octets behind the last record. */
  readonly trailer?: Buffer;
};

/** 255 octets on the wire (RFC 1035 §2.3.4), below the zone of the world. */
export const LONGEST_NAME = ['x'.repeat(60), ...Array<string>(3).fill('x'.repeat(59)), 'gslb.example'].join('.');

export const RD = 0x0100;
export const AD = 0x0020;
export const CD = 0x0010;

const SECTIONS = ['questions', 'answers', 'authorities', 'additionals'] as const;
let lastId = 0;

export function u16(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => {
    buffer.writeUInt16BE(value, i * 2);
  });
  return buffer;
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

/** Wire form of a name with its case; labels are split at dots, octets are latin1. */
export function wireName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...parts, Buffer.of(0)]);
}

export function question(name: string | Buffer, type: number, qclass = 1): Buffer {
  return Buffer.concat([typeof name === 'string' ? wireName(name) : name, u16(type, qclass)]);
}

export function record(name: string | Buffer, type: number, rclass: number, ttl: number, data: Buffer): Buffer {
  const owner = typeof name === 'string' ? wireName(name) : name;
  return Buffer.concat([owner, u16(type, rclass), u32(ttl), u16(data.length), data]);
}

export function option(code: number, data: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([u16(code, data.length), data]);
}

export type OptParts = {
  readonly size?: number;
  readonly version?: number;
  readonly flags?: number;
  readonly options?: readonly Buffer[];
  readonly owner?: string;
};

export function opt(parts: OptParts = {}): Buffer {
  const ttl = ((parts.version ?? 0) << 16) | (parts.flags ?? 0);
  const data = Buffer.concat(parts.options ?? []);
  return record(parts.owner ?? '', QTYPE.OPT, parts.size ?? 1232, ttl >>> 0, data);
}

/** Client Subnet (RFC 7871 §6); the address is cut to the prefix unless given otherwise. */
export function subnet(family: number, prefix: number, address: readonly number[], scope = 0): Buffer {
  return option(8, Buffer.concat([u16(family), Buffer.of(prefix, scope), Buffer.from(address)]));
}

export function message(parts: MessageParts): Buffer {
  lastId = (lastId + 1) & 0xffff;
  const counts = SECTIONS.map((section) => parts.counts?.[section] ?? parts[section]?.length ?? 0);
  return Buffer.concat([
    u16(parts.id ?? lastId, parts.flags ?? 0, ...counts),
    ...SECTIONS.flatMap((section) => parts[section] ?? []),
    parts.trailer ?? Buffer.alloc(0),
  ]);
}

/** An ordinary query: one question, and an OPT if asked for. */
export function query(name: string | Buffer, type: number, edns?: OptParts, parts: MessageParts = {}): Buffer {
  return message({
    questions: [question(name, type)],
    additionals: edns === undefined ? [] : [opt(edns)],
    ...parts,
  });
}

/** An OPT record as it came. */
type ReadOpt = {
  readonly size: number;
  readonly version: number;
  readonly flags: number;
  /** By code, in hexadecimal. */
  readonly options: ReadonlyMap<number, string>;
};

/** A response as it came: header bits as 0 or 1, records as dns-packet reads them, the OPT apart. */
export type Response = {
  readonly id: number;
  readonly qr: number;
  readonly opcode: number;
  readonly aa: number;
  readonly tc: number;
  readonly rd: number;
  readonly ra: number;
  readonly z: number;
  readonly ad: number;
  readonly cd: number;
  /** 12 bits with the OPT's. */
  readonly rcode: number;
  readonly counts: readonly number[];
  /** Octets behind the header, which start with the question. */
  readonly body: Buffer;
  readonly packet: DecodedPacket;
  readonly opt: ReadOpt | undefined;
  readonly octets: Buffer;
};

export function readResponse(octets: Buffer): Response {
  const flags = octets.readUInt16BE(2);
  const bit = (shift: number): number => (flags >> shift) & 1;
  const packet = decodePacket(octets);
  const found = readOpt(octets, packet);
  return {
    id: octets.readUInt16BE(0),
    qr: bit(15),
    opcode: (flags >> 11) & 0xf,
    aa: bit(10),
    tc: bit(9),
    rd: bit(8),
    ra: bit(7),
    z: bit(6),
    ad: bit(5),
    cd: bit(4),
    rcode: (flags & 0xf) | ((found?.extended ?? 0) << 4),
    counts: [4, 6, 8, 10].map((at) => octets.readUInt16BE(at)),
    body: octets.subarray(12),
    packet,
    opt: found?.opt,
    octets,
  };
}

/** Finds the OPT by its octets: root, type 41. It is the last record but for a TSIG, which no test mixes with options. */
function readOpt(octets: Buffer, packet: DecodedPacket): { opt: ReadOpt; extended: number } | undefined {
  const count = (packet.additionals ?? []).filter((additional) => additional.type === 'OPT').length;
  if (count === 0) return undefined;
  if (count > 1) throw new Error('more than one OPT in a response');
  for (let at = octets.length - 11; at >= 12; at--) {
    if (octets[at] !== 0 || octets.readUInt16BE(at + 1) !== QTYPE.OPT) continue;
    const end = at + 11 + octets.readUInt16BE(at + 9);
    const rest = octets.subarray(end);
    if (end > octets.length || (rest.length > 0 && !rest.includes(Buffer.from('00fa00ff', 'hex')))) continue;
    const options = readOptions(octets.subarray(at + 11, end));
    if (options === undefined) continue;
    const [size, extended] = [octets.readUInt16BE(at + 3), octets[at + 5] ?? 0];
    return { opt: { size, version: octets[at + 6] ?? 0, flags: octets.readUInt16BE(at + 7), options }, extended };
  }
  throw new Error('no OPT found by its octets');
}

function readOptions(data: Buffer): ReadonlyMap<number, string> | undefined {
  const options = new Map<number, string>();
  for (let at = 0; at < data.length; ) {
    if (at + 4 > data.length) return undefined;
    const end = at + 4 + data.readUInt16BE(at + 2);
    if (end > data.length) return undefined;
    options.set(data.readUInt16BE(at), data.toString('hex', at + 4, end));
    at = end;
  }
  return options;
}
