/**
 * Whether the prober keeps its schedule with very many monitors, and what comes after it stood still.
 * `node bench/schedule.ts [--monitors 20000] [--interval 10] [--seconds 60] [--pause 30] [--remark TEXT] [--write]`: times in s,
 * `--pause 0` for none. Prints Markdown, or writes its part of `docs/benchmarks.md`. Linux, two cores, about six minutes.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { thisMachine, twoCores } from './machine.ts';
import { writePart } from './page.ts';
import { startPinned } from './process.ts';
import type { Plan, Ports, Seen } from './schedule/plan.ts';
import { type ScheduleFigures, schedulePart } from './schedule/report.ts';
import { inWorkplace, type Workplace } from './workplace.ts';

const PROBER = fileURLToPath(new URL('./schedule/prober.ts', import.meta.url));
const TARGET = fileURLToPath(new URL('./schedule/target.ts', import.meta.url));
/** Bounds of what may be asked for, so that no run takes the machine or goes on for hours. */
const MAX_MONITORS = 100_000;
const MAX_SECONDS = 600;
const TIMEOUT_MS = 3000;
/** What is left of the first round is over after it, in ms. */
const CALM_MS = 2000;
/** Longest first round, in ms. */
const FIRST_ROUND_MS = 60_000;

const SCENES: readonly (Pick<Plan, 'protocol' | 'silent'> & { readonly what: string })[] = [
  { what: 'tcp', protocol: 'tcp', silent: 0 },
  { what: 'http', protocol: 'http', silent: 0 },
  { what: 'http, a tenth silent', protocol: 'http', silent: 10 },
];

await inWorkplace('azimuth-schedule-', bench);

async function bench({ folder, running }: Workplace): Promise<void> {
  const { monitors, interval, seconds, pause, remark, write } = options();
  const machine = thisMachine();
  const [own, other] = twoCores();
  const target = startPinned([other], [process.execPath, TARGET], folder, 'ipc');
  running.push(target);
  const [ports]: Ports[] = await once(target.child, 'message');
  const figures: ScheduleFigures[] = [];
  for (const { what, protocol, silent } of SCENES) {
    say(what);
    const plan: Plan = { protocol, silent, monitors, intervalMs: interval * 1000, timeoutMs: TIMEOUT_MS };
    const command = [process.execPath, PROBER, JSON.stringify(plan), JSON.stringify(ports)];
    const prober = startPinned([own], command, folder, 'ipc');
    running.push(prober);
    await once(prober.child, 'message', { signal: AbortSignal.timeout(FIRST_ROUND_MS) });
    await sleep(CALM_MS);
    await ask(prober.child);
    await sleep(seconds * 1000);
    const steady = await ask(prober.child);
    const after = pause === 0 ? undefined : await standStill(prober.child, pause, interval);
    figures.push({ what, plan, steady, after });
    say(JSON.stringify({ steady, after }));
    await prober.stop();
  }
  const text = schedulePart(machine, { figures, pauseS: pause }, remark);
  if (write) writePart('schedule', text);
  else console.log(text);
}

async function standStill(child: ChildProcess, pause: number, interval: number): Promise<Seen> {
  child.kill('SIGSTOP');
  await sleep(pause * 1000);
  child.kill('SIGCONT');
  await sleep(2 * interval * 1000);
  return ask(child);
}

async function ask(child: ChildProcess): Promise<Seen> {
  const answer = once(child, 'message');
  child.send('tell');
  const [seen]: Seen[] = await answer;
  if (seen === undefined) throw new Error('the prober says nothing');
  return seen;
}

function options() {
  const { values } = parseArgs({
    options: {
      monitors: { type: 'string', default: '20000' },
      interval: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '60' },
      pause: { type: 'string', default: '30' },
      remark: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  const bounded = (key: 'monitors' | 'interval' | 'seconds' | 'pause', least: number, most: number): number => {
    const value = Number(values[key]);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${key} goes from ${least} to ${most}`);
  };
  return {
    monitors: bounded('monitors', 1, MAX_MONITORS),
    interval: bounded('interval', 1, MAX_SECONDS),
    seconds: bounded('seconds', 1, MAX_SECONDS),
    pause: bounded('pause', 0, MAX_SECONDS),
    remark: values.remark,
    write: values.write,
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
