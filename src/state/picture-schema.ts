import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Check } from 'typebox/value';
import { parseHostname } from '../core/desired/gateway-api/hostnames.ts';

/** What we do not know we would lose: nothing may stand beside what is named. */
const STRICT = { additionalProperties: false };
const NAME = Type.String({ maxLength: 253, pattern: '^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$' });
const TEXTS = Type.Array(Type.String());
const HOSTNAME = Type.Refine(Type.String(), (text) => parseHostname(text) === text);
const HOSTNAME_OR_ANY = Type.Refine(Type.String(), (text) => text === '' || parseHostname(text) === text);

const ORIGIN = Type.Object(
  { file: Type.String(), line: Type.Optional(Type.Integer({ minimum: 1 })), object: Type.Optional(Type.String()) },
  STRICT,
);

/** What every object has. JSON has null for an annotation without a text. */
const METADATA = {
  name: NAME,
  origin: ORIGIN,
  annotations: Type.Array(Type.Tuple([Type.String(), Type.Union([Type.String(), Type.Null()])])),
};

const REQUIREMENT = Type.Object(
  { key: Type.String(), operator: Type.Enum(['In', 'NotIn', 'Exists', 'DoesNotExist']), values: TEXTS },
  STRICT,
);

const NAMESPACE_RULE = Type.Union([
  Type.Object({ from: Type.Enum(['Same', 'All', 'None']) }, STRICT),
  Type.Object({ from: Type.Literal('Selector'), selector: Type.Array(REQUIREMENT) }, STRICT),
]);

const UNMET = Type.Array(
  Type.Object(
    {
      type: Type.Enum(['Accepted', 'Programmed', 'ResolvedRefs', 'Conflicted']),
      state: Type.Enum(['unmet', 'stale']),
      reason: Type.String(),
    },
    STRICT,
  ),
);

const REFERENCES = Type.Array(
  Type.Object(
    {
      group: Type.String(),
      kind: Type.String(),
      namespace: Type.String(),
      name: Type.String(),
      grant: Type.Enum(['needed', 'settled']),
    },
    STRICT,
  ),
);

const LISTENERS = Type.Array(
  Type.Object(
    {
      name: Type.String(),
      hostname: HOSTNAME_OR_ANY,
      port: Type.Integer({ minimum: 0, maximum: 65_535 }),
      protocol: Type.String(),
      mode: Type.Enum(['Terminate', 'Passthrough']),
      certificates: Type.Integer({ minimum: 0 }),
      namespaces: NAMESPACE_RULE,
      kinds: TEXTS,
      borrowed: Type.Optional(REFERENCES),
      unmet: Type.Optional(UNMET),
    },
    STRICT,
  ),
);

const PARENT = Type.Object(
  {
    kind: Type.Enum(['Gateway', 'ListenerSet', 'XListenerSet']),
    namespace: Type.String(),
    name: Type.String(),
    section: Type.Optional(Type.String()),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    unmet: Type.Optional(UNMET),
  },
  STRICT,
);

const GATEWAY = Type.Object(
  {
    ...METADATA,
    kind: Type.Literal('Gateway'),
    namespace: NAME,
    listeners: LISTENERS,
    addresses: TEXTS,
    addressNames: Type.Array(HOSTNAME),
    otherAddresses: TEXTS,
    allowedListeners: NAMESPACE_RULE,
    unmet: Type.Optional(UNMET),
  },
  STRICT,
);

const LISTENER_SET = Type.Object(
  {
    ...METADATA,
    kind: Type.Enum(['ListenerSet', 'XListenerSet']),
    namespace: NAME,
    listeners: LISTENERS,
    parent: PARENT,
    unmet: Type.Optional(UNMET),
  },
  STRICT,
);

const ROUTE = Type.Object(
  {
    ...METADATA,
    kind: Type.Enum(['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute']),
    namespace: NAME,
    parents: Type.Array(PARENT),
    hostnames: Type.Union([Type.Literal('any'), Type.Array(HOSTNAME)]),
    backends: Type.Optional(REFERENCES),
  },
  STRICT,
);

const NAMESPACE = Type.Object(
  {
    ...METADATA,
    kind: Type.Literal('Namespace'),
    namespace: Type.Literal(''),
    labels: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  },
  STRICT,
);

const GRANT = Type.Object(
  {
    ...METADATA,
    kind: Type.Literal('ReferenceGrant'),
    namespace: NAME,
    from: Type.Array(Type.Object({ group: Type.String(), kind: Type.String(), namespace: Type.String() }, STRICT)),
    to: Type.Array(
      Type.Object({ group: Type.String(), kind: Type.String(), name: Type.Optional(Type.String()) }, STRICT),
    ),
  },
  STRICT,
);

const SERVICE_IMPORT = Type.Object(
  {
    ...METADATA,
    kind: Type.Literal('ServiceImport'),
    namespace: NAME,
    state: Type.Enum(['exported', 'unexported', 'unready', 'unknown']),
  },
  STRICT,
);

const ENDPOINT_SLICE = Type.Object(
  {
    ...METADATA,
    kind: Type.Literal('EndpointSlice'),
    namespace: NAME,
    service: Type.String(),
    ready: Type.Enum(['some', 'none']),
  },
  STRICT,
);

// Routes first: they are the most.
const STORED_OBJECT = Type.Union([ROUTE, GATEWAY, LISTENER_SET, NAMESPACE, GRANT, SERVICE_IMPORT, ENDPOINT_SLICE]);

/** A `GatewayApiObject` as JSON has it. */
export type StoredObject = Static<typeof STORED_OBJECT>;

const VALIDATOR = Compile(STORED_OBJECT);

/** Whether a value has exactly the form of a stored object, with names and hostnames as core spells them. */
export function isStoredObject(value: unknown): value is StoredObject {
  return VALIDATOR.Check(value);
}

/** Names the form of the objects: another version of Azimuth may have another one. */
export const SHAPE: string = createHash('sha256').update(JSON.stringify(STORED_OBJECT)).digest('hex').slice(0, 16);

/** Latest moment that a date can show, in ms since the epoch. */
const LATEST = 8.64e15;

const HEAD = Type.Object({
  azimuth: Type.Literal('picture'),
  shape: Type.String(),
  cluster: Type.String(),
  savedAt: Type.Integer({ minimum: 0, maximum: LATEST }),
  objects: Type.Integer({ minimum: 0 }),
  region: Type.Optional(Type.String({ maxLength: 63 })),
});

/** The first line of a saved picture. */
export type StoredHead = Static<typeof HEAD>;

/** Whether a value is a first line, be it of another version. */
export function isStoredHead(value: unknown): value is StoredHead {
  return Check(HEAD, value);
}

const TAIL = Type.Object({ sha256: Type.String() }, STRICT);

/** Whether a value is the last line of a saved picture: the checksum of all lines before it, in hex. */
export function isStoredTail(value: unknown): value is Static<typeof TAIL> {
  return Check(TAIL, value);
}
