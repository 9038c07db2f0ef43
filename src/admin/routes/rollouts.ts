import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { duration } from '../../core/desired/annotations/values.ts';
import { MAX_GUARDS, MAX_ROLLOUT_CLUSTERS, MAX_ROLLOUT_HOSTNAMES, MAX_STEPS } from '../../core/rollout/check.ts';
import { ROLLOUT_ORDERS, type RolloutSpec } from '../../core/rollout/rollout.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { audited, outcomeOf } from '../audit-trail.ts';
import { bodyName, type ChangedObject, pathName } from '../changes/objects.ts';
import { FORMS } from '../patterns.ts';
import { problem, refused } from '../problems.ts';
import { REASON_BODY } from '../scope-body.ts';
import { ROLLOUT_VIEW, type RolloutView, viewRollouts } from '../views/rollout-view.ts';

const NAME = Type.Object({ name: Type.String({ maxLength: 63 }) });

/** In spite of the rules of safety: then it needs a reason. */
const FORCE = {
  force: Type.Optional(Type.Boolean()),
  reason: Type.Optional(REASON_BODY),
};
const ORDER = Type.Object(FORCE, { additionalProperties: false });

const HOSTNAME = Type.String({ maxLength: 255, pattern: FORMS.hostname.pattern });
const CLUSTERS = Type.Array(Type.String({ maxLength: 253 }), { minItems: 1, maxItems: MAX_ROLLOUT_CLUSTERS });
const DURATION = Type.String({ maxLength: 20 });

const BODY = Type.Object(
  {
    name: Type.String({ maxLength: 63 }),
    hostnames: Type.Optional(Type.Array(HOSTNAME, { minItems: 1, maxItems: MAX_ROLLOUT_HOSTNAMES })),
    from: CLUSTERS,
    to: CLUSTERS,
    kind: Type.Union([Type.Literal('blue-green'), Type.Literal('canary')]),
    steps: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), { minItems: 1, maxItems: MAX_STEPS })),
    dwell: Type.Optional(DURATION),
    rollbackAfter: Type.Optional(DURATION),
    guard: Type.Optional(
      Type.Object(
        {
          monitors: Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: MAX_GUARDS })),
          healthy: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
    ),
    ...FORCE,
  },
  { additionalProperties: false },
);

/** Steps of a canary that names none, in percent. */
const STEPS = [5, 25, 50, 100];
/** Shortest dwell of a step, and wait before a canary goes back, in ms. */
const MIN_WAIT_MS = 1000;
/** Longest dwell of a step, and wait before a canary goes back, in ms: 720 hours. */
const MAX_WAIT_MS = 720 * 3_600_000;

/**
 * `/v1/rollouts`: start, look at and order rollouts. An order that is carried out already is done; what it answers is saved
 * and in the answers of the DNS.
 */
export function addRolloutRoutes(app: AdminApp, options: AdminOptions): void {
  const { director, log, now } = options;

  const list = { response: { 200: Type.Object({ items: Type.Array(ROLLOUT_VIEW) }) } };
  app.get('/v1/rollouts', { schema: list }, async () => ({ items: [...viewRollouts(director, now())] }));

  const one = { params: NAME, response: { 200: ROLLOUT_VIEW } };
  const object = rolloutOf(options, pathName);
  app.get('/v1/rollouts/:name', { config: { object }, schema: one }, async ({ params }) => found(options, params.name));

  const start = { body: BODY, response: { 200: ROLLOUT_VIEW } };
  const started = rolloutOf(options, bodyName);
  const starting = { access: 'operate', action: 'rollout.start', object: started } as const;
  app.post('/v1/rollouts', { config: starting, schema: start }, async (request) => {
    const spec = specOf(request.body);
    const by = request.caller?.name ?? '';
    const before = standingOf(options, spec.name);
    const result = await director.rollouts.start(spec, by, forceOf(request.body));
    const outcome = outcomeOf(result);
    log('rollout-start', { rollout: spec.name, by, result: outcome });
    const after = result === 'done' ? { ...spec, why: standingOf(options, spec.name)?.why } : spec;
    await audited(options, request, { target: spec.name, before, after, outcome });
    if (result !== 'done') throw refused(result);
    return found(options, spec.name);
  });

  for (const order of ROLLOUT_ORDERS) {
    const schema = { params: NAME, body: ORDER, response: { 200: ROLLOUT_VIEW } };
    const config = { access: 'operate', action: `rollout.${order}`, object } as const;
    app.post(`/v1/rollouts/:name/${order}`, { config, schema }, async (request) => {
      const { name } = request.params;
      const by = request.caller?.name ?? '';
      const last = viewRollouts(director, now(), name)[0];
      const before = standingOf(options, name);
      const result = await director.rollouts.order(name, order, by, forceOf(request.body));
      const outcome = outcomeOf(result);
      log('rollout-order', { rollout: name, order, by, result: outcome });
      const after = standingOf(options, name);
      await audited(options, request, { target: name, before, after, outcome });
      if (result !== 'done') throw refused(result);
      // What has ended is told as it was.
      return order === 'end' && last !== undefined ? last : found(options, name);
    });
  }
}

/** Who forces something says why: it is in the rollout's `why`, and with it in the audit. */
function forceOf({ force, reason }: Static<typeof ORDER>): { readonly reason: string } | undefined {
  if (force !== true) return undefined;
  if (reason === undefined) throw problem('rollout-invalid', 'What is forced needs a `reason`.');
  return { reason };
}

/** Where a rollout stands, for the audit; null where there is none. */
function standingOf({ director }: AdminOptions, name: string) {
  const found = director.rollouts.list().find(({ rollout }) => rollout.spec.name === name);
  if (found === undefined) return null;
  const { state, step, why } = found.rollout;
  return { state, step, percent: found.percent, why };
}

/** The rollout that a request is about. What is measured of it at the moment is no part of its state. */
function rolloutOf(
  { director }: AdminOptions,
  nameOf: (request: FastifyRequest) => string,
): (request: FastifyRequest) => ChangedObject {
  return (request) => {
    const name = nameOf(request);
    const state = () => director.rollouts.list().find(({ rollout }) => rollout.spec.name === name)?.rollout;
    return { key: `rollout ${name}`, state };
  };
}

function found({ director, now }: AdminOptions, name: string): RolloutView {
  const [view] = viewRollouts(director, now(), name);
  if (view === undefined) throw problem('rollout-unknown', `There is no rollout "${name}".`);
  return view;
}

function specOf({ name, hostnames, from, to, ...rest }: Static<typeof BODY>): RolloutSpec {
  const own = { name, from, to, ...(hostnames === undefined ? {} : { hostnames }) };
  if (rest.kind === 'canary') return { ...own, plan: canaryOf(rest) };
  const { steps, dwell, rollbackAfter, guard } = rest;
  if ((steps ?? dwell ?? rollbackAfter ?? guard) !== undefined) {
    throw problem('rollout-invalid', 'A blue-green rollout has no steps, no dwell, no rollbackAfter and no guard.');
  }
  return { ...own, plan: { kind: 'blue-green' } };
}

function canaryOf({
  steps = STEPS,
  dwell = '10m',
  rollbackAfter = '5m',
  guard = {},
}: Pick<Static<typeof BODY>, 'steps' | 'dwell' | 'rollbackAfter' | 'guard'>): RolloutSpec['plan'] {
  return {
    kind: 'canary',
    steps,
    dwellMs: waitOf('dwell', dwell),
    rollbackAfterMs: waitOf('rollbackAfter', rollbackAfter),
    monitors: guard.monitors ?? [],
    endpoints: guard.healthy === false ? 'not-looked-at' : 'must-be-up',
  };
}

function waitOf(field: string, text: string): number {
  const ms = duration(MIN_WAIT_MS, MAX_WAIT_MS)(text);
  if (ms === undefined) throw problem('rollout-invalid', `${field}: expected a duration from 1s to 720h like "10m".`);
  return ms;
}
