import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CLIENT_NETWORK, SOURCES } from '../world.ts';
import type { Program } from './compile.ts';

/** One load on one server. */
type Load = {
  readonly host: string;
  readonly port: number;
  /** With a random /24 per query as EDNS Client Subnet, or without and steered by the source address. */
  readonly subnets: 'random' | 'none';
  /** Queries per second; 0 is as fast as answers come. */
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  readonly check: 'answers' | 'echo';
  /** Sockets from each source address, 1 to 5; 1 where left out. */
  readonly sockets?: number;
};

/** What came back. Latencies in µs, only with a rate; NaN where dnsperf made the load. */
export type LoadResult = {
  readonly sent: number;
  readonly answered: number;
  readonly wrong: number;
  readonly lost: number;
  readonly unexpected: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
};

/** Makes loads. */
export type Generator = { readonly name: string; run(load: Load): Promise<LoadResult> };

/** Queries under way at saturation: enough to keep a server busy, few enough for the system's default receive buffer. */
const WINDOW = 240;
/** Time that a load may take beyond its seconds, in ms. */
const GRACE_MS = 20_000;

const execute = promisify(execFile);

/** The own generator where it was compiled, else dnsperf; undefined where there is neither. */
export async function createGenerator(
  cores: readonly number[],
  names: string,
  own: Program,
): Promise<Generator | undefined> {
  if ('path' in own) {
    const { path } = own;
    return {
      name: 'bench/generator/load.c',
      run: async (load) => parseResult(await pinned(cores, path, ownArguments(load, names), load)),
    };
  }
  const dnsperf = await execute('dnsperf', ['-h']).catch((error: unknown) => error);
  if (dnsperf instanceof Error && 'code' in dnsperf && dnsperf.code === 'ENOENT') return undefined;
  return {
    name: `dnsperf (one constant subnet; ${own.why})`,
    run: async (load) => parseDnsperf(await pinned(cores, 'dnsperf', dnsperfArguments(load, names), load)),
  };
}

async function pinned(cores: readonly number[], program: string, args: readonly string[], load: Load): Promise<string> {
  const timeout = load.seconds * 1000 + GRACE_MS;
  const { stdout } = await execute('taskset', ['-c', cores.join(), program, ...args], { timeout });
  return stdout;
}

function ownArguments(
  { host, port, subnets, rate, seconds, seed, check, sockets = 1 }: Load,
  names: string,
): readonly string[] {
  const network = subnets === 'random' ? CLIENT_NETWORK : 'none';
  const sources = Array.from({ length: sockets }, () => SOURCES).flat();
  return [host, port, names, network, rate, WINDOW, seconds, seed, check, ...sources].map(String);
}

function parseResult(line: string): LoadResult {
  const result: unknown = JSON.parse(line);
  const numbers = new Map(Object.entries(typeof result === 'object' && result !== null ? result : {}));
  const at = (key: string): number => Number(numbers.get(key) ?? 0);
  return {
    sent: at('sent'),
    answered: at('answered'),
    wrong: at('wrong'),
    lost: at('lost'),
    unexpected: at('unexpected'),
    seconds: at('seconds'),
    p50Us: at('p50Us'),
    p99Us: at('p99Us'),
  };
}

/** dnsperf reads "name type" lines: the names' file has a second one beside it. */
function dnsperfArguments({ host, port, subnets, rate, seconds }: Load, names: string): readonly string[] {
  const subnet = subnets === 'random' ? ['-E', '8:000118000a0203'] : [];
  const pace = rate > 0 ? ['-Q', `${rate}`] : [];
  const where = ['-s', host, '-p', `${port}`, '-a', SOURCES[0]!, '-d', `${names}.dnsperf`];
  return [...where, '-l', `${seconds}`, '-q', `${WINDOW}`, '-e', ...subnet, ...pace];
}

/** The figures of dnsperf's closing statistics. */
export function parseDnsperf(text: string): LoadResult {
  const at = (label: string): number => Number(new RegExp(`${label}:\\s+([\\d.]+)`).exec(text)?.[1] ?? 0);
  const rcodes = /NOERROR (\d+)/.exec(text)?.[1];
  const completed = at('Queries completed');
  const answered = Number(rcodes ?? 0);
  return {
    sent: at('Queries sent'),
    answered,
    wrong: completed - answered,
    lost: at('Queries lost'),
    unexpected: 0,
    seconds: at('Run time \\(s\\)'),
    p50Us: Number.NaN,
    p99Us: Number.NaN,
  };
}
