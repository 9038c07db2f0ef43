import type { Model } from '../core/desired/model.ts';
import type { CountedType, DnsCounters, DnsCounts, DnsTransport, DropReason, TcpCloseReason } from '../core/ports.ts';
import type { Exchange } from './exchange.ts';
import { HEADER_OCTETS, OPCODE } from './wire.ts';

/** What the DNS servers count: plain additions, nothing is allocated but when the model changes. */
export type DnsCounting = DnsCounters & {
  response(exchange: Exchange): void;
  drop(reason: DropReason): void;
  tcpOpened(): void;
  tcpClosed(reason: TcpCloseReason): void;
};

const TRANSPORTS = ['udp', 'tcp'] as const satisfies readonly DnsTransport[];
const TYPES: readonly CountedType[] = [
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
];
/** The type numbers of `TYPES`; 0 stands for all others. */
const TYPE_NUMBERS = [0, 1, 2, 5, 6, 15, 16, 28, 33, 43, 257, 65, 255];
const DROPS: readonly DropReason[] = ['short', 'response', 'source-port', 'busy', 'send-failed'];
const CLOSES: readonly TcpCloseReason[] = ['client', 'idle', 'slow', 'evicted', 'malformed', 'error', 'shutdown'];
const RCODES: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  9: 'NOTAUTH',
  16: 'BADVERS',
  23: 'BADCOOKIE',
};
/** Above every RCODE that is ever sent. */
const RCODE_SLOTS = 32;

const slotOfType = new Uint8Array(258);
TYPE_NUMBERS.forEach((type, slot) => {
  slotOfType[type] = slot;
});

/** Counters that start at 0. One set serves all servers of a thread. */
export function createDnsCounting(): DnsCounting {
  const responses = new Float64Array(TRANSPORTS.length * RCODE_SLOTS);
  const queries = new Float64Array(TRANSPORTS.length * TYPES.length);
  const drops = new Float64Array(DROPS.length);
  const closes = new Float64Array(CLOSES.length);
  const zones = createNameCounts((model) => model.zones.map((zone) => zone.apex));
  const clusters = createNameCounts((model) => model.clusters.map((cluster) => cluster.name));
  let truncated = 0;
  let accepted = 0;

  const response = (exchange: Exchange): void => {
    const { answer, question, snapshot } = exchange;
    const transport = exchange.transport === 'udp' ? 0 : 1;
    add(responses, transport * RCODE_SLOTS + exchange.rcode);
    if (exchange.opcode === OPCODE.query && exchange.questionEnd > HEADER_OCTETS) {
      add(queries, transport * TYPES.length + (slotOfType[question.type] ?? 0));
    }
    if (answer.truncated) truncated++;
    if (answer.zone >= 0) zones.count(snapshot.model, answer.zone);
    if (answer.cluster >= 0) clusters.count(snapshot.model, answer.cluster);
  };

  const read = (): DnsCounts => ({
    responses: TRANSPORTS.flatMap((transport, t) =>
      present(responses.subarray(t * RCODE_SLOTS, (t + 1) * RCODE_SLOTS), (count, rcode) => ({
        transport,
        rcode: RCODES[rcode] ?? `RCODE${rcode}`,
        count,
      })),
    ),
    queries: TRANSPORTS.flatMap((transport, t) =>
      present(queries.subarray(t * TYPES.length, (t + 1) * TYPES.length), (count, slot) => ({
        transport,
        type: TYPES[slot] ?? 'other',
        count,
      })),
    ),
    zones: zones.read().map(([zone, count]) => ({ zone, count })),
    clusters: clusters.read().map(([cluster, count]) => ({ cluster, count })),
    truncated,
    dropped: DROPS.map((reason, i) => ({ reason, count: drops[i] ?? 0 })),
    tcp: {
      open: accepted - closes.reduce((sum, count) => sum + count, 0),
      accepted,
      closed: CLOSES.map((reason, i) => ({ reason, count: closes[i] ?? 0 })),
    },
  });

  return {
    response,
    read,
    drop: (reason) => add(drops, DROPS.indexOf(reason)),
    tcpOpened: () => {
      accepted++;
    },
    tcpClosed: (reason) => add(closes, CLOSES.indexOf(reason)),
  };
}

function add(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

function present<T>(counts: Float64Array, row: (count: number, index: number) => T): T[] {
  return Array.from(counts, (count, index) => (count > 0 ? [row(count, index)] : [])).flat();
}

/** Counts by name while the hot path knows only indexes into the model, whose meaning changes with each model. */
function createNameCounts(namesOf: (model: Model) => readonly string[]) {
  const totals = new Map<string, number>();
  let model: Model | undefined;
  let counts = new Float64Array(0);

  /** Moves what was counted under the old indexes to the names. */
  const settle = (): void => {
    if (model === undefined) return;
    namesOf(model).forEach((name, i) => {
      totals.set(name, (totals.get(name) ?? 0) + (counts[i] ?? 0));
    });
    counts.fill(0);
  };

  return {
    count(current: Model, index: number): void {
      if (current !== model) {
        settle();
        model = current;
        counts = new Float64Array(namesOf(current).length);
      }
      add(counts, index);
    },
    read(): readonly (readonly [string, number])[] {
      settle();
      return [...totals];
    },
  };
}
