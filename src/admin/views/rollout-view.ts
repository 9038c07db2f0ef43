import { type Static, Type } from 'typebox';
import type { Hostname } from '../../core/desired/model.ts';
import type { Director } from '../../core/ports.ts';
import { ROLLOUT_STATES } from '../../core/rollout/rollout.ts';
import type { RolloutStanding } from '../../core/rollout/rollout-book.ts';
import { candidateOf } from '../../core/steering/candidate.ts';
import { isUp } from '../../core/steering/decision.ts';
import { TIMESTAMP, timestamp } from '../page.ts';

/** Most hostnames that are named because nobody of `to` is usable there. */
const MAX_NAMED = 10;

const NAMES = Type.Array(Type.String());

/** A rollout: what was asked for, and how far it is. */
export const ROLLOUT_VIEW = Type.Object({
  name: Type.String(),
  kind: Type.Union([Type.Literal('blue-green'), Type.Literal('canary')]),
  /** Absent: all. */
  hostnames: Type.Optional(NAMES),
  from: NAMES,
  to: NAMES,
  /** Of a canary alone, as the next four. */
  steps: Type.Optional(Type.Array(Type.Integer())),
  dwellSeconds: Type.Optional(Type.Number()),
  rollbackAfterSeconds: Type.Optional(Type.Number()),
  guard: Type.Optional(Type.Object({ monitors: NAMES, healthy: Type.Boolean() })),
  step: Type.Optional(Type.Integer()),
  state: Type.Enum(ROLLOUT_STATES),
  /** Of the clients that are to go to `to`. */
  percent: Type.Integer(),
  since: TIMESTAMP,
  why: Type.String(),
  /** When it goes on or back by itself; null for never, as long as nothing changes. */
  nextAt: TIMESTAMP,
  guarded: Type.Union([Type.Literal('good'), Type.Literal('unknown'), Type.Literal('bad')]),
  /** What is not up. */
  trouble: Type.Optional(Type.String()),
  /** Hostnames whose clients it divides. */
  divided: Type.Integer(),
  /** How many of them have nobody usable in `to`, so that `from` keeps all; some of them by name. */
  withoutTo: Type.Integer(),
  withoutToNames: NAMES,
});

/** See `ROLLOUT_VIEW`. */
export type RolloutView = Static<typeof ROLLOUT_VIEW>;

/** A rollout in one line. */
export const ROLLOUT_LINE = Type.Pick(ROLLOUT_VIEW, [
  'name',
  'kind',
  'to',
  'steps',
  'step',
  'state',
  'percent',
  'nextAt',
  'trouble',
]);

/** All rollouts, each in one line. */
export function viewRolloutLines(director: Pick<Director, 'rollouts'>): Static<typeof ROLLOUT_LINE>[] {
  return director.rollouts.list().map((standing) => {
    const { name, kind, to, steps, step, state, percent, nextAt, trouble } = viewStanding(standing);
    const canary = steps === undefined || step === undefined ? {} : { steps, step };
    return { name, kind, to, ...canary, state, percent, nextAt, ...(trouble === undefined ? {} : { trouble }) };
  });
}

/** All rollouts as the API shows them, or the one of this name; `now` in ms since the epoch. */
export function viewRollouts(director: Director, now: number, name?: string): readonly RolloutView[] {
  const standings = director.rollouts.list().filter(({ rollout }) => name === undefined || rollout.spec.name === name);
  const divided = Map.groupBy(director.snapshot().model.hostnames, ({ policy }) => policy.rollout?.name);
  return standings.map((standing) => {
    const hostnames = divided.get(standing.rollout.spec.name) ?? [];
    const without = hostnames.filter((hostname) => !hasUsable(hostname, director, now)).map((each) => each.name);
    return {
      ...viewStanding(standing),
      divided: hostnames.length,
      withoutTo: without.length,
      withoutToNames: without.slice(0, MAX_NAMED),
    };
  });
}

type StandingView = Omit<RolloutView, 'divided' | 'withoutTo' | 'withoutToNames'>;

function viewStanding({ rollout, percent, nextAt, guard }: RolloutStanding): StandingView {
  const { spec, state, step, since, why } = rollout;
  const { name, hostnames, from, to, plan } = spec;
  const canary = plan.kind === 'canary' && {
    steps: [...plan.steps],
    dwellSeconds: plan.dwellMs / 1000,
    rollbackAfterSeconds: plan.rollbackAfterMs / 1000,
    guard: { monitors: [...plan.monitors], healthy: plan.endpoints === 'must-be-up' },
    step: step + 1,
  };
  return {
    name,
    kind: plan.kind,
    ...(hostnames === undefined ? {} : { hostnames: [...hostnames] }),
    from: [...from],
    to: [...to],
    ...(canary === false ? {} : canary),
    state,
    percent,
    since: timestamp(since),
    why,
    nextAt: timestamp(nextAt ?? 0),
    guarded: guard.kind,
    ...(guard.kind === 'bad' ? { trouble: guard.what } : {}),
  };
}

function hasUsable({ endpoints, policy: { rollout } }: Hostname, director: Director, now: number): boolean {
  return endpoints.some((endpoint) => {
    if (rollout?.to.includes(endpoint.cluster) !== true || endpoint.unready !== undefined) return false;
    const { state, drain } = candidateOf(endpoint, director.health(), now);
    return isUp(state) && drain === 'none';
  });
}
