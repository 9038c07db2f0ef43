/** The rounds: every server in turn under every workload, in an order that is shuffled each time. */
import type { Generator, LoadResult } from './generator/load.ts';
import type { Site } from './peers/peer.ts';
import type { Running } from './process.ts';

/** One kind of load. `rate` in queries per second; 0 is saturation. */
export type Workload = {
  readonly id: 'subnets' | 'plain' | 'paced';
  readonly subnets: 'random' | 'none';
  readonly rate: number;
};

/** What is measured of each server in each round. */
const WORKLOADS: readonly Workload[] = [
  { id: 'subnets', subnets: 'random', rate: 0 },
  { id: 'plain', subnets: 'none', rate: 0 },
  { id: 'paced', subnets: 'random', rate: 20_000 },
];

/** A server that was found, started and checked. */
export type Contestant = {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** How its answers were seen to be chosen, for the table. */
  readonly steers: string;
  readonly check: 'answers' | 'echo';
  readonly site: Site;
  readonly running: Running;
};

/** One server under one workload in one round. CPU in µs per answered query, memory in octets. */
export type Sample = {
  readonly peer: string;
  readonly round: number;
  readonly workload: Workload['id'];
  readonly userUs: number;
  readonly systemUs: number;
  readonly qps: number;
  readonly lost: number;
  readonly wrong: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly memory: number;
};

/** How often and how long; `seconds` per load. */
export type Plan = { readonly rounds: number; readonly seconds: number };

/** Load before each measured one, in seconds: caches are warm and code is compiled. */
const WARM_UP_SECONDS = 0.7;

/** Measures all contestants; `onSample` hears each figure as it comes. A server that ends is left out from then on. */
export async function measure(
  contestants: readonly Contestant[],
  generator: Generator,
  { rounds, seconds }: Plan,
  onSample: (sample: Sample) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const workload of WORKLOADS) {
      for (const contestant of shuffled(contestants)) {
        if (contestant.running.ended() !== undefined) continue;
        const sample = await measureOne(contestant, generator, workload, round, seconds);
        samples.push(sample);
        onSample(sample);
      }
    }
  }
  return samples;
}

async function measureOne(
  { id, site, check, running }: Contestant,
  generator: Generator,
  { id: workload, subnets, rate }: Workload,
  round: number,
  seconds: number,
): Promise<Sample> {
  const load = { host: site.host, port: site.port, subnets, rate, check };
  const seed = round + 1;
  await generator.run({ ...load, seconds: WARM_UP_SECONDS, seed: seed + 1000 });
  const before = running.cpu();
  const result = await generator.run({ ...load, seconds, seed });
  const after = running.cpu();
  return { peer: id, round, workload, ...perQuery(before, after, result), memory: running.memory() };
}

type Times = { readonly user: number; readonly system: number };

/** CPU per answered query in µs, and what the generator saw. */
export function perQuery(before: Times, after: Times, result: LoadResult) {
  const answered = Math.max(1, result.answered);
  return {
    userUs: ((after.user - before.user) * 1e6) / answered,
    systemUs: ((after.system - before.system) * 1e6) / answered,
    qps: result.answered / result.seconds,
    lost: result.lost,
    wrong: result.wrong,
    p50Us: result.p50Us,
    p99Us: result.p99Us,
  };
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
