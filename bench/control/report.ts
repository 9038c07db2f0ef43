import type { Machine } from '../machine.ts';
import { machineText } from '../page.ts';
import { digits, markdownTable, median } from '../report.ts';
import type { DirectorFigures, Size } from './director.ts';
import type { ProbeFigures } from './probes.ts';

/** A size that could not be measured, and why. */
export type Missed = Size & { readonly why: string };

/** The part of `docs/benchmarks.md` on all that is no query, without its heading. */
export function restPart(
  machine: Machine,
  { directors, missed }: { readonly directors: readonly DirectorFigures[]; readonly missed: readonly Missed[] },
  probes: readonly ProbeFigures[],
  remark: string,
): string {
  const [first] = directors;
  return `${machineText(machine)}${remark === '' ? '' : `\n**${remark}**\n`}
A whole director (engine: ${first?.engine ?? 'none'}, one worker) in a process of its own, reading what \`kubectl get -o json\` prints: in each
cluster one HTTPRoute per name and ${digits(first?.gateways ?? 0, 0)} Gateways, each with a monitor. *Start*: from the start of the process to a right
answer for the last name. *Flip*: from one failed probe of a Gateway, which all its names share, to the first changed answer
in the hands of a client in the same process; 20 ms of it is the time in which the director gathers further changes.
The prober is told what to say. The city database is made up and small; a real one brings some ten MB of place table with it, and its places.

${directorTable(directors)}
${missed.map(({ names, clusters, why }) => `\nNot measured: ${digits(names, 0)} names in ${clusters} clusters (${why}).\n`).join('')}
100,000 names in 50 clusters are 5,000,000 Routes and 11 GB of manifests: more than a
director reads, so they are not measured here.

The prober against servers in another thread of this machine; CPU of the prober's thread, so 1,000,000 divided by it is
what a core of its own would do.

${probeTable(probes)}
`;
}

function directorTable(directors: readonly DirectorFigures[]): string {
  const head = [
    'names',
    'clusters',
    'start s',
    'RSS MB',
    'KB per further name',
    'compile ms',
    'flip p50 ms',
    'flip p99 ms',
    'whole cluster ms',
  ];
  const rows = directors.map((figures) => {
    const { names, clusters, startMs, memory, flipsMs, clusterFlipsMs, compilesMs } = figures;
    return [
      digits(names, 0),
      digits(clusters, 0),
      digits(startMs / 1000, 1),
      digits(memory / 1e6, 0),
      digits(furtherKb(figures, directors), 1),
      digits(median(compilesMs), 1),
      digits(median(flipsMs), 0),
      digits(percentile(flipsMs, 0.99), 0),
      digits(median(clusterFlipsMs), 0),
    ];
  });
  return markdownTable(head, rows);
}

/** Memory per name beyond those of the smallest fleet of as many clusters, in KB; NaN for that one itself. */
function furtherKb({ names, clusters, memory }: DirectorFigures, all: readonly DirectorFigures[]): number {
  const [least] = all.filter((each) => each.clusters === clusters).toSorted((a, b) => a.names - b.names);
  return least === undefined ? Number.NaN : (memory - least.memory) / 1e3 / (names - least.names);
}

function probeTable(probes: readonly ProbeFigures[]): string {
  const rows = probes.map(({ protocol, perSecond, cpuUs, failures }) => [
    protocol,
    digits(perSecond, 0),
    digits(cpuUs, 0),
    digits(1e6 / cpuUs, 0),
    digits(failures, 0),
  ]);
  return markdownTable(['what', 'probes/s here', 'CPU µs', 'probes/s per core', 'failed'], rows);
}

/** The smallest value that at least this part of all does not exceed; NaN of none. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
