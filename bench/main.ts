/**
 * Azimuth beside its peers, on one core each, over loopback. `node bench/main.ts [--rounds 5] [--seconds 3]
 * [--only gdnsd,knot,…] [--remark TEXT] [--write]`. Prints Markdown, or writes `docs/benchmarks.md`. Linux, two cores.
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Absent, enter } from './contestants.ts';
import { compileC } from './generator/compile.ts';
import { createGenerator } from './generator/load.ts';
import { thisMachine, twoCores } from './machine.ts';
import { type Contestant, measure, type Sample } from './measure.ts';
import { peersPart, writePart } from './page.ts';
import { allPeers } from './peers/table.ts';
import { tables, totalUs } from './report.ts';
import { inWorkplace, type Workplace } from './workplace.ts';
import { cityDatabase, hostnames } from './world.ts';

/** Bounds of what may be asked for, so that no run goes on for hours. */
const MAX_ROUNDS = 100;
const MAX_SECONDS = 60;

await inWorkplace('azimuth-bench-', bench);

async function bench({ folder, running }: Workplace): Promise<void> {
  const { plan, only, remark, write } = options();
  const [serverCore, loadCore] = twoCores();
  const machine = thisMachine();
  const names = join(folder, 'names');
  const database = join(folder, 'city.mmdb');
  await writeFile(database, cityDatabase());
  await writeFile(names, hostnames().join('\n'));
  await writeFile(
    `${names}.dnsperf`,
    hostnames()
      .map((name) => `${name} A\n`)
      .join(''),
  );
  const generator = await createGenerator([loadCore], names, compileC('load', folder));
  if (generator === undefined) throw new Error('there is neither a C compiler nor dnsperf to make load with');

  const absent: Absent[] = [];
  const contestants: Contestant[] = [];
  for (const peer of allPeers(compileC('echo', folder))) {
    if (only !== undefined && !only.includes(peer.id)) continue;
    const entrance = await enter(peer, { folder, database, cores: [serverCore] }, (server) => running.push(server));
    if (entrance.kind === 'absent') absent.push(entrance);
    else contestants.push(entrance.contestant);
    say(`${peer.id}: ${entrance.kind === 'absent' ? `not measured, ${entrance.why}` : entrance.contestant.steers}`);
  }
  const samples = await measure(contestants, generator, plan, tell);
  const circumstances = { machine, plan, generator: generator.name, peers: contestants, absent, remark };
  const page = peersPart(circumstances, tables(contestants, samples));
  if (write) writePart('peers', page);
  else console.log(page);
  const raw = join(tmpdir(), `azimuth-bench-${Date.now()}.json`);
  await writeFile(raw, JSON.stringify({ machine, plan, generator: generator.name, absent, samples }, undefined, 1));
  say(`all figures: ${raw}`);
}

function options() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      only: { type: 'string' },
      remark: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  const plan = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  const inBounds = plan.rounds >= 1 && plan.rounds <= MAX_ROUNDS && plan.seconds > 0 && plan.seconds <= MAX_SECONDS;
  if (!inBounds) throw new Error(`--rounds goes from 1 to ${MAX_ROUNDS}, --seconds up to ${MAX_SECONDS}`);
  return { plan, only: values.only?.split(','), remark: values.remark, write: values.write };
}

function tell(sample: Sample): void {
  const { round, workload, peer, qps, lost, p99Us } = sample;
  const figures = `${totalUs(sample).toFixed(2)} µs, ${Math.round(qps)} qps, ${lost} lost, p99 ${Math.round(p99Us)} µs`;
  say(`round ${round + 1}, ${workload}, ${peer}: ${figures}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
