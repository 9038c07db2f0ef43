import { type TSchema, Type } from 'typebox';

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
  /** Requests per second that it would get. */
  load: Type.Optional(
    Type.Object({
      before: Type.Number(),
      after: Type.Number(),
      verdict: Type.Union([Type.Literal('fits'), Type.Literal('over')]),
    }),
  ),
});

const HOSTNAME = Type.Object({
  name: Type.String(),
  clusters: list(Type.Object({ cluster: Type.String(), before: Type.Number(), after: Type.Number() })),
  nobody: SHIFT,
  lastResortAddresses: SHIFT,
  usable: SHIFT,
  moved: Type.Number(),
  troubles: list(Type.String()),
});

/** What would happen, as `core/plan/outlook.ts` tells it, with what it goes by. */
export const PLAN_VIEW = Type.Object({
  basis: Type.Object({ kind: Type.Literal('director'), snapshot: Type.Integer(), serial: Type.Integer() }),
  lose: list(Type.String()),
  /** How clients are counted, and the location data with the attribution that its licence asks for. */
  clients: Type.Object({ counted: Type.Literal('ipv4-addresses'), source: Type.String() }),
  verdict: Type.Union([Type.Literal('fine'), Type.Literal('harm')]),
  hostnames: Type.Object({ before: Type.Integer(), after: Type.Integer(), changed: Type.Integer() }),
  clusters: list(CLUSTER),
  nobody: SHIFT,
  lastResortAddresses: SHIFT,
  moved: Type.Number(),
  cachedSeconds: Type.Number(),
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
