/** Random questions for all ways into the answers, the same for the same seed. */
import { message, type OptParts, opt, option, QTYPE, query, question, subnet, u16 } from '../support/dns-message.ts';

/** A source of evenly spread whole numbers below `limit`. */
export type Random = (limit: number) => number;

/** Mulberry32: small, and good enough to choose among cases. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** A question that reaches the answer table, and what `explain` is asked for the same. */
export type SoundQuestion = {
  readonly octets: Buffer;
  readonly name: string;
  readonly type: number;
  /** The client's address as text; undefined where the query names none that counts. */
  readonly client: string | undefined;
  readonly prefix: number;
  readonly keepalive: boolean;
};

const ZONE = 'gslb.example';
const LABELS = [
  '',
  'shop',
  'api',
  'kept',
  'kept',
  'all',
  'static',
  'v6',
  'www',
  'to-steered',
  'to-nowhere',
  'to-outside',
  'loop-a',
  'text',
  'caa',
  'mail',
  '_sip._tcp',
  'x.wild',
  'a.deep.ent',
  'ent',
  'child',
  'host.child',
  'ns1',
  'big',
  'huge',
  'one.apps',
  'apps',
  'missing',
];
const TYPES = [
  QTYPE.A,
  QTYPE.A,
  QTYPE.A,
  QTYPE.AAAA,
  QTYPE.AAAA,
  QTYPE.NS,
  QTYPE.CNAME,
  QTYPE.SOA,
  QTYPE.MX,
  QTYPE.TXT,
  QTYPE.SRV,
  QTYPE.DS,
  QTYPE.HTTPS,
  QTYPE.ANY,
  QTYPE.CAA,
  4711,
];
const SIZES = [0, 512, 513, 900, 1232, 1400, 4096, 65_535];
const COOKIE = 10;
const NSID = 3;
const KEEPALIVE = 11;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)]!;
}

/** A question that any client might ask, with the message id `id`. */
export function soundQuestion(random: Random, id: number): SoundQuestion {
  const label = pick(random, LABELS);
  const name = random(40) === 0 ? 'www.example.org' : label === '' ? ZONE : `${label}.${ZONE}`;
  const type = pick(random, TYPES);
  const asked = random(2) === 0 ? name : mixedCase(random, name);
  const flags = pick(random, [0, 0x0100, 0x0110, 0x0020, 0x0040]);
  if (random(4) === 0) {
    return {
      octets: query(asked, type, undefined, { id, flags }),
      name,
      type,
      client: undefined,
      prefix: 0,
      keepalive: false,
    };
  }
  const options: Buffer[] = [];
  const client = random(3) === 0 ? undefined : randomClient(random);
  if (client !== undefined) options.push(client.option);
  if (random(4) === 0) options.push(option(COOKIE, Buffer.alloc(random(2) === 0 ? 8 : 24, random(256))));
  if (random(4) === 0) options.push(option(NSID));
  const keepalive = random(8) === 0;
  if (keepalive) options.push(option(KEEPALIVE));
  if (random(8) === 0) options.push(option(65_001, Buffer.alloc(random(20))));
  const edns: OptParts = { size: pick(random, SIZES), flags: pick(random, [0, 0x8000, 0x4000]), options };
  const octets = query(asked, type, edns, { id, flags });
  return { octets, name, type, client: client?.address, prefix: client?.prefix ?? 0, keepalive };
}

/** Octets that are mostly almost a query. Where it has an id, it is `id`. */
export function unsoundMessage(random: Random, id: number): Buffer {
  const octets = random(12) === 0 ? noise(random) : mutated(random);
  if (octets.length >= 2) octets.writeUInt16BE(id, 0);
  return octets;
}

function mutated(random: Random): Buffer {
  let octets = random(3) === 0 ? strange(random) : soundQuestion(random, 0).octets;
  for (let edits = 1 + random(4); edits > 0 && octets.length > 0; edits--) {
    const at = random(octets.length);
    const before = octets.subarray(0, at);
    const after = octets.subarray(at);
    const octet = pick(random, [0, 1, 0x3f, 0x40, 0xc0, 0xff, random(256)]);
    octets = pick(random, [
      () => Buffer.concat([before, Buffer.of(octet), after.subarray(1)]),
      () => Buffer.concat([before, Buffer.of(octet), after.subarray(1)]),
      () => Buffer.concat([before, Buffer.of(octet), after]),
      () => Buffer.concat([before, after.subarray(1)]),
      () => Buffer.from(before),
    ])();
  }
  return octets;
}

function strange(random: Random): Buffer {
  const asked = question(
    mixedCase(random, `${pick(random, LABELS)}.${ZONE}`),
    random(300),
    pick(random, [1, 1, 3, 4, 255]),
  );
  return message({
    flags: random(16) << 11,
    questions: pick(random, [[asked], [asked], [asked, asked], []]),
    additionals: pick(random, [[], [opt({ version: random(3) })], [opt(), opt()], [opt({ owner: 'x' })]]),
    trailer: Buffer.alloc(random(20) === 0 ? 3 : 0),
  });
}

function noise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random(200) }, () => random(256)));
}

function mixedCase(random: Random, name: string): string {
  return Array.from(name, (letter) => (random(2) === 0 ? letter : letter.toUpperCase())).join('');
}

/** A subnet inside or outside the networks of the world; host bits are 0, as RFC 7871 §6 asks. */
function randomClient(random: Random): { address: string; prefix: number; option: Buffer } {
  if (random(3) > 0) {
    const prefix = pick(random, [0, 8, 16, 20, 24, 25, 32]);
    const full = pick(random, [
      [192, 0, 2, random(256)],
      [198, 51, 100, random(256)],
      [203, 0, 112 + random(16), random(256)],
      [random(224), random(256), random(256), random(256)],
    ]);
    const octets = masked(full, prefix);
    return { address: octets.join('.'), prefix, option: subnet(1, prefix, octets.slice(0, Math.ceil(prefix / 8))) };
  }
  const prefix = pick(random, [0, 32, 48, 56, 64, 128]);
  const full = [0x20, 0x01, 0x0d, 0xb8, 0, random(4), random(2), ...Array.from({ length: 9 }, () => random(256))];
  const octets = masked(full, prefix);
  const groups = Array.from({ length: 8 }, (_, i) => u16Of(octets, i * 2).toString(16));
  return { address: groups.join(':'), prefix, option: subnet(2, prefix, octets.slice(0, Math.ceil(prefix / 8))) };
}

function masked(octets: readonly number[], prefix: number): number[] {
  return octets.map((octet, i) => octet & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))) & 0xff);
}

function u16Of(octets: readonly number[], at: number): number {
  return Buffer.from(octets).readUInt16BE(at);
}

/** The longest message there is with this id: nothing but to mark an end. */
export function sentinel(id: number): Buffer {
  return Buffer.concat([u16(id, 0, 1, 0, 0, 0), question('sentinel.invalid', QTYPE.A)]);
}
