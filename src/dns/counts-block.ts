import type { CountedResult, CountedType, DnsTransport, DropReason, TcpCloseReason } from '../core/dns-ports.ts';
import { DECISION_REASONS } from '../core/steering/decision.ts';
import type { Exchange } from './exchange.ts';
import { countAsked, createMixBlock, type MixBlock } from './query-mix.ts';
import { HEADER_OCTETS, OPCODE, RCODE } from './wire.ts';

/**
 * The counters of one thread, in shared memory. Only their owner writes them, without atomics: a reader may be a moment
 * late, never wrong, because an aligned load of 64 bits is whole on every machine that we run on.
 */
export type CountsBlock = {
  readonly totals: Float64Array<SharedArrayBuffer>;
  readonly mix: MixBlock;
};

/** What a thread does to its counters: plain additions, nothing is allocated. */
export type DnsCounting = {
  response(exchange: Exchange): void;
  drop(reason: DropReason): void;
  tcpOpened(): void;
  tcpClosed(reason: TcpCloseReason): void;
};

/** The order of the counters. */
export const TRANSPORTS = ['udp', 'tcp'] as const satisfies readonly DnsTransport[];
/** The same of the question types. */
export const TYPES = [
  'other',
  'A',
  'NS',
  'CNAME',
  'SOA',
  'MX',
  'TXT',
  'AAAA',
  'SRV',
  'DS',
  'CAA',
  'HTTPS',
  'ANY',
] as const satisfies readonly CountedType[];
/** The type numbers of `TYPES`; 0 stands for all others. */
const TYPE_NUMBERS = [0, 1, 2, 5, 6, 15, 16, 28, 33, 43, 257, 65, 255];
/** The same of the reasons to drop. */
export const DROPS = [
  'short',
  'oversize',
  'response',
  'source-port',
  'busy',
  'send-failed',
] as const satisfies readonly DropReason[];
/** The same of the ends of connections. */
export const CLOSES = [
  'client',
  'idle',
  'slow',
  'evicted',
  'malformed',
  'error',
  'shutdown',
] as const satisfies readonly TcpCloseReason[];
/** The same of the reasons of steered answers; the first of them all is the ordinary case, which has no counter. */
export const [, ...EXCEPTIONS] = DECISION_REASONS;
/** Above every RCODE that is ever sent. */
export const RCODE_SLOTS = 32;
/** The order of the RCODEs by which zones and types are counted. */
export const RESULTS = [
  'NOERROR',
  'NXDOMAIN',
  'SERVFAIL',
  'REFUSED',
  'other',
] as const satisfies readonly CountedResult[];

/** Where each group of counters begins in a block; zones and then clusters are behind all others. */
export const GROUP = groupsOf({
  responses: TRANSPORTS.length * RCODE_SLOTS,
  queries: TRANSPORTS.length * TYPES.length,
  drops: DROPS.length,
  closes: CLOSES.length,
  truncated: 1,
  accepted: 1,
  exceptions: EXCEPTIONS.length,
  types: TYPES.length * RESULTS.length,
  zones: 0,
});

/** Where the clusters begin in a block with room for so many zones. */
export function clustersAt(zones: number): number {
  return GROUP.zones + zones * RESULTS.length;
}

/** One behind the other, in the order of the keys. */
function groupsOf<Name extends string>(lengths: Readonly<Record<Name, number>>): Readonly<Record<Name, number>> {
  let start = 0;
  const starts: Record<Name, number> = { ...lengths };
  for (const name in lengths) {
    starts[name] = start;
    start += lengths[name];
  }
  return Object.freeze(starts);
}

/** Counters behind the last, unused, so that two threads never write to one cache line. */
const PADDING = 16;

const slotOfType = new Uint8Array(258);
TYPE_NUMBERS.forEach((type, slot) => {
  slotOfType[type] = slot;
});

/** The place of each RCODE in `RESULTS`. */
const resultOf = new Uint8Array(RCODE_SLOTS).fill(RESULTS.indexOf('other'));
resultOf[RCODE.noError] = RESULTS.indexOf('NOERROR');
resultOf[RCODE.nxDomain] = RESULTS.indexOf('NXDOMAIN');
resultOf[RCODE.servFail] = RESULTS.indexOf('SERVFAIL');
resultOf[RCODE.refused] = RESULTS.indexOf('REFUSED');

/** A block at 0 with room for so many zones and clusters. */
export function createCountsBlock(zones: number, clusters: number): CountsBlock {
  const length = clustersAt(zones) + clusters + PADDING;
  const totals = new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
  return { totals, mix: createMixBlock() };
}

/** Counts into a block. `zones` is how many the block has room for. */
export function countInto({ totals: block, mix }: CountsBlock, zones: number): DnsCounting {
  const clusters = clustersAt(zones);

  const response = (exchange: Exchange): void => {
    const { answer, question } = exchange;
    const transport = exchange.transport === 'udp' ? 0 : 1;
    const type = slotOf(question.type);
    const result = resultOf[exchange.rcode]!;
    add(block, GROUP.responses + transport * RCODE_SLOTS + exchange.rcode);
    add(block, GROUP.types + type * RESULTS.length + result);
    if (exchange.opcode === OPCODE.query && exchange.questionEnd > HEADER_OCTETS) {
      add(block, GROUP.queries + transport * TYPES.length + type);
    }
    if (answer.truncated) add(block, GROUP.truncated);
    if (answer.zone >= 0) add(block, GROUP.zones + answer.zone * RESULTS.length + result);
    if (answer.cluster >= 0) add(block, clusters + answer.cluster);
    if (answer.reason > 0) add(block, GROUP.exceptions + answer.reason - 1);
    if (answer.target >= 0) countAsked(mix, exchange);
  };

  return {
    response,
    drop: (reason) => add(block, GROUP.drops + DROPS.indexOf(reason)),
    tcpOpened: () => add(block, GROUP.accepted),
    tcpClosed: (reason) => add(block, GROUP.closes + CLOSES.indexOf(reason)),
  };
}

function slotOf(type: number): number {
  return type < slotOfType.length ? slotOfType[type]! : 0;
}

function add(block: CountsBlock['totals'], index: number): void {
  block[index]! += 1;
}
