/**
 * The native engine by itself: two workers beside one, and what a worker's heap does over ten million queries.
 * `node bench/engine.ts [--rounds 7] [--seconds 3] [--queries 10000000] [--remark TEXT] [--write]`. Prints Markdown, or
 * writes its part of `docs/benchmarks.md`. Linux, two cores, about two minutes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureHeap } from './engine/heap.ts';
import { enginePart } from './engine/report.ts';
import { measureScaling } from './engine/scaling.ts';
import { compileC } from './generator/compile.ts';
import { createGenerator } from './generator/load.ts';
import { thisMachine, twoCores } from './machine.ts';
import { writePart } from './page.ts';
import { inWorkplace, type Workplace } from './workplace.ts';
import { cityDatabase, hostnames } from './world.ts';

/** Bounds of what may be asked for, so that no run goes on for hours. */
const MAX_ROUNDS = 50;
const MAX_SECONDS = 30;
const MAX_QUERIES = 100_000_000;

await inWorkplace('azimuth-engine-', bench);

async function bench({ folder, running }: Workplace): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '3' },
      queries: { type: 'string', default: '10000000' },
      remark: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  const plan = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  const inBounds = plan.rounds >= 1 && plan.rounds <= MAX_ROUNDS && plan.seconds > 0 && plan.seconds <= MAX_SECONDS;
  if (!inBounds) throw new Error(`--rounds goes from 1 to ${MAX_ROUNDS}, --seconds up to ${MAX_SECONDS}`);
  const queries = Math.min(Number(values.queries), MAX_QUERIES);
  const machine = thisMachine();
  const cores = twoCores();
  const names = join(folder, 'names');
  const database = join(folder, 'city.mmdb');
  await writeFile(database, cityDatabase());
  await writeFile(names, hostnames().join('\n'));
  const program = compileC('load', folder);
  if ('why' in program) throw new Error(program.why);
  const alone = await createGenerator([cores[0]], names, program);
  const shared = await createGenerator(cores, names, program);
  const apart = await createGenerator([cores[1]], names, program);
  if (alone === undefined || shared === undefined || apart === undefined) throw new Error('there is no generator');
  say('two workers beside one');
  const budgets = [
    { workers: 1, cores: [cores[0]], generator: alone },
    { workers: 2, cores, generator: shared },
  ];
  const scaling = await measureScaling({ folder, database }, budgets, plan, (server) => running.push(server));
  await Promise.all(running.splice(0).map((server) => server.stop()));
  say(`${queries} queries`);
  const place = { folder, database, core: cores[0] };
  const heap = await measureHeap(place, apart, queries, (server) => running.push(server));
  const text = enginePart(machine, scaling, heap, values.remark);
  if (values.write) writePart('engine', text);
  else console.log(text);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
