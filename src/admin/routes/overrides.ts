import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { duration } from '../../core/desired/annotations/values.ts';
import { MAX_PIN_NETWORKS } from '../../core/desired/maps/pin.ts';
import { MAX_WEIGHT, type Override, type OverrideAction } from '../../core/orders/override.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { audited, outcomeOf } from '../audit-trail.ts';
import { type ChangedObject, pathName } from '../changes/objects.ts';
import { momentOf } from '../moment.ts';
import { PAGE_QUERY, pageOf, pageSize } from '../page.ts';
import { FORMS } from '../patterns.ts';
import { problem, refused } from '../problems.ts';
import { PATTERN_BODY, REASON_BODY, SCOPE_BODY } from '../scope-body.ts';
import {
  OVERRIDE_ACTION,
  OVERRIDE_VIEW,
  type OverrideView,
  sorted,
  viewOneOverride,
  viewOverrides,
} from '../views/override-view.ts';

/** A name of ours, or `drain:` and that of a cluster. */
const NAME = Type.Object({ name: Type.String({ maxLength: 260 }) });

const QUERY = Type.Object(
  {
    ...PAGE_QUERY,
    /** How many to leave out from the beginning. */
    cursor: Type.Optional(Type.String({ pattern: FORMS.offset.pattern })),
  },
  { additionalProperties: false },
);

const BODY = Type.Object(
  {
    scope: SCOPE_BODY,
    action: OVERRIDE_ACTION,
    weight: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_WEIGHT })),
    percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    /** Of `pin`: networks of clients, and the cluster that they are sent to while it is usable. */
    nets: Type.Optional(Type.Array(PATTERN_BODY, { minItems: 1, maxItems: MAX_PIN_NETWORKS })),
    cluster: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
    /** RFC 3339; at once without it, or where that is past. */
    from: Type.Optional(Type.String({ maxLength: 64 })),
    /** RFC 3339; it ends by itself. */
    until: Type.Optional(Type.String({ maxLength: 64 })),
    /** The same as a duration from the beginning on. */
    for: Type.Optional(Type.String({ maxLength: 20 })),
    reason: REASON_BODY,
    /** In spite of the rules of safety, and where a hostname loses its last usable cluster. */
    force: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** Shortest time that an override is for, in ms. */
const MIN_FOR_MS = 1000;
/** Longest time that an override is for, in ms: 8760 hours. */
const MAX_FOR_MS = 8760 * 3_600_000;

/**
 * `/v1/overrides`: up, down, drain or weight, laid over what is measured for what fits a scope. One of the same name is
 * replaced; what is answered is saved and in the answers of the DNS.
 */
export function addOverrideRoutes(app: AdminApp, options: AdminOptions): void {
  const { director, now } = options;

  const list = { querystring: QUERY, response: { 200: pageOf(OVERRIDE_VIEW) } };
  app.get('/v1/overrides', { schema: list }, async ({ query }) => {
    const all = sorted(director);
    const from = Number(query.cursor ?? 0);
    const to = from + pageSize(query.limit);
    const items = viewOverrides(director, all.slice(from, to), now());
    return { items, total: all.length, ...(to < all.length ? { next: String(to) } : {}) };
  });

  const object = overrideOf(options);
  const one = { params: NAME, response: { 200: OVERRIDE_VIEW } };
  app.get('/v1/overrides/:name', { config: { object }, schema: one }, async ({ params }) =>
    found(options, params.name),
  );

  const setting = { access: 'operate', action: 'override.set', object } as const;
  const put = { params: NAME, body: BODY, response: { 200: OVERRIDE_VIEW } };
  app.put('/v1/overrides/:name', { config: setting, schema: put }, async (request) =>
    set(options, request, request.params.name, request.body),
  );

  const clearing = { access: 'operate', action: 'override.clear', object } as const;
  const remove = { params: NAME, response: { 200: OVERRIDE_VIEW } };
  app.delete('/v1/overrides/:name', { config: clearing, schema: remove }, async (request) =>
    clear(options, request, request.params.name),
  );
}

async function set(options: AdminOptions, request: FastifyRequest, name: string, body: Body): Promise<OverrideView> {
  const { director, log, now } = options;
  const order = orderOf(name, body, { at: now(), by: request.caller?.name ?? '' });
  const { at, from, until, by, reason } = order;
  const force = body.force === true;
  const before = director.overrides().get(name) ?? null;
  const result = await director.orders.put(order, force ? 'forced' : 'guarded');
  const outcome = outcomeOf(result);
  const times = { at, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
  log('override-set', { override: name, kind: order.action.kind, ...times, by, reason, force, result: outcome });
  // As it stands now it says what it was forced past.
  const after = { ...(result === 'done' ? (director.overrides().get(name) ?? order) : order), force };
  await audited(options, request, { target: name, before, after, outcome });
  if (result !== 'done') throw refused(result);
  return found(options, name);
}

async function clear(options: AdminOptions, request: FastifyRequest, name: string): Promise<OverrideView> {
  const { director, log, now } = options;
  const before = director.overrides().get(name) ?? null;
  // What is cleared is told as it was.
  const last = before === null ? undefined : viewOverrides(director, [before], now())[0];
  const result = await director.orders.clear(name);
  const outcome = outcomeOf(result);
  log('override-clear', { override: name, by: request.caller?.name ?? '', result: outcome });
  await audited(options, request, { target: name, before, after: null, outcome });
  if (result !== 'done') throw refused(result);
  return last ?? found(options, name);
}

/** The override in the path. */
function overrideOf({ director }: AdminOptions): (request: FastifyRequest) => ChangedObject {
  return (request) => {
    const name = pathName(request);
    const [, cluster] = /^drain:(.*)$/s.exec(name) ?? [];
    // The drain of a cluster has two paths, and is one object.
    const key = cluster === undefined ? `override ${name}` : `drain ${cluster}`;
    return { key, state: () => director.overrides().get(name) };
  };
}

function found({ director, now }: AdminOptions, name: string): OverrideView {
  const override = director.overrides().get(name);
  const view = override && viewOneOverride(director, override, now());
  if (view === undefined) throw problem('override-unknown', `There is no override "${name}".`);
  return view;
}

type Body = Static<typeof BODY>;
type Given = Pick<Override, 'at' | 'by'>;

function orderOf(name: string, body: Body, { at, by }: Given): Override {
  const { scope, reason } = body;
  refuseUnfit(body);
  return { name, scope, action: actionOf(body), at, ...timesOf(body, at), by, reason };
}

/** Which fields belong to which action; `!`: it must have them. */
const FIELDS = {
  up: {},
  down: {},
  drain: { percent: '?' },
  weight: { weight: '!', percent: '?' },
  pin: { nets: '!', cluster: '!' },
} as const satisfies Record<OverrideAction['kind'], Partial<Record<keyof Static<typeof BODY>, '!' | '?'>>>;

function actionOf({ action, weight = 0, percent = 100, nets = [], cluster = '' }: Body): OverrideAction {
  const part = percent === 100 ? {} : { percent };
  if (action === 'weight') return { kind: action, weight, ...part };
  if (action === 'pin') return { kind: action, nets, cluster };
  return action === 'drain' ? { kind: action, ...part } : { kind: action };
}

/** Nothing is passed over silently. */
function refuseUnfit(body: Body): void {
  const fields = new Map<string, '!' | '?'>(Object.entries(FIELDS[body.action]));
  for (const key of ['weight', 'percent', 'nets', 'cluster'] as const) {
    const isGiven = body[key] !== undefined;
    if (isGiven && !fields.has(key)) throw problem('override-invalid', `\`${key}\` is of no use with ${body.action}.`);
    if (!isGiven && fields.get(key) === '!') {
      throw problem('override-invalid', `${body.action} needs \`${key}\`.`);
    }
  }
}

function timesOf({ from, until, for: length }: Body, now: number): Pick<Override, 'from' | 'until'> {
  if (until !== undefined && length !== undefined) {
    throw problem('override-invalid', '`until` and `for` say the same: give one of them.');
  }
  const begin = from === undefined ? now : momentOf('from', from, 'request-invalid');
  const end =
    length === undefined
      ? until && momentOf('until', until, 'request-invalid')
      : Math.max(begin, now) + lengthOf(length);
  return {
    ...(begin <= now ? {} : { from: begin }),
    ...(typeof end === 'number' ? { until: end } : {}),
  };
}

function lengthOf(text: string): number {
  const ms = duration(MIN_FOR_MS, MAX_FOR_MS)(text);
  if (ms !== undefined) return ms;
  throw problem('override-invalid', 'for: expected a duration from 1s to 8760h like "2h".');
}
