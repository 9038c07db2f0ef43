/** Two workers on two cores beside one worker on one; the generator lives within the same cores each time. */
import { enter } from '../contestants.ts';
import type { Generator } from '../generator/load.ts';
import { type Contestant, perQuery } from '../measure.ts';
import { azimuth } from '../peers/azimuth.ts';
import type { Running } from '../process.ts';

/** One director under load in one round. CPU of the server in µs per answered query. */
export type ScalingSample = {
  readonly workers: number;
  readonly round: number;
  readonly cpuUs: number;
  readonly qps: number;
  readonly lost: number;
  readonly wrong: number;
};

/** A number of workers with as many cores, and a generator that runs on the very same. */
export type Budget = { readonly workers: number; readonly cores: readonly number[]; readonly generator: Generator };

/** Load before each measured one, in seconds. */
const WARM_UP_SECONDS = 1;
/** Sockets of the generator from each address: enough that the system deals them out evenly. */
const SOCKETS = 5;

/** Measures both in turn, so many rounds of so many seconds. */
export async function measureScaling(
  where: { readonly folder: string; readonly database: string },
  budgets: readonly Budget[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  onStart: (running: Running) => void,
): Promise<readonly ScalingSample[]> {
  const directors: (Budget & { contestant: Contestant })[] = [];
  for (const budget of budgets) {
    const { workers, cores } = budget;
    const entrance = await enter(azimuth('native', workers), { ...where, cores }, onStart);
    if (entrance.kind === 'absent') throw new Error(`${workers} workers: ${entrance.why}`);
    directors.push({ ...budget, contestant: entrance.contestant });
  }
  const samples: ScalingSample[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { workers, generator, contestant } of round % 2 === 0 ? directors : directors.toReversed()) {
      samples.push({ workers, round, ...(await measureOne(contestant, generator, seconds, round)) });
    }
  }
  return samples;
}

async function measureOne({ site, running }: Contestant, generator: Generator, seconds: number, round: number) {
  const { host, port } = site;
  const load = { host, port, subnets: 'random', rate: 0, check: 'answers', sockets: SOCKETS } as const;
  await generator.run({ ...load, seconds: WARM_UP_SECONDS, seed: round + 1000 });
  const before = running.cpu();
  const result = await generator.run({ ...load, seconds, seed: round });
  const { userUs, systemUs, qps, lost, wrong } = perQuery(before, running.cpu(), result);
  return { cpuUs: userUs + systemUs, qps, lost, wrong };
}
