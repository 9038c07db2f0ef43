import { Type } from 'typebox';
import { LISTED_HOSTNAMES, MAX_LISTED_HOSTNAMES, MAX_LOAD } from '../../core/plan/limits.ts';
import { withoutClusters } from '../../core/plan/lose.ts';
import { type Outlook, outlook } from '../../core/plan/outlook.ts';
import { compileBeside } from '../../core/snapshot/compile.ts';
import type { Snapshot } from '../../core/snapshot/snapshot.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { problem } from '../problems.ts';
import { PLAN_VIEW } from '../views/plan-view.ts';

/** Most clusters that one plan loses. */
const MAX_LOST_CLUSTERS = 256;
/** A plan that takes no longer is followed by no rest, in ms. */
const BRIEF_PLAN_MS = 50;
/** After any other the rest is so many times as long: the thread may serve DNS. */
const REST_TIMES = 4;
/** Longest rest after a plan, in ms. */
const MAX_REST_MS = 10_000;

const BODY = Type.Object(
  {
    /** Names of clusters. */
    lose: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: MAX_LOST_CLUSTERS, uniqueItems: true }),
    ),
    /** Requests per second of all clients together, for the clusters' capacities. */
    load: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: MAX_LOAD })),
    /** Most hostnames in each list, 10 by default. */
    listed: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_LISTED_HOSTNAMES })),
  },
  { additionalProperties: false },
);

/** `POST /v1/plan`: what would happen now, by what is measured, if clusters were lost. Nothing is changed. */
export function addPlanRoutes(app: AdminApp, options: AdminOptions): void {
  const { director, now } = options;
  const turns = createTurns(now);
  const plan = { body: BODY, response: { 200: PLAN_VIEW } };
  app.post('/v1/plan', { schema: plan }, async ({ body: { lose = [], listed = LISTED_HOSTNAMES, load } }) => {
    const snapshot = director.snapshot();
    refuseUnknown(lose, snapshot);
    const found = turns.take(() =>
      planLoss(snapshot, new Set(lose), { listed, ...(load === undefined ? {} : { load }) }),
    );
    const { version, serial, places } = snapshot;
    return {
      basis: { kind: 'director' as const, snapshot: version, serial },
      lose,
      clients: { counted: 'ipv4-addresses' as const, source: places.source },
      ...found,
    };
  });
}

function planLoss(snapshot: Snapshot, lost: ReadonlySet<string>, options: Parameters<typeof outlook>[2]): Outlook {
  const after = lost.size === 0 ? snapshot : compileBeside(withoutClusters(snapshot, lost), snapshot);
  return outlook(snapshot, after, options);
}

function refuseUnknown(lose: readonly string[], { model: { clusters } }: Snapshot): void {
  const known = new Set(clusters.map(({ name }) => name));
  const unknown = lose.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw problem('cluster-unknown', `There is no cluster ${JSON.stringify(unknown)}. Known: ${[...known].join(', ')}.`);
}

/** Plans one after the other, and after a long one a rest, in which others are answered with 429. `now` in ms. */
function createTurns(now: () => number) {
  let [restedFrom, rest] = [0, 0];
  return {
    take<T>(work: () => T): T {
      const left = restedFrom + rest - now();
      // A clock that was set back does not make the rest longer.
      if (left > 0 && left <= rest) {
        const seconds = Math.ceil(left / 1000);
        throw problem('rate-limited', `A large plan was just made. Try again in ${seconds} s.`, {
          'retry-after': String(seconds),
        });
      }
      const started = now();
      const result = work();
      restedFrom = now();
      const took = restedFrom - started;
      rest = took <= BRIEF_PLAN_MS ? 0 : Math.min(MAX_REST_MS, took * REST_TIMES);
      return result;
    },
  };
}
