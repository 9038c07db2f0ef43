import type { Machine } from '../machine.ts';
import { machineText } from '../page.ts';
import { digits, markdownTable, median } from '../report.ts';
import type { HeapFigures } from './heap.ts';
import type { ScalingSample } from './scaling.ts';

/** The part of `docs/benchmarks.md` on the native engine, without its heading. */
export function enginePart(
  machine: Machine,
  scaling: readonly ScalingSample[],
  heap: HeapFigures,
  remark: string,
): string {
  return `${machineText(machine)}${remark === '' ? '' : `\n**${remark}**\n`}
### Two workers beside one

Two directors in turn: one worker on one core, and two on two. The generator runs within the very same cores each time, so that a
budget of twice the processors is compared with the single one: *scaling* is queries per second of the two by those of the one,
paired within each round. 2.00 would be two workers that do not disturb each other at all; above it the one core suffers from
switching between worker and generator. Medians of ${scaling.length / 2} rounds.

${scalingTable(scaling)}

Scaling: **${digits(scalingOf(scaling), 2)}**. CPU is the server's alone.

### What a query leaves behind

A director with one worker answered ${digits(heap.queries, 0)} queries (three in four with a random /24 in ECS) after a warm-up. V8 says
of the worker's thread: ${digits(heap.usedBefore / 1024, 0)} KiB of heap used before, ${digits(heap.usedMost / 1024, 0)} KiB at most between, ${digits(heap.usedAfter / 1024, 0)} KiB after; ${digits(heap.allocated / 1024, 0)} KiB
allocated in all, which is ${digits(heap.allocated / heap.queries, 3)} octets a query: the memory
addresses that each system call is given are numbers on the heap, a query itself makes none (a test holds it to that, see
\`test/unit/dns/zero-allocation.test.ts\`). Deoptimisations on the way of a query: ${heap.deoptimisations.length}.
${heap.deoptimisations.map((line) => `\n- \`${line}\``).join('')}`;
}

/** What two workers do, in units of one. */
export function scalingOf(samples: readonly ScalingSample[]): number {
  const one = new Map(samples.filter(({ workers }) => workers === 1).map(({ round, qps }) => [round, qps]));
  const two = samples.filter(({ workers }) => workers === 2);
  return median(two.map(({ round, qps }) => qps / (one.get(round) ?? Number.NaN)));
}

function scalingTable(samples: readonly ScalingSample[]): string {
  const rows = [1, 2].map((workers) => {
    const own = samples.filter((sample) => sample.workers === workers);
    const sum = (figure: (sample: ScalingSample) => number) => own.reduce((all, sample) => all + figure(sample), 0);
    return [
      `${workers} worker${workers === 1 ? '' : 's'}`,
      digits(median(own.map(({ cpuUs }) => cpuUs)), 2),
      digits(median(own.map(({ qps }) => qps)), 0),
      digits(
        sum(({ lost }) => lost),
        0,
      ),
      digits(
        sum(({ wrong }) => wrong),
        0,
      ),
    ];
  });
  return markdownTable(['server', 'CPU µs', 'qps', 'lost', 'wrong'], rows);
}
