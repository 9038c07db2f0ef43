import type { Machine } from '../machine.ts';
import { machineText } from '../page.ts';
import { digits, markdownTable } from '../report.ts';
import type { Plan, Seen } from './plan.ts';

/** One measurement: how it went, and what came in the time after the process stood still. */
export type ScheduleFigures = {
  readonly what: string;
  readonly plan: Plan;
  readonly steady: Seen;
  /** Undefined where it never stood still. */
  readonly after: Seen | undefined;
};

/** The part of `docs/benchmarks.md` on the prober's schedule, without its heading. */
export function schedulePart(
  machine: Machine,
  { figures, pauseS }: { readonly figures: readonly ScheduleFigures[]; readonly pauseS: number },
  remark: string,
): string {
  const [first] = figures;
  const { monitors = 0, intervalMs = 0, timeoutMs = 0 } = first?.plan ?? {};
  return `${machineText(machine)}${remark === '' ? '' : `\n**${remark}**\n`}
The prober by itself on one core: ${digits(monitors, 0)} monitors at ${digits(intervalMs / 1000, 0)} s, timeout ${digits(timeoutMs / 1000, 0)} s, against a process with a few listeners on
another core, for ${digits((first?.steady.ms ?? 0) / 1000, 0)} s after its first round. *Late* is from when a probe was first due, whatever put it off, to when it started (wanted: p99 of 500 ms).
*A tenth silent*: those servers take the connection and say nothing, so that each such probe lasts until its timeout.

${steadyTable(figures)}
${pauseS === 0 ? '' : `\nStopped for ${pauseS} s and continued (SIGSTOP, SIGCONT); the two intervals after that. Wanted: never twice the usual rate.\n\n${afterTable(figures)}\n`}`;
}

function steadyTable(figures: readonly ScheduleFigures[]): string {
  const head = [
    'probes',
    'starts/s',
    'late p50 ms',
    'p99 ms',
    'max ms',
    'most in a second',
    '% of a core',
    'RSS MB',
    'failed',
  ];
  const rows = figures.map(({ what, steady }) => [
    what,
    digits(steady.starts / (steady.ms / 1000), 0),
    digits(steady.p50, 1),
    digits(steady.p99, 1),
    digits(steady.max, 0),
    digits(steady.mostInSecond, 0),
    digits((100 * steady.cpuMs) / steady.ms, 0),
    digits(steady.rss / 1e6, 0),
    digits(steady.failures, 0),
  ]);
  return markdownTable(head, rows);
}

function afterTable(figures: readonly ScheduleFigures[]): string {
  const rows = figures.flatMap(({ what, plan, after }) => {
    if (after === undefined) return [];
    const usual = (1000 * plan.monitors) / plan.intervalMs;
    return [
      [
        what,
        digits(usual, 0),
        digits(after.mostInSecond, 0),
        digits(after.mostInSecond / usual, 2),
        digits(after.max, 0),
        digits(after.missed, 0),
      ],
    ];
  });
  return markdownTable(['probes', 'usual starts/s', 'most in a second', 'ratio', 'late max ms', 'left out'], rows);
}
