import type { TSchema } from 'typebox';
import { Type } from 'typebox';
import type { ProblemCode } from '../problems.ts';

/** What the document says of a route beside what the route's own schemas say. */
export type Operation = {
  readonly tag: Tag;
  /** Half a sentence. */
  readonly summary: string;
  readonly description?: string;
  /** The problems of this route alone; those that every route may have are added. */
  readonly problems: readonly ProblemCode[];
  /** A body that the schema takes. */
  readonly example?: object;
  /** The type of the answer where it is not JSON, and its schema. */
  readonly answer?: { readonly type: string; readonly schema: TSchema };
};

/** Groups of routes, in the order of the page. */
export const TAGS = {
  process: 'The process, and what it is made of.',
  read: 'What is served, and why.',
  change: 'What people order.',
  follow: 'What happens.',
  measure: 'What others measured.',
} as const;

type Tag = keyof typeof TAGS;

const DRAIN_SUMMARY = 'The drain of a cluster that was ordered, in force or planned';
const REASON = { reason: 'kernel update' };
const NOTHING = {};
const ON_OBJECT: readonly ProblemCode[] = ['precondition-failed'];
/** Of changes that rules of safety hold for, but for drills. */
const SAFETY: readonly ProblemCode[] = ['safety-min-clusters', 'safety-max-moved', 'safety-blackout'];
const OF_ROLLOUT: readonly ProblemCode[] = [
  'rollout-unknown',
  'rollout-order',
  'rollout-invalid',
  ...SAFETY,
  'not-saved',
  'not-recorded',
  ...ON_OBJECT,
];

const DRILL = {
  name: 'without-eu',
  action: 'drain',
  scope: { clusters: ['eu-west'] },
  for: '10m',
  ramp: { steps: [25, 50, 100], every: '1m' },
  abort: { below: 0.5 },
  reason: 'quarterly drill',
};
const DRILL_REFUSALS: readonly ProblemCode[] = [
  'drill-invalid',
  'drill-exists',
  'drill-nothing',
  'drill-pattern-unknown',
  'drill-blind-scope',
  'drill-shared-monitor',
  'drill-would-abort',
  'drills-full',
  'monitor-unknown',
];

/** Every route by method and path. A test fails for one that is not here. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /healthz': { tag: 'process', summary: 'Whether the process can answer', problems: [] },
  'GET /readyz': { tag: 'process', summary: 'Whether all is ready, and who is not and why', problems: [] },
  'GET /metrics': {
    tag: 'process',
    summary: 'Metrics for Prometheus',
    problems: [],
    answer: { type: 'text/plain', schema: Type.String() },
  },
  'GET /metrics/probes': {
    tag: 'process',
    summary: 'What the probes found, as the blackbox exporter names it',
    problems: [],
    answer: { type: 'text/plain', schema: Type.String() },
  },
  'GET /v1': { tag: 'process', summary: 'The list of routes', problems: [] },
  'GET /v1/openapi.json': { tag: 'process', summary: 'This document', problems: [] },
  'GET /v1/status': { tag: 'process', summary: 'Version, addresses, workers, counts, location database', problems: [] },
  'GET /v1/hostnames': { tag: 'read', summary: 'Hostnames, paged', problems: ['name-invalid', 'team-unknown'] },
  'GET /v1/hostnames/:name': {
    tag: 'read',
    summary: 'A hostname with policy, endpoints, shares and the objects that ask for it',
    problems: ['name-invalid', 'hostname-unknown'],
  },
  'GET /v1/clusters': { tag: 'read', summary: 'Clusters with gateways, counts, drain and share', problems: [] },
  'GET /v1/findings': {
    tag: 'read',
    summary: 'What a person should know about the input, paged',
    problems: ['team-unknown'],
  },
  'GET /v1/drift': { tag: 'read', summary: 'What differs between clusters, paged', problems: ['team-unknown'] },
  'GET /v1/teams': { tag: 'read', summary: 'Teams, what they own and how that fares', problems: [] },
  'GET /v1/teams/:name': {
    tag: 'read',
    summary: 'A team with its first hostnames and findings',
    problems: ['team-unknown'],
  },
  'GET /v1/explain': {
    tag: 'read',
    summary: 'One question of one client: every candidate, why each was kept or dropped, and the answer',
    problems: ['name-invalid', 'address-invalid'],
  },
  'POST /v1/plan': {
    tag: 'read',
    summary: 'What would happen if clusters were lost; changes nothing',
    problems: ['cluster-unknown', 'queries-unobserved'],
    example: { lose: ['eu-west'] },
  },
  'GET /v1/audit': { tag: 'follow', summary: 'Who changed what, newest first, paged', problems: [] },
  'GET /v1/events': {
    tag: 'follow',
    summary: 'What happens from now on, as server-sent events',
    description:
      'Each event is a `data` line of JSON with `id` and `event`. A stream begins with the `id` of the newest event, and signs of life have that of the last one that was looked at. A reader who comes back with `Last-Event-ID` gets what he missed; where that is forgotten, `event: gap` comes first. `event: end` tells why a stream ended.',
    problems: ['streams-full'],
    answer: { type: 'text/event-stream', schema: Type.String() },
  },
  'GET /v1/events/recent': { tag: 'follow', summary: 'The latest events, oldest first', problems: [] },
  'GET /v1/clusters/:name/drain': {
    tag: 'change',
    summary: DRAIN_SUMMARY,
    problems: ['cluster-unknown', 'drain-none'],
  },
  'POST /v1/clusters/:name/drain': {
    tag: 'change',
    summary: 'No new answers for a cluster, at once or from a time on',
    problems: ['cluster-unknown', 'drain-leaves-none', ...SAFETY, 'not-saved', 'not-recorded', ...ON_OBJECT],
    example: REASON,
  },
  'DELETE /v1/clusters/:name/drain': {
    tag: 'change',
    summary: 'Ends a drain, or takes a planned one back',
    problems: ['cluster-unknown', 'not-saved', 'not-recorded', ...ON_OBJECT],
  },
  'POST /v1/clusters/:name/failback': {
    tag: 'change',
    summary: 'What is held of a cluster goes into service',
    problems: ['cluster-unknown', 'monitor-unknown', 'not-recorded'],
    example: NOTHING,
  },
  'GET /v1/breaker': { tag: 'read', summary: 'Whether the prober is believed', problems: [] },
  'POST /v1/breaker/close': {
    tag: 'change',
    summary: 'What is measured is believed from now on',
    problems: ['not-recorded'],
    example: NOTHING,
  },
  'GET /v1/rollouts': { tag: 'change', summary: 'Rollouts: state, step, percent, what comes next', problems: [] },
  'GET /v1/rollouts/:name': { tag: 'change', summary: 'A rollout', problems: ['rollout-unknown'] },
  'POST /v1/rollouts': {
    tag: 'change',
    summary: 'Starts a rollout',
    problems: [
      'rollout-invalid',
      'cluster-unknown',
      'monitor-unknown',
      'rollout-unknown',
      'rollout-conflict',
      'rollout-exists',
      'rollouts-full',
      ...SAFETY,
      'not-saved',
      'not-recorded',
      ...ON_OBJECT,
    ],
    example: { name: 'move', from: ['eu-west'], to: ['us-east'], kind: 'blue-green' },
  },
  ...rolloutOrders(),
  'GET /v1/overrides': {
    tag: 'change',
    summary: 'Overrides, the newest first, paged: what each is about, and whether it holds',
    problems: [],
  },
  'GET /v1/overrides/:name': { tag: 'change', summary: 'An override', problems: ['override-unknown'] },
  'PUT /v1/overrides/:name': {
    tag: 'change',
    summary: 'Up, down, drain or weight for what fits a scope, laid over what is measured',
    description:
      'Patterns may hold `*`. An endpoint is meant that fits every list of the scope, but for those that fit every list of `except`. The newest override wins; drains add up.',
    problems: [
      'override-invalid',
      'override-nothing',
      'overrides-full',
      'drain-leaves-none',
      ...SAFETY,
      'not-saved',
      'not-recorded',
      ...ON_OBJECT,
    ],
    example: { scope: { clusters: ['eu-*'] }, action: 'drain', percent: 50, for: '2h', reason: 'kernel update' },
  },
  'DELETE /v1/overrides/:name': {
    tag: 'change',
    summary: 'Clears an override: what is written and measured holds again',
    problems: ['override-unknown', 'not-saved', 'not-recorded', ...ON_OBJECT],
  },
  'GET /v1/drills': { tag: 'change', summary: 'Drills, those that are over included', problems: [] },
  'GET /v1/drills/:name': {
    tag: 'change',
    summary: 'A drill: how it stands, its timeline, what was foreseen, and shares over time',
    problems: ['drill-unknown'],
  },
  'POST /v1/drills/rehearse': {
    tag: 'change',
    summary: 'What a drill would do; changes nothing',
    problems: DRILL_REFUSALS,
    example: DRILL,
  },
  'POST /v1/drills': {
    tag: 'change',
    summary: 'Starts a drill, at once or at a time',
    problems: [
      ...DRILL_REFUSALS,
      'drill-unknown',
      'drain-leaves-none',
      'safety-min-clusters',
      'safety-max-moved',
      'safety-max-drills',
      'safety-blackout',
      'not-saved',
      'not-recorded',
      ...ON_OBJECT,
    ],
    example: DRILL,
  },
  'POST /v1/drills/:name/stop': {
    tag: 'change',
    summary: 'Stops a drill: all that it did is taken back',
    problems: ['drill-unknown', 'not-saved', 'not-recorded', ...ON_OBJECT],
    example: NOTHING,
  },
  'DELETE /v1/drills/:name': {
    tag: 'change',
    summary: 'Forgets a drill that is over',
    problems: ['drill-unknown', 'drill-under-way', 'not-saved', 'not-recorded', ...ON_OBJECT],
  },
  'GET /v1/monitors': { tag: 'read', summary: 'The named monitors', problems: [] },
  'GET /v1/monitors/:name': { tag: 'read', summary: 'A named monitor', problems: ['monitor-unknown'] },
  'POST /v1/monitors/:name/result': {
    tag: 'measure',
    summary: 'A result, or the load of a cluster, that somebody else found',
    problems: ['monitor-unknown', 'monitor-not-external', 'result-unfit', 'expires-too-late'],
    example: { state: 'up', reason: 'the batch ran', expires: '5m' },
  },
};

function rolloutOrders(): Readonly<Record<string, Operation>> {
  const orders = {
    pause: 'Stays where it is',
    resume: 'Goes on',
    promote: 'Takes the next step now',
    rollback: 'Takes all clients back',
    switch: 'Takes all clients over (blue-green)',
    'switch-back': 'Takes all clients back (blue-green)',
    end: 'Ends a rollout: nothing is divided any more',
  };
  return Object.fromEntries(
    Object.entries(orders).map(([order, summary]) => [
      `POST /v1/rollouts/:name/${order}`,
      { tag: 'change', summary, problems: OF_ROLLOUT, example: NOTHING },
    ]),
  );
}
