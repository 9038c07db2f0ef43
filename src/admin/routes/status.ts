import { Type } from 'typebox';
import type { Severity } from '../../core/desired/finding.ts';
import type { DnsListener } from '../../core/dns-ports.ts';
import { drainNameOf } from '../../core/orders/override.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { TIMESTAMP, timestamp } from '../page.ts';
import { BREAKER_VIEW, viewBreaker } from '../views/breaker-view.ts';
import { DRILL_LINES, viewDrillLines } from '../views/drill-lines.ts';
import { OVERRIDE_LINES, viewOverrideLines } from '../views/override-view.ts';
import { ROLLOUT_LINE, viewRolloutLines } from '../views/rollout-view.ts';

const ADDRESSES = Type.Array(Type.Object({ host: Type.String(), port: Type.Integer() }));

/** Who answers UDP on one address. */
const LISTENER = Type.Object({
  host: Type.String(),
  port: Type.Integer(),
  /** `portable`: no worker thread runs. */
  engine: Type.Union([Type.Literal('native'), Type.Literal('portable')]),
  /** Threads by state; all 0 where the portable engine is the chosen one. */
  workers: Type.Object({
    starting: Type.Integer(),
    running: Type.Integer(),
    restarting: Type.Integer(),
    failed: Type.Integer(),
  }),
  restarts: Type.Integer(),
  lastTrouble: Type.Union([Type.Null(), Type.Object({ at: TIMESTAMP, message: Type.String() })]),
});

const STATUS = Type.Object({
  version: Type.String(),
  startedAt: TIMESTAMP,
  pid: Type.Integer(),
  engine: Type.String(),
  listen: Type.Object({ dns: ADDRESSES, admin: ADDRESSES }),
  listeners: Type.Array(LISTENER),
  ready: Type.Boolean(),
  /** Of the process; counts up with every change of the answers. */
  snapshot: Type.Integer(),
  /** SOA serial of all zones. */
  serial: Type.Integer(),
  zones: Type.Array(Type.String()),
  clusters: Type.Integer(),
  hostnames: Type.Integer(),
  monitors: Type.Integer(),
  /** Clusters that are drained by an order, in force or planned. */
  drains: Type.Integer(),
  /** But for the drains of clusters. */
  overrides: OVERRIDE_LINES,
  breaker: BREAKER_VIEW,
  rollouts: Type.Array(ROLLOUT_LINE),
  drills: DRILL_LINES,
  findings: Type.Object({ error: Type.Integer(), warning: Type.Integer(), info: Type.Integer() }),
  /** The location database, with the attribution that its licence asks for. */
  places: Type.Object({ source: Type.String(), builtAt: TIMESTAMP, places: Type.Integer() }),
});

const INDEX = Type.Object({ routes: Type.Array(Type.Object({ method: Type.String(), path: Type.String() })) });

/** What a route says of itself in the index. */
export type RouteName = { readonly method: string; readonly path: string };

/** `GET /v1/status` and the index of all routes, `GET /v1`. */
export function addStatusRoutes(app: AdminApp, options: AdminOptions, routes: () => RouteName[]): void {
  app.get('/v1', { schema: { response: { 200: INDEX } } }, async () => ({ routes: routes() }));

  app.get('/v1/status', { schema: { response: { 200: STATUS } } }, async () => {
    const { director, readiness } = options;
    const { version, startedAt, pid, engine, listen, listeners } = options.status();
    const { model, places, serial, version: snapshot } = director.snapshot();
    return {
      version,
      startedAt: timestamp(startedAt),
      pid,
      engine,
      listen: { dns: [...listen.dns], admin: [...listen.admin] },
      listeners: listeners.map(listenerView),
      ready: readiness().every(({ state }) => state === 'ready'),
      snapshot,
      serial,
      zones: model.zones.map(({ apex }) => apex),
      clusters: model.clusters.length,
      hostnames: model.hostnames.length,
      monitors: model.monitors.length,
      drains: model.clusters.filter(({ name }) => director.overrides().has(drainNameOf(name))).length,
      overrides: viewOverrideLines(director, options.now()),
      breaker: viewBreaker(director.breaker(), options.now()),
      rollouts: viewRolloutLines(director),
      drills: viewDrillLines(director),
      findings: countFindings(director.findings().map(({ severity }) => severity)),
      places: { source: places.source, builtAt: timestamp(places.builtAt), places: places.places.length },
    };
  });
}

function listenerView({ address, engine, workers, restarts, lastTrouble: trouble }: DnsListener) {
  const lastTrouble = trouble === undefined ? null : { at: timestamp(trouble.at), message: trouble.message };
  return { ...address, engine, workers, restarts, lastTrouble };
}

function countFindings(severities: readonly Severity[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  for (const severity of severities) counts[severity] += 1;
  return counts;
}
