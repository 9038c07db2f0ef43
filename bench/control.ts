/**
 * Benchmarks of all that is not a query: start, memory, flips of health, probes. `node bench/control.ts [--large]
 * [--remark TEXT] [--write]`. Prints Markdown, or writes its part of `docs/benchmarks.md`. About two minutes; `--large`
 * adds 100,000 names, needs 3 GB of disk for a while and takes some minutes more.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { freePort } from './contestants.ts';
import type { DirectorFigures, Size } from './control/director.ts';
import { writeFleet } from './control/fleet.ts';
import { measureProbes } from './control/probes.ts';
import { type Missed, restPart } from './control/report.ts';
import { thisMachine } from './machine.ts';
import { writePart } from './page.ts';
import { cityDatabase } from './world.ts';

const DIRECTOR = fileURLToPath(new URL('./control/director.ts', import.meta.url));
/** Gateways of each cluster: so many addresses and monitors, shared by the names. */
const GATEWAYS = 256;
const SIZES: readonly Size[] = [
  { names: 1000, clusters: 8, gateways: GATEWAYS },
  { names: 10_000, clusters: 8, gateways: GATEWAYS },
  { names: 1000, clusters: 50, gateways: GATEWAYS },
  { names: 10_000, clusters: 50, gateways: GATEWAYS },
];
const LARGE: Size = { names: 100_000, clusters: 8, gateways: GATEWAYS };
/** Longest that one director is measured, in ms. */
const DIRECTOR_MS = 240_000;
/** How long each protocol is probed, in ms. */
const PROBING_MS = 3000;

const { values } = parseArgs({
  options: {
    large: { type: 'boolean', default: false },
    remark: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'azimuth-control-'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  const machine = thisMachine();
  const database = join(folder, 'city.mmdb');
  await writeFile(database, cityDatabase());
  const directors: DirectorFigures[] = [];
  const missed: Missed[] = [];
  for (const size of values.large ? [...SIZES, LARGE] : SIZES) {
    say(`${size.names} names in ${size.clusters} clusters`);
    try {
      directors.push(await inOwnProcess(size, database));
    } catch (error) {
      // One that is too large for this machine must not take the others' figures away.
      stop.signal.throwIfAborted();
      missed.push({ ...size, why: lastLine(error) });
      say(`not measured: ${lastLine(error)}`);
    }
  }
  say('probes');
  const text = restPart(machine, { directors, missed }, await measureProbes(folder, PROBING_MS), values.remark);
  if (values.write) writePart('rest', text);
  else console.log(text);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function inOwnProcess(size: Size, database: string): Promise<DirectorFigures> {
  const into = join(folder, 'fleet');
  const port = await freePort();
  const { names: routes, clusters, gateways } = size;
  try {
    writeFleet(into, { clusters, routes, gateways, format: 'json', detail: 'full', port });
    const numbers = [routes, clusters, gateways, port].map(String);
    const args = ['--expose-gc', DIRECTOR, into, database, ...numbers];
    const limits = { timeout: DIRECTOR_MS, signal: stop.signal };
    const { stdout } = await promisify(execFile)(process.execPath, args, limits);
    return JSON.parse(stdout);
  } finally {
    await rm(into, { recursive: true, force: true });
  }
}

function lastLine(error: unknown): string {
  if (error instanceof Error && 'killed' in error && error.killed === true) {
    return `not done within ${DIRECTOR_MS / 1000} s`;
  }
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  return lines.findLast((line) => /error/i.test(line))?.trim() ?? lines.at(-1) ?? 'no reason';
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
