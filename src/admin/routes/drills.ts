import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Drill } from '../../core/drill/drill.ts';
import { planOf } from '../../core/drill/drill-plan.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { audited, outcomeOf } from '../audit-trail.ts';
import { bodyName, type ChangedObject, pathName, refuseLate } from '../changes/objects.ts';
import { DRILL_BODY, DRILL_START_BODY, specOf } from '../drill-body.ts';
import type { PlanTurns } from '../plan-turns.ts';
import { problem, refused } from '../problems.ts';
import {
  DRILL_LINE,
  DRILL_PLAN_VIEW,
  DRILL_VIEW,
  type DrillView,
  viewDrill,
  viewDrillLine,
  viewDrillPlan,
} from '../views/drill-view.ts';

const NAME = Type.Object({ name: Type.String({ maxLength: 63 }) });
const NOTHING = Type.Object({}, { additionalProperties: false });

/** `/v1/drills`: plan, start, look at, stop and forget drills. What is answered is saved and in the answers of the DNS. */
export function addDrillRoutes(app: AdminApp, options: AdminOptions, turns: PlanTurns): void {
  const { director } = options;

  const list = { response: { 200: Type.Object({ items: Type.Array(DRILL_LINE) }) } };
  app.get('/v1/drills', { schema: list }, async () => ({ items: director.drills.list().map(viewDrillLine) }));

  const object = objectBy(options, pathName);
  const one = { params: NAME, response: { 200: DRILL_VIEW } };
  app.get('/v1/drills/:name', { config: { object }, schema: one }, async ({ params }) => found(options, params.name));

  addRehearsal(app, options, turns);
  addStart(app, options, turns);

  const config = (order: 'stop' | 'forget') => ({ access: 'operate', action: `drill.${order}`, object }) as const;
  const stop = { params: NAME, body: NOTHING, response: { 200: DRILL_VIEW } };
  app.post('/v1/drills/:name/stop', { config: config('stop'), schema: stop }, async (request) => {
    await ordered(options, request, 'stop');
    return found(options, request.params.name);
  });

  const forget = { params: NAME, response: { 200: DRILL_VIEW } };
  app.delete('/v1/drills/:name', { config: config('forget'), schema: forget }, async (request) => {
    // What is forgotten is told as it was.
    const last = found(options, request.params.name);
    await ordered(options, request, 'forget');
    return last;
  });
}

/** Works out what a drill would do, as `/v1/plan` does for lost clusters. */
function addRehearsal(app: AdminApp, { director, now }: AdminOptions, turns: PlanTurns): void {
  const rehearse = { body: DRILL_BODY, response: { 200: DRILL_PLAN_VIEW } };
  app.post('/v1/drills/rehearse', { schema: rehearse }, async ({ body }) => {
    const spec = specOf(body, now());
    // Whether it is refused is work as well: the scope is looked up among all hostnames.
    const { outlook, broken } = turns.plan(() => {
      const refusal = director.drills.refusal(spec);
      if (refusal !== undefined) throw refused(refusal);
      return director.drills.rehearse(spec);
    });
    const plan = viewDrillPlan(planOf(outlook, broken, now()));
    return { plan, broken: broken.map(({ rule, message }) => ({ rule, message })) };
  });
}

function addStart(app: AdminApp, options: AdminOptions, turns: PlanTurns): void {
  const { director, log, now } = options;
  const start = { body: DRILL_START_BODY, response: { 200: DRILL_VIEW } };
  const config = { access: 'operate', action: 'drill.start', object: objectBy(options, bodyName) } as const;
  app.post('/v1/drills', { config, schema: start }, async (request, reply) => {
    const { force = false, ...body } = request.body;
    const spec = specOf(body, now());
    const by = request.caller?.name ?? '';
    const before = standingOf(options, spec.name);
    // What is refused without a plan waits as well: to find that out may take as long as the plan.
    const result = await turns.order(
      () => director.drills.start(spec, by, force ? 'forced' : 'guarded'),
      () => refuseLate(reply),
    );
    const outcome = outcomeOf(result);
    log('drill-start', { drill: spec.name, kind: spec.action.kind, by, reason: spec.reason, force, result: outcome });
    const past = result === 'done' ? drillOf(options, spec.name)?.forced : undefined;
    const after = { ...spec, force, ...(past === undefined ? {} : { forced: past }) };
    await audited(options, request, { target: spec.name, before, after, outcome });
    if (result !== 'done') throw refused(result);
    return found(options, spec.name);
  });
}

type Named = FastifyRequest<{ Params: { name: string } }>;

async function ordered(
  options: AdminOptions,
  request: Pick<Named, 'params'> & FastifyRequest,
  order: 'stop' | 'forget',
): Promise<void> {
  const { director, log } = options;
  const { name } = request.params;
  const by = request.caller?.name ?? '';
  const before = standingOf(options, name);
  const result = order === 'stop' ? await director.drills.stop(name, by) : await director.drills.forget(name);
  const outcome = outcomeOf(result);
  log(`drill-${order}`, { drill: name, by, result: outcome });
  const after = standingOf(options, name);
  await audited(options, request, { target: name, before, after, outcome });
  if (result !== 'done') throw refused(result);
}

/** Where a drill stands, for the audit; null where there is none. */
function standingOf(options: AdminOptions, name: string) {
  const drill = drillOf(options, name);
  if (drill === undefined) return null;
  const { state, step, end } = drill;
  return { state, step, ...(end === undefined ? {} : { end }) };
}

function drillOf({ director }: AdminOptions, name: string): Drill | undefined {
  return director.drills.list().find(({ spec }) => spec.name === name);
}

/** The drill that a request is about. What is seen of it, its timeline and shares, is no part of its state. */
function objectBy(
  options: AdminOptions,
  nameOf: (request: FastifyRequest) => string,
): (request: FastifyRequest) => ChangedObject {
  return (request) => {
    const name = nameOf(request);
    return { key: `drill ${name}`, state: () => orderedState(drillOf(options, name)) };
  };
}

function orderedState(drill: Drill | undefined): object | undefined {
  if (drill === undefined) return undefined;
  const { spec, by, at, state, step, end } = drill;
  return { spec, by, at, state, step, end };
}

function found(options: AdminOptions, name: string): DrillView {
  const drill = drillOf(options, name);
  if (drill === undefined) throw problem('drill-unknown', `There is no drill "${name}".`);
  return viewDrill(drill, options.drillShares?.(name) ?? drill.shares);
}
