/** A server under measurement: started on one core, read from /proc, stopped for certain. Linux only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_ENV } from './peers/peer.ts';

/** CPU time of a process, its threads and its children since they began, in seconds. */
export type CpuTime = { readonly user: number; readonly system: number };

/** A started server. */
export type Running = {
  cpu(): CpuTime;
  /** Resident memory in octets: of the largest process all, of the others what is theirs alone. */
  memory(): number;
  /** Undefined while it runs; then what it said last. */
  ended(): string | undefined;
  stop(): Promise<void>;
};

/** Runs a command on some cores only (util-linux). */
const PIN = 'taskset';
/** /proc counts in these parts of a second on every platform that Node runs on (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** How long a server may take to stop before it is killed, in ms. */
const STOP_MS = 5000;
/** What is kept of a server's output, in characters. */
const OUTPUT_KEPT = 4000;

/** Starts a command on these cores. With `ipc` it can be talked to, where it is Node. */
export function startPinned(
  cores: readonly number[],
  command: readonly string[],
  folder: string,
  talk: 'ignore' | 'ipc' = 'ignore',
): Running & { readonly child: ChildProcess } {
  const child = spawn(PIN, ['-c', cores.join(), ...command], {
    cwd: folder,
    env: SERVER_ENV,
    stdio: ['ignore', 'pipe', 'pipe', talk],
  });
  let said = '';
  let failure = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-OUTPUT_KEPT);
    });
  }
  child.on('error', (error) => {
    failure = error.message;
  });
  const pids = (): readonly number[] => (child.pid === undefined || hasEnded(child) ? [] : treeOf(child.pid));
  return {
    child,
    cpu: () => sum(pids().map(cpuOf)),
    memory: () => memoryOf(pids()),
    ended: () => (failure !== '' ? failure : hasEnded(child) ? lastWords(said) : undefined),
    stop: () => stop(child, pids()),
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess, pids: readonly number[]): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const inTime = await Promise.race([ended.then(() => true), sleep(STOP_MS, false, { ref: false })]);
  if (inTime) return;
  for (const pid of pids) signal(pid);
  await ended;
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** A process and all below it. */
function treeOf(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(treeOf)];
}

/** utime and stime of proc(5): fields 14 and 15, counted behind the name, which may hold anything. */
export function parseStat(stat: string): CpuTime {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) / TICKS_PER_SECOND, system: Number(fields[12]) / TICKS_PER_SECOND };
}

function cpuOf(pid: number): CpuTime {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? { user: 0, system: 0 } : parseStat(stat);
}

/** Forked processes share most of their pages: those must not count twice. */
function memoryOf(pids: readonly number[]): number {
  const sizes = pids.map((pid) => parseRollup(read(`/proc/${pid}/smaps_rollup`)));
  const own = sizes.reduce((all, each) => all + each.own, 0);
  return own + Math.max(0, ...sizes.map(({ resident, own: ownOfIt }) => resident - ownOfIt));
}

/** Resident and private octets from /proc/PID/smaps_rollup (proc(5)). */
export function parseRollup(rollup: string): { resident: number; own: number } {
  const kib = (label: string): number => Number(new RegExp(`^${label}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
  return { resident: kib('Rss') * 1024, own: (kib('Private_Clean') + kib('Private_Dirty')) * 1024 };
}

function sum(times: readonly CpuTime[]): CpuTime {
  return times.reduce((a, b) => ({ user: a.user + b.user, system: a.system + b.system }), { user: 0, system: 0 });
}

/** The text of a file of /proc; '' where the process has gone. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** What a server said of its end: the last lines that speak of an error, or else the last ones. */
function lastWords(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => /error|fatal|cannot|failed/i.test(line) && !/^\s+at /.test(line));
  return (errors.length > 0 ? errors : lines).slice(-2).join(' / ') || 'it ended without a word';
}
