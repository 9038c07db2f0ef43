/** Drills that are not over, in short: for the status, and for the list of clusters. */
import { type Static, Type } from 'typebox';
import { type Drill, isUnderWay, percentOf } from '../../core/drill/drill.ts';
import { fitsName } from '../../core/orders/glob.ts';
import type { Scope, Selection } from '../../core/orders/scope.ts';
import type { Director } from '../../core/ports.ts';
import { DRILL_VIEW, viewDrill } from './drill-view.ts';

/** Most drills that the status names; `/v1/drills` has all. */
const MAX_DRILL_LINES = 5;

type Drilled = { readonly drills: Pick<Director['drills'], 'list'> };

/** A drill in one line. */
const LINE = Type.Pick(DRILL_VIEW, [
  'name',
  'action',
  'weight',
  'scope',
  'state',
  'percent',
  'ramp',
  'step',
  'by',
  'reason',
  'startAt',
  'since',
  'endsAt',
]);

/** All drills that are not over, and some of them in one line each: those under way, then those that begin next. */
export const DRILL_LINES = Type.Object({ total: Type.Integer(), first: Type.Array(LINE) });

/** See `DRILL_LINES`. */
export function viewDrillLines({ drills }: Drilled): Static<typeof DRILL_LINES> {
  const all = drills.list().filter(({ state }) => state !== 'over');
  const first = all.toSorted(underWayFirst).slice(0, MAX_DRILL_LINES);
  return { total: all.length, first: first.map(viewLine) };
}

function underWayFirst(a: Drill, b: Drill): number {
  return (
    Number(isUnderWay(b)) - Number(isUnderWay(a)) || beginOf(a) - beginOf(b) || (a.spec.name < b.spec.name ? -1 : 1)
  );
}

function beginOf({ spec, at }: Drill): number {
  return spec.startAt ?? at;
}

function viewLine(drill: Drill): Static<typeof LINE> {
  const { name, action, weight, scope, state, percent, ramp, step, by, reason, startAt, since, endsAt } =
    viewDrill(drill);
  const heavy = weight === undefined ? {} : { weight };
  return { name, action, ...heavy, scope, state, percent, ramp, step, by, reason, startAt, since, endsAt };
}

/** A drill that is under way, as the cluster shows it that it is about. */
export const CLUSTER_DRILL = Type.Pick(DRILL_VIEW, ['name', 'action', 'weight', 'state', 'percent']);

/** See `CLUSTER_DRILL`. */
export type ClusterDrill = Static<typeof CLUSTER_DRILL>;

/**
 * The drills under way whose scope names a cluster. Names and patterns alone are looked at, so that it costs nothing with any
 * number of hostnames: a drill that names hostnames only is in the status and at no cluster.
 */
export function clusterDrills({ drills }: Drilled): (cluster: string) => ClusterDrill[] {
  const underWay = drills.list().filter(isUnderWay);
  return (cluster) => underWay.filter(({ spec }) => isNamed(spec.scope, cluster)).map(viewClusterDrill);
}

function viewClusterDrill(drill: Drill): ClusterDrill {
  const { state, spec } = drill;
  const { kind: action, ...weight } = spec.action;
  return { name: spec.name, action, ...weight, state, percent: percentOf(drill) };
}

/** Where an exception has other lists as well, some of the cluster is still meant. */
function isNamed({ except, clusters = [] }: Scope, cluster: string): boolean {
  const isFitting = (patterns: readonly string[]): boolean => patterns.some((one) => fitsName(one, cluster));
  return isFitting(clusters) && !(except !== undefined && isOfClusters(except) && isFitting(except.clusters ?? []));
}

function isOfClusters({ gateways, hostnames, teams }: Selection): boolean {
  return gateways === undefined && hostnames === undefined && teams === undefined;
}
