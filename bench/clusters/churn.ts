/** A steady change of objects in all clusters, and what it leaves behind in the director. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, hostnameOf } from './fleet.ts';
import type { Holding, WatchedDirector } from './watched-director.ts';

/** What the director held at a moment of the churn, in ms since its beginning. */
export type Sample = Holding & { readonly at: number };

/** What the churn was and did. */
export type ChurnFigures = {
  readonly minutes: number;
  readonly changes: number;
  readonly failures: number;
  /** CPU of the director in cores. */
  readonly cores: number;
  readonly samples: readonly Sample[];
  /** From the API server's word that a Route is deleted to the first answer without it, in ms. */
  readonly goneMs: readonly number[];
  /** Hostnames, of a sample, that the director shows otherwise than the clusters have them when all has settled. */
  readonly wrong: number;
  /** Hostnames of the sample. */
  readonly compared: number;
};

/** Changes a second, over all clusters. */
export const CHANGES_PER_S = 20;
/** Rounds of all clusters until it begins anew: weights, then a Route deleted and created again. */
const CYCLE = 10;
/** Most changes under way. */
const MAX_IN_FLIGHT = 40;
/** From one sample to the next, in ms. */
const SAMPLE_MS = 5000;
/** Longest that an answer may lag behind a change, in ms. */
const LAG_MS = 10_000;
const HOSTNAMES_COMPARED = 50;
/** Between two of them: the admin API takes so many questions at once, in ms. */
const COMPARE_PAUSE_MS = 50;

/** Changes objects for so many minutes. `stopped` ends it sooner; `tell` is told each sample. */
export async function churn(
  fleet: Fleet,
  director: WatchedDirector,
  minutes: number,
  stopped: AbortSignal,
  tell: (sample: Sample) => void,
): Promise<ChurnFigures> {
  const weights = new Map<string, number>();
  const samples: Sample[] = [];
  const goneMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  const counts = { changes: 0, failures: 0 };
  const startedAt = performance.now();
  const before = director.cpu();
  const since = () => performance.now() - startedAt;

  const change = async (index: number): Promise<void> => {
    const cluster = index % fleet.clusters;
    const round = Math.floor(index / fleet.clusters);
    const cycle = Math.floor(round / CYCLE);
    // Deleted is one that no weight is set of while it is gone.
    const deleted = cycle % fleet.routes;
    if (round % CYCLE === CYCLE - 2) {
      await fleet.remove(cluster, deleted);
      weights.delete(hostnameOf(cluster, deleted));
      if (cluster === 0) goneMs.push(await untilGone(director, hostnameOf(cluster, deleted), fleet.vip(cluster)));
    } else if (round % CYCLE === CYCLE - 1) await fleet.create(cluster, deleted);
    else {
      const route = (deleted + 1 + ((round * 7) % (fleet.routes - 1))) % fleet.routes;
      const weight = 1 + (index % 60_000);
      await fleet.setWeight(cluster, route, weight);
      weights.set(hostnameOf(cluster, route), weight);
    }
  };

  let sampledAt = Number.NEGATIVE_INFINITY;
  const whole = CYCLE * fleet.clusters;
  // It ends with a whole cycle: whatever was deleted is there again.
  for (let index = 0; index % whole !== 0 || (since() < minutes * 60_000 && !stopped.aborted); index++) {
    if (since() - sampledAt >= SAMPLE_MS) {
      sampledAt = since();
      samples.push({ at: sampledAt, ...(await director.holding()) });
      tell(samples.at(-1)!);
    }
    while (underWay.size >= MAX_IN_FLIGHT) await Promise.race(underWay);
    // A cluster's Route is created only when its deletion is through.
    if (index % fleet.clusters === 0) await Promise.all(underWay);
    const one = change(index)
      .catch(() => {
        counts.failures++;
      })
      .finally(() => underWay.delete(one));
    underWay.add(one);
    counts.changes++;
    await sleep(Math.max(0, ((index + 1) * 1000) / CHANGES_PER_S - since()));
  }
  await Promise.all(underWay);
  const took = since();
  const after = director.cpu();
  samples.push({ at: took, ...(await director.holding()) });
  const cores = (after.user + after.system - before.user - before.system) / (took / 1000);
  return { minutes: took / 60_000, ...counts, cores, samples, goneMs, ...(await compare(fleet, director, weights)) };
}

async function untilGone(director: WatchedDirector, name: string, vip: string): Promise<number> {
  const deletedAt = performance.now();
  while ((await director.ask(name)) === vip) {
    if (performance.now() - deletedAt > LAG_MS) throw new Error(`${name} is still answered`);
    await sleep(1);
  }
  return performance.now() - deletedAt;
}

/** Whether the director has in the end what the clusters have: the number of names, and the last weights of a sample. */
async function compare(
  fleet: Fleet,
  director: WatchedDirector,
  weights: ReadonlyMap<string, number>,
): Promise<Pick<ChurnFigures, 'wrong' | 'compared'>> {
  await sleep(LAG_MS / 5);
  const { total }: { readonly total: number } = JSON.parse(await director.see('/v1/hostnames?limit=1'));
  if (total !== fleet.clusters * fleet.routes) throw new Error(`${total} hostnames after the churn`);
  const step = Math.max(1, Math.floor(weights.size / HOSTNAMES_COMPARED));
  const sample = [...weights].filter((_, index) => index % step === 0).slice(0, HOSTNAMES_COMPARED);
  let wrong = 0;
  for (const [name, weight] of sample) {
    await sleep(COMPARE_PAUSE_MS);
    const { endpoints }: { readonly endpoints: readonly { readonly weight: number }[] } = JSON.parse(
      await director.see(`/v1/hostnames/${name}`),
    );
    if (endpoints.length !== 1 || endpoints[0]?.weight !== weight) wrong++;
  }
  return { wrong, compared: sample.length };
}
