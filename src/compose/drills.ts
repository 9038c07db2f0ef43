import type { DnsCounts } from '../core/dns-ports.ts';
import { type Drill, type DrillMoment, isUnderWay } from '../core/drill/drill.ts';
import type { DrillShares } from '../core/drill/drill-shares.ts';
import type { Clock, Director } from '../core/ports.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import type { DirectorControl } from '../director.ts';
import type { Stage } from '../lifecycle.ts';
import { type Counts, createDrillFilm, type DrillFilm } from './drill-film.ts';

/** How often the counters of the DNS are read while a drill is under way, in ms. */
const TICK_MS = 200;
/** So many readings are one sample of the shares: a second. */
const TICKS_OF_SAMPLE = 5;

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
  readonly director: () => Pick<Director, 'snapshot' | 'drills'> & Pick<DirectorControl, 'drillBook'>;
  readonly counts: () => Pick<DnsCounts, 'clusters'>;
  /** Told of the drills after each look. */
  readonly onLook: (drills: readonly Drill[]) => void;
};

type State = DrillRecorderOptions & {
  readonly films: Map<string, DrillFilm>;
  before: Snapshot | undefined;
  ticks: number;
  cancel: (() => void) | undefined;
};

/** A recorder that sleeps until a drill begins. */
export function createDrillRecorder(options: DrillRecorderOptions): DrillRecorder {
  const { clock, director } = options;
  const state: State = { ...options, films: new Map(), before: undefined, ticks: 0, cancel: undefined };
  return {
    onSnapshot(snapshot) {
      const before = state.before ?? snapshot;
      state.before = snapshot;
      for (const drill of director().drills.list()) note(state, drill, seenOf(state, drill, { before, snapshot }));
      options.onLook(director().drills.list());
      if (state.films.size > 0) state.cancel ??= clock.after(TICK_MS, () => tick(state));
    },
    shares: (name) => state.films.get(name)?.shares(),
    close: () => state.cancel?.(),
  };
}

/** Comes with the probes, and goes before them. */
export function drillsStage(recorder: DrillRecorder): Stage {
  return { name: 'drills', waitsFor: 'nothing', start: async () => {}, stop: async () => recorder.close() };
}

type Snapshots = { readonly before: Snapshot; readonly snapshot: Snapshot };

/** What a new snapshot has to say of a drill. What is over was filmed before, or is of an earlier time. */
function seenOf(state: State, drill: Drill, { before, snapshot }: Snapshots): readonly DrillMoment[] {
  const film = state.films.get(drill.spec.name);
  const at = state.clock.now();
  if (!isUnderWay(drill) && film === undefined) return [];
  const counts = countsOf(state);
  return (film ?? filmOf(state, drill, { before, counts })).onAnswers(drill, { at, snapshot, counts });
}

/** `before`: the snapshot that was in force before the drill did anything. */
function filmOf(
  { films }: State,
  { spec, state }: Drill,
  seen: { readonly before: Snapshot; readonly counts: Counts },
): DrillFilm {
  const known = films.get(spec.name);
  if (known !== undefined) return known;
  const film = createDrillFilm(spec, { ...seen, knows: state === 'running' ? 'before' : 'now' });
  films.set(spec.name, film);
  return film;
}

function tick(state: State): void {
  const { clock, director } = state;
  const drills = new Map(
    director()
      .drills.list()
      .map((drill) => [drill.spec.name, drill]),
  );
  const reading = { at: clock.now(), snapshot: director().snapshot(), counts: countsOf(state) };
  state.ticks += 1;
  for (const [name, film] of state.films) {
    const drill = drills.get(name);
    if (drill !== undefined) note(state, drill, film.onCounts(drill, reading));
    const isLast = drill === undefined || !isUnderWay(drill);
    if (isLast || state.ticks % TICKS_OF_SAMPLE === 0) film.sample(reading);
    if (!isLast) continue;
    state.films.delete(name);
    if (drill !== undefined) director().drillBook.keepShares(name, film.shares());
  }
  state.onLook(director().drills.list());
  state.cancel = state.films.size > 0 ? clock.after(TICK_MS, () => tick(state)) : undefined;
}

function countsOf({ counts }: State): Counts {
  return new Map(counts().clusters.map(({ cluster, count }) => [cluster, count]));
}

function note({ director }: State, { spec }: Drill, moments: readonly DrillMoment[]): void {
  for (const moment of moments) director().drillBook.note(spec.name, moment);
}
