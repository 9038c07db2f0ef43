import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { drainNameOf } from '../../core/orders/override.ts';
import type { Refusal } from '../../core/ports.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { audited, named, outcomeOf } from '../audit-trail.ts';
import { type ChangedObject, pathName } from '../changes/objects.ts';
import { MAX_MONITOR_ID } from '../limits.ts';
import { momentOf } from '../moment.ts';
import { problem, refused } from '../problems.ts';
import { REASON_BODY } from '../scope-body.ts';
import { viewAges } from '../views/age-view.ts';
import { meanShares } from '../views/cluster-shares.ts';
import { CLUSTER_VIEW, type ClusterView, DRAIN_VIEW, viewClusters, viewDrain } from '../views/cluster-view.ts';
import { clusterDrills } from '../views/drill-lines.ts';
import { beliefsOf } from '../views/endpoint-view.ts';

const NAME = Type.Object({ name: Type.String({ maxLength: 253 }) });

const ORDER = Type.Object(
  {
    /** Some text in one line: it ends up in logs and on terminals, where control characters do harm. */
    reason: REASON_BODY,
    /** When it begins by itself, in RFC 3339; at once without it, or where that is past. */
    from: Type.Optional(Type.String({ maxLength: 64 })),
    /** In spite of the rules of safety, and where a hostname loses its last usable cluster. */
    force: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const FAILBACK = Type.Object(
  {
    /** The identity of one monitor; all of the cluster without it. */
    monitor: Type.Optional(Type.String({ maxLength: MAX_MONITOR_ID })),
  },
  { additionalProperties: false },
);

/**
 * `GET /v1/clusters`, drain, undrain and failback. Draining twice changes who and why; undraining what is not drained, and
 * failing back to what is not held, is done.
 */
export function addClusterRoutes(app: AdminApp, options: AdminOptions): void {
  const { director, log, now } = options;

  const list = { response: { 200: Type.Object({ items: Type.Array(CLUSTER_VIEW) }) } };
  app.get('/v1/clusters', { schema: list }, async () => ({ items: clusters(options) }));

  const drain = { params: NAME, body: ORDER, response: { 200: CLUSTER_VIEW } };
  const object = drainOf(options);
  const one = { params: NAME, response: { 200: DRAIN_VIEW } };
  app.get('/v1/clusters/:name/drain', { config: { object }, schema: one }, async ({ params }) => {
    const drain = viewDrain(director.overrides().get(drainNameOf(params.name)));
    if (drain !== null) return drain;
    const isKnown = director.snapshot().model.clusters.some(({ name }) => name === params.name);
    if (!isKnown) throw problem('cluster-unknown', `There is no cluster "${params.name}".`);
    throw problem('drain-none', `${params.name} is not drained by an order.`);
  });

  const drained = { access: 'operate', action: 'cluster.drain', object } as const;
  app.post('/v1/clusters/:name/drain', { config: drained, schema: drain }, async (request) => {
    const { reason, force } = request.body;
    const from = beginning(request.body.from, now());
    const order = { cluster: request.params.name, at: now(), ...from, by: request.caller?.name ?? '', reason };
    const before = object(request).state() ?? null;
    const result = await director.drain(order, force === true ? 'forced' : 'guarded');
    log('cluster-drain', { ...order, force: force === true, result: outcomeOf(result) });
    const past = result === 'done' ? director.overrides().get(drainNameOf(order.cluster))?.forced : undefined;
    const after = { ...order, force: force === true, ...(past === undefined ? {} : { forced: past }) };
    await audited(options, request, { target: order.cluster, before, after, outcome: outcomeOf(result) });
    return clusterAfter(options, order.cluster, result);
  });

  const undrain = { params: NAME, response: { 200: CLUSTER_VIEW } };
  app.delete(
    '/v1/clusters/:name/drain',
    { config: { access: 'operate', action: 'cluster.undrain', object }, schema: undrain },
    async (request) => {
      const cluster = request.params.name;
      const before = object(request).state() ?? null;
      const result = await director.undrain(cluster);
      const outcome = outcomeOf(result);
      log('cluster-undrain', { cluster, by: request.caller?.name ?? '', result: outcome });
      await audited(options, request, { target: cluster, before, after: null, outcome });
      return clusterAfter(options, cluster, result);
    },
  );

  const failback = {
    params: NAME,
    body: FAILBACK,
    response: { 200: Type.Object({ released: Type.Array(Type.String()) }) },
  };
  const released = { access: 'operate', action: 'cluster.failback' } as const;
  app.post('/v1/clusters/:name/failback', { config: released, schema: failback }, async (request) => {
    const order = { cluster: request.params.name, ...request.body };
    const result = director.failback(order);
    const by = request.caller?.name ?? '';
    log('cluster-failback', { ...order, by, result: 'code' in result ? result.code : `${result.length} released` });
    const isRefused = 'code' in result;
    const [after, outcome] = isRefused ? [null, result.code] : [{ released: named(result) }, 'done'];
    const before = order.monitor === undefined ? null : { monitor: order.monitor };
    await audited(options, request, { target: order.cluster, before, after, outcome });
    if (isRefused) throw refused(result);
    return { released: [...result] };
  });
}

/** The drain of the cluster in the path. */
function drainOf({ director }: AdminOptions): (request: FastifyRequest) => ChangedObject {
  return (request) => {
    const name = pathName(request);
    return { key: `drain ${name}`, state: () => director.overrides().get(drainNameOf(name)) };
  };
}

function beginning(text: string | undefined, now: number): { readonly from?: number } {
  if (text === undefined) return {};
  const from = momentOf('from', text, 'request-invalid');
  return from <= now ? {} : { from };
}

function clusters({ director, views, now }: AdminOptions): ClusterView[] {
  const snapshot = director.snapshot();
  const known = { shares: meanShares(snapshot), ageOf: viewAges(views(), now()), drillsOf: clusterDrills(director) };
  return viewClusters(snapshot.model, beliefsOf(director, now()), known);
}

function clusterAfter(options: AdminOptions, name: string, result: Refusal | 'done'): ClusterView {
  if (result !== 'done') throw refused(result);
  const cluster = clusters(options).find((each) => each.name === name);
  // The director knew it a moment ago: the model may have changed in between.
  if (cluster === undefined)
    throw problem('cluster-unknown', 'The order was taken; the cluster is gone from the configuration.');
  return cluster;
}
