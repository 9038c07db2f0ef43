import type { CountedType, DnsTransport, DropReason, TcpCloseReason } from '../core/dns-ports.ts';
import type { Exchange } from './exchange.ts';
import { countAsked, createMixBlock, type MixBlock } from './query-mix.ts';
import { HEADER_OCTETS, OPCODE } from './wire.ts';

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
/** Above every RCODE that is ever sent. */
export const RCODE_SLOTS = 32;

/** Where each group of counters begins in a block; zones and then clusters are behind all others. */
export const GROUP = {
  responses: 0,
  queries: TRANSPORTS.length * RCODE_SLOTS,
  drops: TRANSPORTS.length * (RCODE_SLOTS + TYPES.length),
  closes: TRANSPORTS.length * (RCODE_SLOTS + TYPES.length) + DROPS.length,
  truncated: TRANSPORTS.length * (RCODE_SLOTS + TYPES.length) + DROPS.length + CLOSES.length,
  accepted: TRANSPORTS.length * (RCODE_SLOTS + TYPES.length) + DROPS.length + CLOSES.length + 1,
  zones: TRANSPORTS.length * (RCODE_SLOTS + TYPES.length) + DROPS.length + CLOSES.length + 2,
} as const;

/** Counters behind the last, unused, so that two threads never write to one cache line. */
const PADDING = 16;

const slotOfType = new Uint8Array(258);
TYPE_NUMBERS.forEach((type, slot) => {
  slotOfType[type] = slot;
});

/** A block at 0 with room for so many zones and clusters. */
export function createCountsBlock(zones: number, clusters: number): CountsBlock {
  const length = GROUP.zones + zones + clusters + PADDING;
  const totals = new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
  return { totals, mix: createMixBlock() };
}

/** Counts into a block. `zones` is how many the block has room for. */
export function countInto({ totals: block, mix }: CountsBlock, zones: number): DnsCounting {
  const clusters = GROUP.zones + zones;

  const response = (exchange: Exchange): void => {
    const { answer, question } = exchange;
    const transport = exchange.transport === 'udp' ? 0 : 1;
    add(block, GROUP.responses + transport * RCODE_SLOTS + exchange.rcode);
    if (exchange.opcode === OPCODE.query && exchange.questionEnd > HEADER_OCTETS) {
      add(block, GROUP.queries + transport * TYPES.length + slotOf(question.type));
    }
    if (answer.truncated) add(block, GROUP.truncated);
    if (answer.zone >= 0) add(block, GROUP.zones + answer.zone);
    if (answer.cluster >= 0) add(block, clusters + answer.cluster);
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
