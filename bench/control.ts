/**
 * Benchmarks of all that is not a query: start, memory, flips of health, probes. `node bench/control.ts [--large]
 * [--remark TEXT] [--write]`. Prints Markdown, or writes its part of `docs/benchmarks.md`. `--large` adds 100,000 names.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { DirectorFigures } from './control/director.ts';
import { measureProbes } from './control/probes.ts';
import { restPart } from './control/report.ts';
import { thisMachine } from './machine.ts';
import { writePart } from './page.ts';
import { cityDatabase } from './world.ts';

const DIRECTOR = fileURLToPath(new URL('./control/director.ts', import.meta.url));
const SIZES = [1000, 10_000];
const LARGE = 100_000;
/** Longest that one director is measured, in ms. */
const DIRECTOR_MS = 1_800_000;
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
  for (const names of values.large ? [...SIZES, LARGE] : SIZES) {
    process.stderr.write(`a director of ${names} names\n`);
    directors.push(await inOwnProcess(names, join(folder, `${names}`), database));
  }
  process.stderr.write('probes\n');
  const text = restPart(machine, directors, await measureProbes(folder, PROBING_MS), values.remark);
  if (values.write) writePart('rest', text);
  else console.log(text);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function inOwnProcess(names: number, into: string, database: string): Promise<DirectorFigures> {
  const run = promisify(execFile);
  const args = ['--expose-gc', DIRECTOR, `${names}`, into, database];
  const { stdout } = await run(process.execPath, args, { timeout: DIRECTOR_MS, signal: stop.signal });
  return JSON.parse(stdout);
}
