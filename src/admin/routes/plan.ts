import { Type } from 'typebox';
import { nearest } from '../../core/desired/suggest.ts';
import { LISTED_HOSTNAMES, MAX_LISTED_HOSTNAMES, MAX_LOAD } from '../../core/plan/limits.ts';
import { withoutClusters } from '../../core/plan/lose.ts';
import { measuredLoads } from '../../core/plan/measured-loads.ts';
import { type Outlook, outlook } from '../../core/plan/outlook.ts';
import type { QueryMix } from '../../core/plan/query-mix.ts';
import { compileBeside } from '../../core/snapshot/compile.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import type { PlanTurns } from '../plan-turns.ts';
import { problem } from '../problems.ts';
import { PLAN_VIEW, viewClients } from '../views/plan-view.ts';

/** Most clusters that one plan loses. */
const MAX_LOST_CLUSTERS = 256;

const BODY = Type.Object(
  {
    /** Names of clusters. */
    lose: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: MAX_LOST_CLUSTERS, uniqueItems: true }),
    ),
    /** Requests per second of all clients together, for the clusters' capacities. */
    load: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: MAX_LOAD })),
    /** What clients are counted by: IPv4 addresses, which is the default, or what they ask. */
    by: Type.Optional(Type.Union([Type.Literal('addresses'), Type.Literal('queries')])),
    /** Most hostnames in each list, 10 by default. */
    listed: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_LISTED_HOSTNAMES })),
  },
  { additionalProperties: false },
);

/** `POST /v1/plan`: what would happen now, by what is measured, if clusters were lost. Nothing is changed. */
export function addPlanRoutes(app: AdminApp, { director, queryMix }: AdminOptions, turns: PlanTurns): void {
  const plan = { body: BODY, response: { 200: PLAN_VIEW } };
  app.post('/v1/plan', { schema: plan }, async ({ body: { lose = [], listed = LISTED_HOSTNAMES, load, by } }) => {
    const snapshot = director.snapshot();
    const { version, serial, places, model } = snapshot;
    refuseUnknown(lose, snapshot);
    const known = { listed, measured: measuredLoads(model, director.loads()), ...(load === undefined ? {} : { load }) };
    const { mix, found } = turns.plan(() => {
      const mix = by === 'queries' ? observed(queryMix()) : undefined;
      return { mix, found: planLoss(snapshot, new Set(lose), { ...known, ...(mix === undefined ? {} : { mix }) }) };
    });
    return {
      basis: { kind: 'director' as const, snapshot: version, serial },
      lose,
      clients: viewClients(places.source, mix),
      ...found,
    };
  });
}

/** Who asks for a plan by what nobody asked is told how long it was listened for. */
function observed(mix: QueryMix): QueryMix {
  if (mix.state === 'observed') return mix;
  const seconds = Math.floor(mix.observedMs / 1000);
  const ever = mix.questions > 0 ? 'too long ago, or for other hostnames or from other places' : 'none so far';
  throw problem(
    'queries-unobserved',
    `There are no questions to weigh by: ${ever}. The director has been counting for ${seconds} s; try again later, or plan by addresses.`,
  );
}

function planLoss(snapshot: Snapshot, lost: ReadonlySet<string>, options: Parameters<typeof outlook>[2]): Outlook {
  const after = lost.size === 0 ? snapshot : compileBeside(withoutClusters(snapshot, lost), snapshot);
  return outlook(snapshot, after, options);
}

function refuseUnknown(lose: readonly string[], { model: { clusters } }: Snapshot): void {
  const known = new Set(clusters.map(({ name }) => name));
  const unknown = lose.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  const hint = meant === undefined ? `Known: ${[...known].join(', ')}.` : `Did you mean ${JSON.stringify(meant)}?`;
  throw problem('cluster-unknown', `There is no cluster ${JSON.stringify(unknown)}. ${hint}`);
}
