import { type Static, Type } from 'typebox';
import { DRILL_STATES, type Drill, MOMENT_KINDS, percentOf, rampOf } from '../../core/drill/drill.ts';
import type { DrillPlan } from '../../core/drill/drill-plan.ts';
import type { DrillShares } from '../../core/drill/drill-shares.ts';
import type { Scope, Selection } from '../../core/orders/scope.ts';
import { TIMESTAMP, timestamp } from '../page.ts';

const NAMES = Type.Array(Type.String());
const PATTERNS = Type.Optional(NAMES);
const SELECTION = { clusters: PATTERNS, gateways: PATTERNS, hostnames: PATTERNS, teams: PATTERNS };
const ACTION = Type.Union([Type.Literal('drain'), Type.Literal('fail'), Type.Literal('weight'), Type.Literal('blind')]);
const SHIFT = { before: Type.Number(), after: Type.Number() };

/** What was foreseen. Fractions are 0–1. */
const PLAN = Type.Object({
  at: TIMESTAMP,
  verdict: Type.Union([Type.Literal('fine'), Type.Literal('harm')]),
  /** Hostnames whose answers would change. */
  changed: Type.Integer(),
  moved: Type.Number(),
  nobody: Type.Object(SHIFT),
  cachedSeconds: Type.Number(),
  clusters: Type.Array(Type.Object({ cluster: Type.String(), ...SHIFT })),
  /** How many clusters are usable, of the hostnames that fare worst. */
  left: Type.Array(Type.Object({ name: Type.String(), ...SHIFT })),
  troubles: Type.Array(Type.Object({ trouble: Type.String(), count: Type.Integer(), already: Type.Integer() })),
  /** Rules of safety that it breaks. */
  broken: NAMES,
});

/** A drill in short. */
const LINE = {
  name: Type.String(),
  action: ACTION,
  weight: Type.Optional(Type.Integer()),
  scope: Type.Object({ ...SELECTION, except: Type.Optional(Type.Object(SELECTION)) }),
  state: Type.Enum(DRILL_STATES),
  /** How much of it is done now, in percent. */
  percent: Type.Integer(),
  by: Type.String(),
  reason: Type.String(),
  at: TIMESTAMP,
  /** When it begins; null: at once. */
  startAt: TIMESTAMP,
  lengthSeconds: Type.Number(),
  /** When its state or step began. */
  since: TIMESTAMP,
  /** When it ends by itself; null where it does not run. */
  endsAt: TIMESTAMP,
  end: Type.Optional(
    Type.Object({
      kind: Type.Enum(['completed', 'stopped', 'aborted', 'interrupted']),
      why: Type.String(),
    }),
  ),
};

/** A drill in a list. */
export const DRILL_LINE = Type.Object(LINE);

/** A drill with all that is known of it. */
export const DRILL_VIEW = Type.Object({
  ...LINE,
  ramp: Type.Object({ steps: Type.Array(Type.Integer()), everySeconds: Type.Number() }),
  step: Type.Integer(),
  abort: Type.Object({
    noEndpoint: Type.Boolean(),
    capacity: Type.Boolean(),
    below: Type.Number(),
    monitors: NAMES,
  }),
  timeline: Type.Array(Type.Object({ at: TIMESTAMP, kind: Type.Enum(MOMENT_KINDS), detail: Type.String() })),
  plan: Type.Optional(PLAN),
  /** What it broke and was started in spite of, by name. */
  forced: Type.Optional(NAMES),
  /** Shares over time: lists are in the order of `clusters`; `answered` counts since the sample before. */
  shares: Type.Optional(
    Type.Object({
      clusters: NAMES,
      samples: Type.Array(
        Type.Object({
          at: TIMESTAMP,
          planned: Type.Array(Type.Number()),
          answered: Type.Array(Type.Integer()),
        }),
      ),
    }),
  ),
});

/** See `DRILL_VIEW`. */
export type DrillView = Static<typeof DRILL_VIEW>;

/** What a drill would do. */
export const DRILL_PLAN_VIEW = Type.Object({
  plan: PLAN,
  broken: Type.Array(Type.Object({ rule: Type.String(), message: Type.String() })),
});

/** A drill in a list. */
export function viewDrillLine(drill: Drill): Static<typeof DRILL_LINE> {
  const { spec, by, at, since, state, end } = drill;
  const { name, action, scope, reason, startAt, lengthMs } = spec;
  const begun = drill.timeline.find(({ kind }) => kind === 'begun')?.at;
  return {
    name,
    action: action.kind,
    ...(action.kind === 'weight' ? { weight: action.weight } : {}),
    scope: viewScope(scope),
    state,
    percent: percentOf(drill),
    by,
    reason,
    at: timestamp(at),
    startAt: timestamp(startAt ?? 0),
    lengthSeconds: lengthMs / 1000,
    since: timestamp(since),
    endsAt: state === 'running' && begun !== undefined ? timestamp(begun + lengthMs) : null,
    ...(end === undefined ? {} : { end: { ...end } }),
  };
}

function viewScope({ except, ...selection }: Scope): Static<typeof DRILL_LINE>['scope'] {
  return { ...viewSelection(selection), ...(except === undefined ? {} : { except: viewSelection(except) }) };
}

function viewSelection(selection: Selection) {
  return Object.fromEntries(Object.entries(selection).map(([list, patterns]) => [list, [...patterns]]));
}

/** A drill with all that is known of it. `shares`: so far, where it is under way. */
export function viewDrill(drill: Drill, shares = drill.shares): DrillView {
  const { spec, step, timeline, plan, forced } = drill;
  const { steps, everyMs } = rampOf(spec);
  const { noEndpoint, capacity, healthyShare, monitors } = spec.abort;
  return {
    ...viewDrillLine(drill),
    ramp: { steps: [...steps], everySeconds: everyMs / 1000 },
    step: step + 1,
    abort: {
      noEndpoint: noEndpoint === 'abort',
      capacity: capacity === 'abort',
      below: healthyShare,
      monitors: [...monitors],
    },
    timeline: timeline.map(({ at, kind, detail }) => ({ at: timestamp(at), kind, detail })),
    ...(plan === undefined ? {} : { plan: viewDrillPlan(plan) }),
    ...(forced === undefined ? {} : { forced: [...forced] }),
    ...(shares === undefined ? {} : { shares: viewShares(shares) }),
  };
}

/** What was foreseen. */
export function viewDrillPlan(plan: DrillPlan): Static<typeof PLAN> {
  return {
    ...plan,
    at: timestamp(plan.at),
    clusters: [...plan.clusters],
    left: [...plan.left],
    troubles: [...plan.troubles],
    broken: [...plan.broken],
  };
}

function viewShares({ clusters, samples }: DrillShares): NonNullable<DrillView['shares']> {
  return {
    clusters: [...clusters],
    samples: samples.map(({ at, planned, answered }) => ({
      at: timestamp(at),
      planned: [...planned],
      answered: [...answered],
    })),
  };
}
