import { type Static, Type } from 'typebox';
import { orderOf } from '../../core/drill/effects.ts';
import { isInForce, type Override, type OverrideAction } from '../../core/orders/override.ts';
import { isPin, pinStateOf } from '../../core/orders/pins.ts';
import type { Scope, Selection } from '../../core/orders/scope.ts';
import { NO_SWAY, type Sway, swayOf } from '../../core/orders/sway.ts';
import { unfitIn, unfitText } from '../../core/orders/unfit.ts';
import type { Director } from '../../core/ports.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import { TIMESTAMP, timestamp } from '../page.ts';

/** Most overrides that the status names; `/v1/overrides` has all. */
const MAX_LINES = 20;

const PATTERNS = Type.Optional(Type.Array(Type.String()));
const SELECTION = { clusters: PATTERNS, gateways: PATTERNS, hostnames: PATTERNS, teams: PATTERNS };
/** What is ordered. */
export const OVERRIDE_ACTION = Type.Enum<OverrideAction['kind'][]>(['up', 'down', 'drain', 'weight', 'pin']);

type OverrideState = 'planned' | 'pending' | 'in-force' | 'shadowed' | 'idle';

/** An override, and what it is about at this moment. */
export const OVERRIDE_VIEW = Type.Object({
  name: Type.String(),
  scope: Type.Object({ ...SELECTION, except: Type.Optional(Type.Object(SELECTION)) }),
  action: OVERRIDE_ACTION,
  /** Of `weight`. */
  weight: Type.Optional(Type.Integer()),
  /** Of `drain` and `weight`: how much of it; absent: all. */
  percent: Type.Optional(Type.Number()),
  /** Of `pin`: whose clients, and where to. */
  nets: Type.Optional(Type.Immutable(Type.Array(Type.String()))),
  cluster: Type.Optional(Type.String()),
  at: TIMESTAMP,
  from: Type.Optional(TIMESTAMP),
  until: Type.Optional(TIMESTAMP),
  by: Type.String(),
  reason: Type.String(),
  /** What would have refused it, had it not been forced. */
  forced: Type.Optional(Type.Array(Type.String())),
  /**
   * `shadowed`: it holds nowhere, because newer ones do; one that holds somewhere is `in-force`. `pending`: a pin that the
   * client places do not know yet. `idle`: nothing that there is now fits its scope.
   */
  state: Type.Enum<OverrideState[]>(['planned', 'pending', 'in-force', 'shadowed', 'idle']),
  /** What it is about. */
  endpoints: Type.Integer(),
  hostnames: Type.Integer(),
  /** Endpoints of those where a newer one that contradicts it holds instead, and some of those by name. */
  shadowed: Type.Integer(),
  shadowedBy: Type.Array(Type.String()),
  /** Of one override: the patterns of its scope that fit nothing now, which may be mistyped, in words. Absent where each fits. */
  notes: Type.Optional(Type.Array(Type.String())),
});

/** See `OVERRIDE_VIEW`. */
export type OverrideView = Static<typeof OVERRIDE_VIEW>;

/** An override in one line. */
const OVERRIDE_LINE = Type.Object({
  name: Type.String(),
  action: OVERRIDE_ACTION,
  weight: Type.Optional(Type.Integer()),
  percent: Type.Optional(Type.Number()),
  /** Of `pin`. */
  cluster: Type.Optional(Type.String()),
  from: Type.Optional(TIMESTAMP),
  until: Type.Optional(TIMESTAMP),
  by: Type.String(),
  reason: Type.String(),
  /** Whether it has begun. */
  state: Type.Union([Type.Literal('planned'), Type.Literal('in-force')]),
});

/** All overrides, planned ones included, and the newest of them in one line each. */
export const OVERRIDE_LINES = Type.Object({ total: Type.Integer(), newest: Type.Array(OVERRIDE_LINE) });

/** These overrides as the API shows them. `now` in ms since the epoch. */
export function viewOverrides(director: Director, overrides: readonly Override[], now: number): OverrideView[] {
  if (overrides.length === 0) return [];
  const drills = director.drills.list().flatMap((drill) => orderOf(drill) ?? []);
  const { model, places } = director.snapshot();
  const sway = swayOf(model, [...director.overrides().values(), ...drills], now);
  return overrides.map((override) => {
    const own = sway.get(override.name) ?? NO_SWAY;
    return { ...viewOverride(override, own), state: stateOf(override, own, { places, now }) };
  });
}

/** One override with notes on its patterns. */
export function viewOneOverride(director: Director, override: Override, now: number): OverrideView | undefined {
  const [view] = viewOverrides(director, [override], now);
  const unfit = unfitIn(override.scope, director.snapshot().model).map(unfitText);
  return view && { ...view, ...(unfit.length === 0 ? {} : { notes: unfit }) };
}

/** See `OVERRIDE_LINES`; drains of whole clusters, which have a column of their own, are left out. */
export function viewOverrideLines(director: Pick<Director, 'overrides'>, now: number): Static<typeof OVERRIDE_LINES> {
  const all = sorted(director).filter(({ name }) => !name.includes(':'));
  const newest = all.slice(0, MAX_LINES).map((override) => {
    const { name, by, reason } = override;
    const state = isInForce(override, now) ? ('in-force' as const) : ('planned' as const);
    const { nets: _, ...action } = viewAction(override);
    return { name, ...action, ...viewTimes(override), by, reason, state };
  });
  return { total: all.length, newest };
}

/** All overrides, the newest first. */
export function sorted({ overrides }: Pick<Director, 'overrides'>): readonly Override[] {
  return [...overrides().values()].toSorted((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1));
}

function viewOverride(override: Override, { endpoints, hostnames, shadowed, shadowedBy }: Sway) {
  const { name, scope, at, by, reason, forced } = override;
  return {
    name,
    scope: viewScope(scope),
    ...viewAction(override),
    at: timestamp(at),
    ...viewTimes(override),
    by,
    reason,
    ...(forced === undefined ? {} : { forced: [...forced] }),
    endpoints,
    hostnames,
    shadowed,
    shadowedBy: [...shadowedBy],
  };
}

function stateOf(
  override: Override,
  { endpoints, shadowed }: Sway,
  { places, now }: Pick<Snapshot, 'places' | 'now'>,
): OverrideState {
  if (!isInForce(override, now)) return 'planned';
  if (endpoints === 0) return 'idle';
  if (isPin(override) && pinStateOf(override, places.pins) === 'pending') return 'pending';
  return shadowed === endpoints ? 'shadowed' : 'in-force';
}

function viewAction({ action }: Override): Pick<OverrideView, 'action' | 'weight' | 'percent' | 'nets' | 'cluster'> {
  const { kind, ...rest } = action;
  return { action: kind, ...rest };
}

function viewTimes({ from, until }: Override): Pick<OverrideView, 'from' | 'until'> {
  return {
    ...(from === undefined ? {} : { from: timestamp(from) }),
    ...(until === undefined ? {} : { until: timestamp(until) }),
  };
}

function viewScope({ except, ...meant }: Scope): OverrideView['scope'] {
  return { ...viewSelection(meant), ...(except === undefined ? {} : { except: viewSelection(except) }) };
}

function viewSelection(selection: Selection): Partial<Record<keyof Selection, string[]>> {
  return Object.fromEntries(Object.entries(selection).map(([key, patterns]) => [key, [...patterns]]));
}
