import { Type } from 'typebox';
import { timestamp as readTimestamp } from '../../core/desired/annotations/values.ts';
import type { Refusal } from '../../core/ports.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { MAX_MONITOR_ID, MAX_REASON } from '../limits.ts';
import { problem, refused } from '../problems.ts';
import { viewAges } from '../views/age-view.ts';
import { meanShares } from '../views/cluster-shares.ts';
import { CLUSTER_VIEW, type ClusterView, viewClusters } from '../views/cluster-view.ts';
import { beliefsOf } from '../views/endpoint-view.ts';

const NAME = Type.Object({ name: Type.String({ maxLength: 253 }) });

const ORDER = Type.Object(
  {
    /** Some text in one line: it ends up in logs and on terminals, where control characters do harm. */
    reason: Type.String({ maxLength: MAX_REASON, pattern: '^(?=.*\\S)[^\\p{C}\\p{Zl}\\p{Zp}]+$' }),
    /** When it begins by itself, in RFC 3339; at once without it, or where that is past. */
    from: Type.Optional(Type.String({ maxLength: 64 })),
    /** Drain even where a hostname loses its last usable cluster. */
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
  app.post('/v1/clusters/:name/drain', { config: { access: 'operate' }, schema: drain }, async (request) => {
    const { reason, force } = request.body;
    const from = beginning(request.body.from, now());
    const order = { cluster: request.params.name, at: now(), ...from, by: request.caller?.name ?? '', reason };
    const result = await director.drain(order, force === true ? 'forced' : 'guarded');
    log.info({ ...order, force: force === true, result: resultCode(result) }, 'cluster drain');
    return clusterAfter(options, order.cluster, result);
  });

  const undrain = { params: NAME, response: { 200: CLUSTER_VIEW } };
  app.delete('/v1/clusters/:name/drain', { config: { access: 'operate' }, schema: undrain }, async (request) => {
    const cluster = request.params.name;
    const result = await director.undrain(cluster);
    log.info({ cluster, by: request.caller?.name ?? '', result: resultCode(result) }, 'cluster undrain');
    return clusterAfter(options, cluster, result);
  });

  const failback = {
    params: NAME,
    body: FAILBACK,
    response: { 200: Type.Object({ released: Type.Array(Type.String()) }) },
  };
  app.post('/v1/clusters/:name/failback', { config: { access: 'operate' }, schema: failback }, async (request) => {
    const order = { cluster: request.params.name, ...request.body };
    const result = director.failback(order);
    const by = request.caller?.name ?? '';
    log.info(
      { ...order, by, result: 'code' in result ? result.code : `${result.length} released` },
      'cluster failback',
    );
    if ('code' in result) throw refused(result);
    return { released: [...result] };
  });
}

function beginning(text: string | undefined, now: number): { readonly from?: number } {
  if (text === undefined) return {};
  const from = readTimestamp(text);
  if (from === undefined) throw problem('request-invalid', 'from: expected a time like "2027-01-31T18:00:00Z".');
  return from <= now ? {} : { from };
}

function clusters({ director, views, now }: AdminOptions): ClusterView[] {
  const snapshot = director.snapshot();
  const ageOf = viewAges(views(), now());
  return viewClusters(snapshot.model, beliefsOf(director, now()), meanShares(snapshot), ageOf);
}

function clusterAfter(options: AdminOptions, name: string, result: Refusal | 'done'): ClusterView {
  if (result !== 'done') throw refused(result);
  const cluster = clusters(options).find((each) => each.name === name);
  // The director knew it a moment ago: the model may have changed in between.
  if (cluster === undefined) throw problem('cluster-unknown', 'The cluster is gone from the configuration.');
  return cluster;
}

function resultCode(result: Refusal | 'done'): string {
  return result === 'done' ? 'done' : result.code;
}
