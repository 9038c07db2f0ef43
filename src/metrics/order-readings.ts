import { DRILL_STATES, type Drill } from '../core/drill/drill.ts';
import type { OverrideAction } from '../core/orders/override.ts';
import { bool, type Reading, type Series, series } from './reading.ts';
import type { ORDER_METRICS } from './table-orders.ts';

const KINDS = ['up', 'down', 'drain', 'weight', 'pin'] as const satisfies readonly OverrideAction['kind'][];
const LIVE_STATES = DRILL_STATES.filter((state) => state !== 'over');

/** How the metrics on orders come out of a reading. */
export const ORDER_READINGS: Readonly<Record<keyof typeof ORDER_METRICS, (from: Reading) => Series[]>> = {
  azimuth_overrides: ({ overrides }) =>
    KINDS.map((kind) => {
      return series([...overrides.values()].filter(({ action }) => action.kind === kind).length, { kind });
    }),
  azimuth_drill_state: ({ drills }) =>
    drills
      .filter(isLive)
      .flatMap(({ spec, state: is }) =>
        LIVE_STATES.map((state) => series(bool(state === is), { drill: spec.name, state })),
      ),
  azimuth_drill_end_timestamp_seconds: ({ drills }) =>
    drills.filter(isLive).flatMap((drill) => {
      const at = endOf(drill);
      return at === undefined ? [] : [series(at / 1000, { drill: drill.spec.name })];
    }),
};

/** When it ended, or will, in ms since the epoch: who stops a drill, or a condition that aborts it, is before its time. */
function endOf({ spec, timeline }: Drill): number | undefined {
  const ended = timeline.find(({ kind }) => kind === 'ended');
  if (ended !== undefined) return ended.at;
  const begun = timeline.find(({ kind }) => kind === 'begun');
  return begun && begun.at + spec.lengthMs;
}

function isLive({ state }: Drill): boolean {
  return state !== 'over';
}
