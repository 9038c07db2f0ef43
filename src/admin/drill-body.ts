import { type Static, Type } from 'typebox';
import { duration } from '../core/desired/annotations/values.ts';
import { MAX_ABORT_MONITORS, MAX_DRILL_MS, MAX_RAMP_STEPS, MIN_DRILL_MS } from '../core/drill/check.ts';
import type { DrillAction, DrillSpec } from '../core/drill/drill.ts';
import { MAX_WEIGHT } from '../core/orders/override.ts';
import { momentOf } from './moment.ts';
import { problem } from './problems.ts';
import { REASON_BODY, SCOPE_BODY } from './scope-body.ts';

const CLOSED = { additionalProperties: false };
const DURATION = Type.String({ maxLength: 20 });

const FIELDS = {
  name: Type.String({ maxLength: 63 }),
  scope: SCOPE_BODY,
  action: Type.Union([Type.Literal('drain'), Type.Literal('fail'), Type.Literal('weight'), Type.Literal('blind')]),
  /** With `weight`. */
  weight: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_WEIGHT })),
  for: DURATION,
  /** RFC 3339; at once without it, or where that is past. */
  at: Type.Optional(Type.String({ maxLength: 64 })),
  ramp: Type.Optional(
    Type.Object(
      {
        /** Percents that rise to 100. */
        steps: Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), { minItems: 1, maxItems: MAX_RAMP_STEPS }),
        every: DURATION,
      },
      CLOSED,
    ),
  ),
  abort: Type.Optional(
    Type.Object(
      {
        /** A hostname that had a usable endpoint has none; true by default. */
        noEndpoint: Type.Optional(Type.Boolean()),
        /** A cluster sheds clients; true by default. */
        capacity: Type.Optional(Type.Boolean()),
        /** Fewer than this fraction (0–1) of the endpoints of the hostnames are usable; never by default. */
        below: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        /** Named monitors that must not be down. */
        monitors: Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: MAX_ABORT_MONITORS })),
      },
      CLOSED,
    ),
  ),
  reason: REASON_BODY,
};

/** A drill that is only planned. */
export const DRILL_BODY = Type.Object(FIELDS, CLOSED);

/** A drill that is started. */
export const DRILL_START_BODY = Type.Object(
  {
    ...FIELDS,
    /** In spite of the rules of safety. */
    force: Type.Optional(Type.Boolean()),
  },
  CLOSED,
);

type Body = Static<typeof DRILL_BODY>;

/** The drill that a body describes; `now` in ms since the epoch. Throws a problem where a field is none. */
export function specOf(body: Body, now: number): DrillSpec {
  const { name, scope, at, ramp, abort = {}, reason } = body;
  const startAt = at === undefined ? undefined : momentOf('at', at, 'drill-invalid');
  return {
    name,
    scope,
    action: actionOf(body),
    ...(startAt === undefined || startAt <= now ? {} : { startAt }),
    lengthMs: lengthOf('for', body.for),
    ...(ramp === undefined ? {} : { ramp: { steps: ramp.steps, everyMs: lengthOf('ramp.every', ramp.every) } }),
    abort: {
      noEndpoint: abort.noEndpoint === false ? 'go-on' : 'abort',
      capacity: abort.capacity === false ? 'go-on' : 'abort',
      healthyShare: abort.below ?? 0,
      monitors: abort.monitors ?? [],
    },
    reason,
  };
}

function actionOf({ action, weight }: Body): DrillAction {
  if (action !== 'weight') {
    if (weight === undefined) return { kind: action };
    throw problem('drill-invalid', `\`weight\` is of no use with ${action}.`);
  }
  if (weight === undefined) throw problem('drill-invalid', 'A drill of the weight needs a `weight`.');
  return { kind: action, weight };
}

function lengthOf(field: string, text: string): number {
  const ms = duration(MIN_DRILL_MS, MAX_DRILL_MS)(text);
  if (ms !== undefined) return ms;
  throw problem('drill-invalid', `${field}: expected a duration from 1s to 168h like "10m".`);
}
