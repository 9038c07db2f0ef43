import { meanShares } from '../admin/views/cluster-shares.ts';
import type { DnsCounts } from '../core/dns-ports.ts';
import { type Drill, type DrillMoment, hasMoment, isUnderWay, rampOf } from '../core/drill/drill.ts';
import {
  answersOf,
  type DrillShares,
  noShares,
  plannedShares,
  sampled,
  withSample,
} from '../core/drill/drill-shares.ts';
import { touches } from '../core/drill/reach.ts';
import type { Clock, Director } from '../core/ports.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import type { DirectorControl } from '../director.ts';
import type { Stage } from '../lifecycle.ts';

/** How often the counters of the DNS are read while a drill is under way, in ms. */
const TICK_MS = 200;
/** So many readings are one sample of the shares: a second. */
const TICKS_OF_SAMPLE = 5;
/** A cluster that was in no answer for so many readings has given its last old answer: two seconds. */
const TICKS_OF_SILENCE = 10;

/** Watches drills from outside, as clients see them: for their timelines, and for shares over time. */
export type DrillRecorder = {
  /** Told of each new snapshot, after it is published. */
  onSnapshot(snapshot: Snapshot): void;
  /** The shares so far of a drill that is under way; undefined where none of this name is. */
  shares(name: string): DrillShares | undefined;
  close(): void;
};

/** What it looks at. */
export type DrillRecorderOptions = {
  readonly clock: Clock;
  readonly director: () => Pick<Director, 'snapshot' | 'drills'> & Pick<DirectorControl, 'drillLog'>;
  readonly counts: () => Pick<DnsCounts, 'clusters'>;
  /** Told of the drills after each look. */
  readonly onLook: (drills: readonly Drill[]) => void;
};

type Counts = ReadonlyMap<string, number>;

/** What is known of one drill. */
type Film = {
  readonly names: readonly string[];
  /** The answers, and the clusters in them, before it began. */
  readonly answers: string;
  readonly clusters: readonly string[];
  shares: DrillShares;
  /** As of the last sample. */
  counted: Counts;
  decidedAt: number | undefined;
  /** When a cluster that gets nobody any more was in an answer last, and for how many readings it was not. */
  last: { at: number; silent: number };
};

type State = DrillRecorderOptions & {
  readonly films: Map<string, Film>;
  before: Snapshot | undefined;
  /** As of the last reading. */
  read: Counts;
  ticks: number;
  cancel: (() => void) | undefined;
};

/** A recorder that sleeps until a drill begins. */
export function createDrillRecorder(options: DrillRecorderOptions): DrillRecorder {
  const state: State = {
    ...options,
    films: new Map(),
    before: undefined,
    read: new Map(),
    ticks: 0,
    cancel: undefined,
  };
  return {
    onSnapshot(snapshot) {
      const before = state.before ?? snapshot;
      state.before = snapshot;
      for (const drill of options.director().drills.list()) {
        if (isUnderWay(drill)) noteAnswers(state, drill, filmOf(state, drill, before), snapshot);
      }
      options.onLook(options.director().drills.list());
      if (state.films.size > 0) state.cancel ??= options.clock.after(TICK_MS, () => tick(state));
    },
    shares: (name) => state.films.get(name)?.shares,
    close: () => state.cancel?.(),
  };
}

/** Comes with the probes, and goes before them. */
export function drillsStage(recorder: DrillRecorder): Stage {
  return { name: 'drills', waitsFor: 'nothing', start: async () => {}, stop: async () => recorder.close() };
}

/** `before`: the snapshot that was in force before the drill did anything. */
function filmOf(state: State, { spec }: Drill, before: Snapshot): Film {
  const known = state.films.get(spec.name);
  if (known !== undefined) return known;
  const touched = before.model.hostnames.filter(touches(spec, before.model));
  const names = sampled(touched.map(({ name }) => name));
  const clusters = new Set(touched.flatMap(({ endpoints }) => endpoints.map(({ cluster }) => cluster)));
  const counted = countsOf(state);
  if (state.films.size === 0) state.read = counted;
  const film: Film = {
    names,
    answers: answersOf(before, names),
    clusters: [...plannedShares(before, names).keys()],
    shares: noShares([...clusters].toSorted()),
    counted,
    decidedAt: undefined,
    last: { at: 0, silent: 0 },
  };
  state.films.set(spec.name, film);
  return film;
}

/** The first other answers, and the first that are again what they were. */
function noteAnswers(state: State, drill: Drill, film: Film, snapshot: Snapshot): void {
  const isEnding = drill.state === 'rolling-back';
  if (isEnding ? hasMoment(drill, 'recovered') : film.decidedAt !== undefined) return;
  const isOther = answersOf(snapshot, film.names) !== film.answers;
  const at = state.clock.now();
  if (!isEnding && isOther) {
    film.decidedAt = at;
    film.last = { at: 0, silent: 0 };
    note(state, drill, { at, kind: 'decided', detail: `other answers, snapshot ${snapshot.version}` });
  }
  if (isEnding && !isOther && film.decidedAt !== undefined) {
    note(state, drill, { at, kind: 'recovered', detail: `the answers of before, snapshot ${snapshot.version}` });
  }
}

function tick(state: State): void {
  const { clock, director } = state;
  const drills = new Map(
    director()
      .drills.list()
      .map((drill) => [drill.spec.name, drill]),
  );
  const read = countsOf(state);
  state.ticks += 1;
  for (const [name, film] of state.films) {
    const drill = drills.get(name);
    if (drill !== undefined) noteCounts(state, drill, film, read);
    const isLast = drill === undefined || !isUnderWay(drill);
    if (isLast || state.ticks % TICKS_OF_SAMPLE === 0) sample(state, film, read);
    if (!isLast) continue;
    state.films.delete(name);
    if (drill !== undefined) director().drillLog.keepShares(name, film.shares);
  }
  state.read = read;
  state.onLook(director().drills.list());
  state.cancel = state.films.size > 0 ? clock.after(TICK_MS, () => tick(state)) : undefined;
}

/** Who is in no answer any more, as far as the counters say; and when nobody has an old answer any more. */
function noteCounts(state: State, drill: Drill, film: Film, read: Counts): void {
  const isWhole = drill.step + 1 >= rampOf(drill.spec).steps.length;
  if (drill.state !== 'running' || film.decidedAt === undefined || !isWhole) return;
  const now = state.clock.now();
  const wholeAt = Math.max(film.decidedAt, drill.since);
  const cachesOverAt = wholeAt + (drill.plan?.cachedSeconds ?? 0) * 1000;
  if (drill.plan !== undefined && now >= cachesOverAt && !hasMoment(drill, 'caches-over')) {
    const detail = `the TTL of ${drill.plan.cachedSeconds} s is over`;
    note(state, drill, { at: cachesOverAt, kind: 'caches-over', detail });
  }
  if (hasMoment(drill, 'last-old-answer')) return;
  const left = emptied(state.director().snapshot(), film);
  if (left.length === 0) return;
  const grew = left.some((cluster) => (read.get(cluster) ?? 0) !== (state.read.get(cluster) ?? 0));
  film.last = grew ? { at: now, silent: 0 } : { ...film.last, silent: film.last.silent + 1 };
  if (film.last.silent < TICKS_OF_SILENCE) return;
  const at = Math.max(wholeAt, film.last.at);
  note(state, drill, { at, kind: 'last-old-answer', detail: `${left.join(', ')} in no answer since` });
}

/** The clusters that had answers and have none any more, of no hostname at all: counters do not tell hostnames apart. */
function emptied(snapshot: Snapshot, { clusters }: Film): readonly string[] {
  const all = meanShares(snapshot);
  return clusters.filter((cluster) => (all.get(cluster) ?? 0) === 0);
}

function sample({ clock, director }: State, film: Film, read: Counts): void {
  const grown = [...read].map(([cluster, count]) => [cluster, count - (film.counted.get(cluster) ?? 0)] as const);
  const planned = plannedShares(director().snapshot(), film.names);
  film.shares = withSample(film.shares, { at: clock.now(), planned, answered: new Map(grown) });
  film.counted = read;
}

function countsOf({ counts }: State): Counts {
  return new Map(counts().clusters.map(({ cluster, count }) => [cluster, count]));
}

function note({ director }: State, { spec }: Drill, moment: DrillMoment): void {
  director().drillLog.note(spec.name, moment);
}
