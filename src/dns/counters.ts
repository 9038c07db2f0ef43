import type { DnsCounters, DnsCounts, QueryCounts } from '../core/dns-ports.ts';
import {
  CLOSES,
  type CountsBlock,
  clustersAt,
  countInto,
  createCountsBlock,
  type DnsCounting,
  DROPS,
  EXCEPTIONS,
  GROUP,
  RCODE_SLOTS,
  RESULTS,
  TRANSPORTS,
  TYPES,
} from './counts-block.ts';
import { queryCounts } from './query-mix.ts';
import { RCODE } from './wire.ts';

/** Most clusters beside the configured ones, by name and since the start, that are counted each; the rest count as one. */
export const MAX_LATER_CLUSTERS = 256;
/** All later clusters that have no counter of their own; no cluster can be called so. */
const OTHERS = '(others)';

/**
 * The zones and clusters in the order of the model. The configuration fixes both for the life of the process; `later`
 * keeps room for clusters that come afterwards.
 */
export type CountedNames = {
  readonly zones: readonly string[];
  readonly clusters: readonly string[];
  /** `none` unless clusters may come. */
  readonly later?: 'none' | 'some';
};

/** The counters of all threads: its own for this thread, and a block for each other. */
export type DnsTotals = DnsCounting &
  DnsCounters & {
    readonly names: CountedNames;
    /** The slot of a cluster that came later: the same one for the same name, however often it comes and goes. */
    slotOf(cluster: string): number;
    /** What was asked for. */
    readonly asked: () => QueryCounts;
    /** A new block for a thread; it counts from then on. */
    addBlock(): CountsBlock;
  };

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

/** Up to this RCODE (REFUSED) responses are told of also at 0. */
const LAST_USUAL_RCODE = RCODE.refused;
/** So many of the first of `RESULTS` are told of also at 0: what a zone or a type of ours can be answered with. */
const USUAL_RESULTS = 3;

/** Counters that start at 0. One set serves all servers of a process. */
export function createDnsTotals(names: CountedNames): DnsTotals {
  const { zones } = names;
  const clusters = [...names.clusters];
  const most = clusters.length + (names.later === 'some' ? MAX_LATER_CLUSTERS : 0);
  const addBlock = (): CountsBlock => {
    const block = createCountsBlock(zones.length, names.later === 'some' ? most + 1 : most);
    blocks.push(block);
    return block;
  };
  const blocks: CountsBlock[] = [];
  const own = countInto(addBlock(), zones.length);
  return {
    ...own,
    names,
    addBlock,
    slotOf(cluster) {
      const known = clusters.indexOf(cluster);
      if (known >= 0) return known;
      // The last slot is for all who come too late.
      if (clusters.length >= most) clusters[most] = OTHERS;
      else clusters.push(cluster);
      return clusters.length - 1;
    },
    read: () => reading(sum(blocks), { zones, clusters }),
    asked: () => queryCounts(blocks.map(({ mix }) => mix)),
  };
}

function sum(blocks: readonly CountsBlock[]): Float64Array {
  const total = new Float64Array(blocks[0]?.totals.length ?? 0);
  for (const { totals } of blocks) {
    for (let i = 0; i < total.length; i++) total[i] = (total[i] ?? 0) + (totals[i] ?? 0);
  }
  return total;
}

function reading(total: Float64Array, { zones, clusters }: CountedNames): DnsCounts {
  const at = (index: number): number => total[index] ?? 0;
  const group = (start: number, length: number): Float64Array => total.subarray(start, start + length);
  const results = (start: number, row: number) =>
    present(group(start + row * RESULTS.length, RESULTS.length), USUAL_RESULTS, (count, slot) => ({
      rcode: RESULTS[slot] ?? 'other',
      count,
    }));
  const closed = CLOSES.map((reason, i) => ({ reason, count: at(GROUP.closes + i) }));
  const accepted = at(GROUP.accepted);
  return {
    responses: TRANSPORTS.flatMap((transport, t) =>
      present(group(GROUP.responses + t * RCODE_SLOTS, RCODE_SLOTS), LAST_USUAL_RCODE + 1, (count, rcode) => ({
        transport,
        rcode: RCODES[rcode] ?? `RCODE${rcode}`,
        count,
      })),
    ),
    queries: TRANSPORTS.flatMap((transport, t) =>
      present(group(GROUP.queries + t * TYPES.length, TYPES.length), 0, (count, slot) => ({
        transport,
        type: TYPES[slot] ?? 'other',
        count,
      })),
    ),
    types: TYPES.flatMap((type, i) => results(GROUP.types, i).map((each) => ({ type, ...each }))),
    zones: zones.flatMap((zone, i) => results(GROUP.zones, i).map((each) => ({ zone, ...each }))),
    clusters: clusters.map((cluster, i) => ({ cluster, count: at(clustersAt(zones.length) + i) })),
    exceptional: EXCEPTIONS.map((reason, i) => ({ reason, count: at(GROUP.exceptions + i) })),
    truncated: at(GROUP.truncated),
    dropped: DROPS.map((reason, i) => ({ reason, count: at(GROUP.drops + i) })),
    tcp: { open: accepted - closed.reduce((count, each) => count + each.count, 0), accepted, closed },
  };
}

/** The rows of what was counted, and of the first ones also at 0: what has no series yet cannot be seen to grow. */
function present<T>(counts: Float64Array, always: number, row: (count: number, index: number) => T): T[] {
  return Array.from(counts, (count, index) => (index < always || count > 0 ? [row(count, index)] : [])).flat();
}
