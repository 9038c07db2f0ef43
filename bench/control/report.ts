import type { Machine } from '../machine.ts';
import { machineText } from '../page.ts';
import { digits, markdownTable, median } from '../report.ts';
import type { DirectorFigures } from './director.ts';
import type { ProbeFigures } from './probes.ts';

/** The second part of `docs/benchmarks.md`, without its heading. */
export function restPart(
  machine: Machine,
  directors: readonly DirectorFigures[],
  probes: readonly ProbeFigures[],
  remark: string,
): string {
  return `${machineText(machine)}${remark === '' ? '' : `\n**${remark}**\n`}
A whole director (engine: ${directors[0]?.engine ?? 'none'}, one worker) in a process of its own, 8 clusters, one Gateway and one monitor per name and
cluster. *Flip*: from one failed probe to the first changed answer in the hands of a client in the same process; 20 ms of
it is the time in which the director gathers further changes.

${directorTable(directors)}

The prober against servers in another thread of this machine; CPU of the prober's thread, so 1,000,000 divided by it is
what a core of its own would do.

${probeTable(probes)}
`;
}

function directorTable(directors: readonly DirectorFigures[]): string {
  const head = [
    'names',
    'start s',
    'RSS MB',
    'KB per further name',
    'compile ms',
    'flip p50 ms',
    'flip p99 ms',
    'whole cluster ms',
  ];
  const [first] = directors;
  const rows = directors.map(({ names, startMs, memory, flipsMs, clusterFlipsMs, compilesMs }) => [
    digits(names, 0),
    digits(startMs / 1000, 1),
    digits(memory / 1e6, 0),
    digits((memory - (first?.memory ?? 0)) / 1e3 / (names - (first?.names ?? 0)), 1),
    digits(median(compilesMs), 1),
    digits(median(flipsMs), 0),
    digits(percentile(flipsMs, 0.99), 0),
    digits(median(clusterFlipsMs), 0),
  ]);
  return markdownTable(head, rows);
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
