/** The prober as it is, in a process of its own. It says `ready` after its first round, and what it saw whenever asked. */
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { Monitor } from '../../src/core/desired/model.ts';
import { createProber } from '../../src/prober/prober.ts';
import { percentile } from '../control/report.ts';
import { ZONE } from '../world.ts';
import type { Plan, Ports, Seen } from './plan.ts';

const [first = '', second = ''] = process.argv.slice(2);
const plan: Plan = JSON.parse(first);
const ports: Ports = JSON.parse(second);

let lateness: number[] = [];
let startedAt: number[] = [];
let missed = 0;
let failures = 0;
let since = performance.now();
let cpu = process.cpuUsage();

const prober = createProber({
  clock: SYSTEM_CLOCK,
  onStart(lateMs) {
    lateness.push(lateMs);
    startedAt.push(performance.now());
  },
  onMissed(slots) {
    missed += slots;
  },
});
prober.watch(Array.from({ length: plan.monitors }, (_, index) => monitorOf(index)));
prober.start(({ outcome }) => {
  if (outcome.kind === 'failure') failures++;
});
await prober.firstRound();
process.on('message', () => process.send?.(seen()));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

function seen(): Seen {
  const now = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const all: Seen = {
    ms: now - since,
    starts: startedAt.length,
    p50: percentile(lateness, 0.5),
    p99: percentile(lateness, 0.99),
    max: percentile(lateness, 1),
    missed,
    mostInSecond: mostWithin(startedAt, 1000),
    failures,
    cpuMs: (user + system) / 1000,
    rss: process.memoryUsage.rss(),
  };
  lateness = [];
  startedAt = [];
  missed = 0;
  failures = 0;
  since = now;
  cpu = process.cpuUsage();
  return all;
}

/** Most times within any span of so many ms. They are in order. */
function mostWithin(times: readonly number[], ms: number): number {
  let most = 0;
  let from = 0;
  for (const [to, time] of times.entries()) {
    while (time - times[from]! >= ms) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

function monitorOf(index: number): Monitor {
  const { protocol, silent, intervalMs, timeoutMs } = plan;
  const kind = silent > 0 && index % silent === 0 ? 'silent' : protocol;
  const target = ports[kind][index % ports[kind].length];
  if (target === undefined) throw new Error(`nothing listens for ${kind}`);
  return {
    id: `${protocol}-${index}`,
    protocol,
    ...target,
    host: `host-${index}.${ZONE}`,
    path: protocol === 'tcp' ? '' : '/healthz',
    expect: { kind: 'status', ranges: [[200, 399]] },
    intervalMs,
    timeoutMs,
    rise: 2,
    fall: 3,
  };
}
