import { meanShares } from '../admin/views/cluster-shares.ts';
import { type Drill, type DrillMoment, type DrillSpec, hasMoment, rampOf } from '../core/drill/drill.ts';
import {
  answersOf,
  type DrillShares,
  noShares,
  plannedShares,
  sampled,
  withSample,
} from '../core/drill/drill-shares.ts';
import { touches } from '../core/drill/reach.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';

/** A cluster that was in no answer for so many readings has given its last old answer: two seconds. */
const READINGS_OF_SILENCE = 10;

/** Steered answers since the start, by the first cluster in them. */
export type Counts = ReadonlyMap<string, number>;

/** What is seen at one moment, in ms since the epoch: the answers in force, and how many were given. */
type FilmReading = { readonly at: number; readonly snapshot: Snapshot; readonly counts: Counts };

/** One drill as clients see it. What comes back of a look is for its timeline. */
export type DrillFilm = {
  /** Call it with each new snapshot, after it is published. */
  onAnswers(drill: Drill, reading: FilmReading): readonly DrillMoment[];
  /** Call it at even times. */
  onCounts(drill: Drill, reading: FilmReading): readonly DrillMoment[];
  /** One more sample of the shares: since the one before. */
  sample(reading: FilmReading): void;
  shares(): DrillShares;
};

/** `before`: how it was before the drill did anything, or how it is where that is not known: after a restart. */
type FilmStart = { readonly before: Snapshot; readonly counts: Counts; readonly knows: 'before' | 'now' };

type State = {
  readonly names: readonly string[];
  /** The answers before it began, where they are known, and the shares of the clusters in them. */
  readonly answers: string | undefined;
  readonly planned: ReadonlyMap<string, number>;
  shares: DrillShares;
  /** As of the last sample, and as of the last reading. */
  sampled: Counts;
  read: Counts;
  /** When the first other answers were published, and what was counted by then. */
  decided: { readonly at: number; readonly counts: Counts } | undefined;
  /** When a cluster that gets nobody any more was in an answer last, and for how many readings it was not. */
  last: { readonly at: number; readonly silent: number };
};

/** Begins with what is in force before the drill does anything. */
export function createDrillFilm(spec: DrillSpec, { before, counts, knows }: FilmStart): DrillFilm {
  const touched = before.model.hostnames.filter(touches(spec, before.model));
  const names = sampled(touched.map(({ name }) => name));
  const clusters = new Set(touched.flatMap(({ endpoints }) => endpoints.map(({ cluster }) => cluster)));
  const state: State = {
    names,
    answers: knows === 'before' ? answersOf(before, names) : undefined,
    planned: plannedShares(before, names),
    shares: noShares([...clusters].toSorted()),
    sampled: counts,
    read: counts,
    decided: undefined,
    last: { at: 0, silent: 0 },
  };
  return {
    onAnswers: (drill, reading) => answersSeen(state, drill, reading),
    onCounts(drill, reading) {
      const seen = drill.state === 'running' ? countsSeen(state, drill, reading) : [];
      state.read = reading.counts;
      return seen;
    },
    sample: (reading) => takeSample(state, reading),
    shares: () => state.shares,
  };
}

/** The first other answers, and the first that are again what they were. */
function answersSeen(state: State, drill: Drill, reading: FilmReading): readonly DrillMoment[] {
  const { at, snapshot, counts } = reading;
  if (drill.state !== 'running') return recovery(drill, reading, state);
  if (state.decided !== undefined || answersOf(snapshot, state.names) === state.answers) return [];
  state.decided = { at, counts };
  return [{ at, kind: 'decided', detail: `other answers, snapshot ${snapshot.version}` }];
}

/**
 * The first answers without a drill that changed some: those of before. Others may have changed them meanwhile, or it is not
 * known how they were: then those without its order, or, of a `fail`, those when nothing of it is left. A `blind` changes none.
 */
function recovery(drill: Drill, { at, snapshot }: FilmReading, { answers, names }: State): readonly DrillMoment[] {
  if (!hasMoment(drill, 'decided') || hasMoment(drill, 'recovered')) return [];
  if (answers !== undefined && answersOf(snapshot, names) === answers) {
    return [{ at, kind: 'recovered', detail: `the answers of before, snapshot ${snapshot.version}` }];
  }
  const { kind } = drill.spec.action;
  if (kind === 'blind' || (kind === 'fail' && drill.state !== 'over')) return [];
  return [{ at, kind: 'recovered', detail: `the answers are as without it, snapshot ${snapshot.version}` }];
}

function countsSeen(state: State, drill: Drill, reading: FilmReading): readonly DrillMoment[] {
  const { decided } = state;
  if (decided === undefined) return [];
  const moments = [...newAnswer(state, drill, reading)];
  if (drill.step + 1 < rampOf(drill.spec).steps.length) return moments;
  const wholeAt = Math.max(decided.at, drill.since);
  return [...moments, ...cachesOver(drill, wholeAt, reading), ...oldAnswers(state, drill, wholeAt, reading)];
}

/** The first answer after the decision that names a cluster which gets more than before. */
function newAnswer(state: State, drill: Drill, { at, snapshot, counts }: FilmReading): readonly DrillMoment[] {
  const { decided, names, planned } = state;
  if (decided === undefined || hasMoment(drill, 'first-new-answer')) return [];
  const gaining = [...plannedShares(snapshot, names)].filter(([cluster, share]) => share > (planned.get(cluster) ?? 0));
  const found = gaining.find(([cluster]) => (counts.get(cluster) ?? 0) > (decided.counts.get(cluster) ?? 0));
  return found ? [{ at, kind: 'first-new-answer', detail: `${found[0]}, which gets more, is in an answer` }] : [];
}

/** When nobody has an old answer any more. */
function cachesOver(drill: Drill, wholeAt: number, { at: now }: FilmReading): readonly DrillMoment[] {
  const { plan } = drill;
  if (plan === undefined || hasMoment(drill, 'caches-over')) return [];
  const at = wholeAt + plan.cachedSeconds * 1000;
  return now < at ? [] : [{ at, kind: 'caches-over', detail: `the TTL of ${plan.cachedSeconds} s is over` }];
}

/** Who is in no answer any more, as far as the counters say. */
function oldAnswers(
  state: State,
  drill: Drill,
  wholeAt: number,
  { at: now, snapshot, counts }: FilmReading,
): readonly DrillMoment[] {
  if (hasMoment(drill, 'last-old-answer')) return [];
  const left = emptied(snapshot, state);
  if (left.length === 0) return [];
  const grew = left.some((cluster) => (counts.get(cluster) ?? 0) !== (state.read.get(cluster) ?? 0));
  state.last = grew ? { at: now, silent: 0 } : { ...state.last, silent: state.last.silent + 1 };
  if (state.last.silent < READINGS_OF_SILENCE) return [];
  const at = Math.max(wholeAt, state.last.at);
  return [{ at, kind: 'last-old-answer', detail: `${left.join(', ')} in no answer since` }];
}

/** The clusters that had answers and have none any more, of no hostname at all: counters do not tell hostnames apart. */
function emptied(snapshot: Snapshot, { planned }: State): readonly string[] {
  const all = meanShares(snapshot);
  return [...planned.keys()].filter((cluster) => (all.get(cluster) ?? 0) === 0);
}

function takeSample(state: State, { at, snapshot, counts }: FilmReading): void {
  const answered = [...counts].map(([cluster, count]) => [cluster, count - (state.sampled.get(cluster) ?? 0)] as const);
  const planned = plannedShares(snapshot, state.names);
  state.shares = withSample(state.shares, { at, planned, answered: new Map(answered) });
  state.sampled = counts;
}
