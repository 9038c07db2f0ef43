import { percentile } from '../control/report.ts';
import type { Machine } from '../machine.ts';
import { machineText } from '../page.ts';
import { digits, markdownTable, median } from '../report.ts';
import { CHANGES_PER_S, type ChurnFigures, type Sample } from './churn.ts';
import type { FleetSize } from './fleet.ts';
import type { Holding, SyncFigures } from './watched-director.ts';

/** A director that has read everything and is left alone. */
export type SteadyFigures = {
  readonly seconds: number;
  /** CPU in cores. */
  readonly cores: number;
  /** At the end of these seconds. */
  readonly holding: Holding;
};

/** All that was measured. The director of each sync is a new one; the last goes on. */
type ClusterFigures = {
  readonly size: FleetSize;
  readonly syncs: readonly SyncFigures[];
  readonly steady: SteadyFigures;
  readonly churn: ChurnFigures;
};

/** What a sample holds, in the unit that is shown. */
const FIGURES: readonly (readonly [what: string, decimals: number, figure: (sample: Holding) => number])[] = [
  ['RSS MB', 1, ({ rss }) => rss / 1e6],
  ['heap MB', 1, ({ heap }) => heap / 1e6],
  ['connections to the API servers', 0, ({ connections }) => connections],
  ['open files and sockets', 0, ({ descriptors }) => descriptors],
];

/** The part of `docs/benchmarks.md` on live clusters, without its heading. */
export function clustersPart(machine: Machine, figures: ClusterFigures, remark: string): string {
  const { size, syncs, steady, churn } = figures;
  const { servers, clusters, routes } = size;
  return `${machineText(machine)}${remark === '' ? '' : `\n**${remark}**\n`}
${clusters} clusters with ${digits(routes, 0)} HTTPRoutes each, ${digits(clusters * routes, 0)} hostnames in all, on ${servers} real API servers: a cluster is a
namespace of one of them, with connections and watches of its own as if it had a server to itself. The API servers, etcd
and what changes the objects run on the same cores as the director, which takes more from it than servers elsewhere would.

First sync, from the start of the process to a right answer for the last Route of every cluster, without anything saved
by an earlier run: **${digits(median(syncs.map(({ syncMs }) => syncMs)) / 1000, 1)} s** (median of ${syncs.length}; ${syncs.map(({ syncMs }) => digits(syncMs / 1000, 1)).join(', ')}; wanted: 15 s), which takes the director
${digits(median(syncs.map(({ cpuS }) => cpuS)), 1)} s of CPU. Left alone for ${steady.seconds} s it uses ${digits(steady.cores * 100, 1)} % of a core, ${digits(steady.holding.rss / 1e6, 0)} MB of RSS, ${digits(steady.holding.heap / 1e6, 0)} MB of heap and
${steady.holding.connections} connections to the API servers.

### Churn

${digits(churn.minutes, 1)} minutes of ${CHANGES_PER_S} changes a second over all clusters: weights, and in each tenth round a Route deleted and created
again. ${digits(churn.changes, 0)} changes, ${churn.failures} of which the API servers did not take; ${digits(churn.cores * 100, 0)} % of a core. Deleted Route → first answer
without it: p50 ${digits(median(churn.goneMs), 0)} ms, p99 ${digits(percentile(churn.goneMs, 0.99), 0)} ms, of ${churn.goneMs.length}. Afterwards all hostnames are there, and ${churn.compared - churn.wrong} of ${churn.compared} weights are those
that were written last.

${churnTable(churn.samples)}

Medians of the samples of each tenth. The slope is the median of those between all pairs of samples of the second half: what
grows without end shows there, while the first half is still warming up.
`;
}

function churnTable(samples: readonly Sample[]): string {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const middle = Math.floor(samples.length / 2);
  const rows = FIGURES.map(([what, decimals, figure]) => {
    const values = samples.map(figure);
    const parts = [values.slice(0, tenth), values.slice(middle, middle + tenth), values.slice(-tenth)].map(median);
    const cells = [...parts, Math.min(...values), Math.max(...values)].map((value) => digits(value, decimals));
    return [what, ...cells, digits(slopePerMinute(samples.slice(middle), figure), 2)];
  });
  return markdownTable(['what', 'first tenth', 'halfway', 'last tenth', 'least', 'most', 'slope per minute'], rows);
}

/** How much a figure grows in a minute: the median over all pairs (Theil and Sen), which a few outliers do not move. */
function slopePerMinute(samples: readonly Sample[], figure: (sample: Holding) => number): number {
  const slopes = samples.flatMap((later, index) =>
    samples.slice(0, index).map((sooner) => ((figure(later) - figure(sooner)) * 60_000) / (later.at - sooner.at)),
  );
  return median(slopes);
}
