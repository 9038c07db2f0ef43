import type { MetricTable } from './metric-spec.ts';

/** What people ordered: overrides and drills. */
export const ORDER_METRICS = {
  azimuth_overrides: {
    kind: 'gauge',
    labels: ['kind'],
    unit: 'count',
    help: 'Overrides that operators ordered, planned ones included: up, down, drain, weight or pin.',
  },
  azimuth_drill_state: {
    kind: 'gauge',
    labels: ['drill', 'state'],
    unit: 'bool',
    help: 'Whether a drill is planned, running or rolling-back: 1 for what it is; absent once it is over.',
  },
  azimuth_drill_end_timestamp_seconds: {
    kind: 'gauge',
    labels: ['drill'],
    unit: 'timestamp',
    help: 'When a drill that began should be rolled back: when it was stopped or aborted, else when its time is over; absent before it begins and once it is over.',
  },
} as const satisfies MetricTable;

/** What people were refused. */
export const REFUSAL_METRICS = {
  azimuth_orders_refused_total: {
    kind: 'counter',
    labels: ['code'],
    unit: 'count',
    help: 'Orders by the admin API that were refused, by the code: `safety-…` for rules of safety.',
  },
} as const satisfies MetricTable;
