import { type Static, type TSchema, Type } from 'typebox';
import { MIX_HALF_LIFE_MS } from '../../core/plan/limits.ts';
import type { QueryMix } from '../../core/plan/query-mix.ts';

/** What the core hands out is frozen: so are its lists. */
function list<T extends TSchema>(item: T) {
  return Type.Immutable(Type.Array(item));
}

/** A fraction (0–1), or a number, in the world as it is and in the one that would be. */
const SHIFT = Type.Object({ before: Type.Number(), after: Type.Number() });

const CLUSTER = Type.Object({
  cluster: Type.String(),
  before: Type.Number(),
  after: Type.Number(),
  /** Requests per second. */
  capacity: Type.Optional(Type.Number()),
  /** Requests per second of all clients together at which the cluster is full. */
  fullAt: Type.Optional(Type.Object({ before: Type.Optional(Type.Number()), after: Type.Optional(Type.Number()) })),
  /** Requests per second, or the unit of the capacity. */
  load: Type.Object({
    source: Type.Union([Type.Literal('given'), Type.Literal('measured'), Type.Literal('none')]),
    before: Type.Optional(Type.Number()),
    after: Type.Optional(Type.Number()),
    verdict: Type.String(),
    /** Why it is not known whether the cluster has the room. */
    reason: Type.Optional(Type.String()),
  }),
});

/** How clients are counted, and the location data with the attribution that its licence asks for. */
const CLIENTS = Type.Object({
  counted: Type.Union([Type.Literal('ipv4-addresses'), Type.Literal('queries')]),
  source: Type.String(),
  /** With `queries`. */
  observed: Type.Optional(
    Type.Object({
      /** How long questions have been counted. */
      seconds: Type.Integer(),
      /** How many there were since. */
      questions: Type.Integer(),
      perSecond: Type.Number(),
      /** After which a question counts half. */
      halfLifeSeconds: Type.Integer(),
      /** The fraction (0–1) of them that came from places which are not counted each. */
      unplaced: Type.Number(),
    }),
  ),
});

/** How the clients of a plan are counted: by what they ask where there is a mix. */
export function viewClients(source: string, mix: QueryMix | undefined): Static<typeof CLIENTS> {
  if (mix === undefined) return { counted: 'ipv4-addresses', source };
  const { observedMs, questions, perSecond, others } = mix;
  const observed = {
    seconds: Math.floor(observedMs / 1000),
    questions,
    perSecond,
    halfLifeSeconds: MIX_HALF_LIFE_MS / 1000,
    unplaced: perSecond > 0 ? others / perSecond : 0,
  };
  return { counted: 'queries', source, observed };
}

const HOSTNAME = Type.Object({
  name: Type.String(),
  clusters: list(Type.Object({ cluster: Type.String(), before: Type.Number(), after: Type.Number() })),
  nobody: SHIFT,
  lastResortAddresses: SHIFT,
  usable: SHIFT,
  moved: Type.Number(),
  /** The fraction (0–1) of the questions that are for it, in a plan by queries. */
  asked: Type.Optional(Type.Number()),
  troubles: list(Type.String()),
});

/** `left`: the clusters that the first hostname is left with. */
const FEWER = Type.Object({
  before: Type.Integer(),
  after: Type.Integer(),
  hostnames: Type.Integer(),
  first: Type.String(),
  left: list(Type.String()),
});

/** What would happen, as `core/plan/outlook.ts` tells it, with what it goes by. */
export const PLAN_VIEW = Type.Object({
  basis: Type.Object({ kind: Type.Literal('director'), snapshot: Type.Integer(), serial: Type.Integer() }),
  lose: list(Type.String()),
  clients: CLIENTS,
  verdict: Type.Union([Type.Literal('fine'), Type.Literal('harm')]),
  hostnames: Type.Object({ before: Type.Integer(), after: Type.Integer(), changed: Type.Integer() }),
  clusters: list(CLUSTER),
  nobody: SHIFT,
  lastResortAddresses: SHIFT,
  moved: Type.Number(),
  cachedSeconds: Type.Number(),
  /** How many hostnames have fewer usable clusters than before, by how many there were and are. */
  fewerUsable: list(FEWER),
  /** The same of those that are more than a standby: usable, and with a weight above 0, or all of them where none has one. */
  fewerServing: list(FEWER),
  affected: list(
    Type.Object({
      trouble: Type.String(),
      count: Type.Integer(),
      already: Type.Integer(),
      first: list(Type.String()),
    }),
  ),
  worst: list(HOSTNAME),
});
