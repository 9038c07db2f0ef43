import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { MAX_PIN_NETWORKS } from '../core/desired/maps/pin.ts';
import { drainOf, MAX_WEIGHT, type Override, type Overrides } from '../core/orders/override.ts';
import type { ForcedPast } from '../core/orders/safety-rule.ts';
import { CLOSED, SAVED_SCOPE } from './scope-schema.ts';
import { checksumOf, parseWhole } from './whole-json.ts';

/** The form of the file; a reader refuses every other. */
const VERSION = 1;

const DRAIN = Type.Object({
  cluster: Type.String(),
  at: Type.Number(),
  from: Type.Optional(Type.Number()),
  by: Type.String(),
  reason: Type.String(),
});

const FILE = Type.Object({ version: Type.Literal(VERSION), checksum: Type.String(), drains: Type.Array(DRAIN) });

const FORCED = [
  'drain-leaves-none',
  'safety-min-clusters',
  'safety-max-moved',
  'safety-max-drills',
  'safety-blackout',
] as const satisfies ForcedPast;
const PERCENT = Type.Optional(Type.Number({ minimum: 0, maximum: 100 }));

const NETS = Type.Array(Type.String(), { minItems: 1, maxItems: MAX_PIN_NETWORKS });

/** Closed, as what another version adds may change what all the rest means. */
const OVERRIDE = Type.Object(
  {
    name: Type.String(),
    scope: SAVED_SCOPE,
    action: Type.Union([
      Type.Object({ kind: Type.Union([Type.Literal('up'), Type.Literal('down')]) }, CLOSED),
      Type.Object({ kind: Type.Literal('drain'), percent: PERCENT }, CLOSED),
      Type.Object(
        { kind: Type.Literal('weight'), weight: Type.Integer({ minimum: 0, maximum: MAX_WEIGHT }), percent: PERCENT },
        CLOSED,
      ),
      Type.Object({ kind: Type.Literal('pin'), nets: NETS, cluster: Type.String() }, CLOSED),
    ]),
    at: Type.Number(),
    from: Type.Optional(Type.Number()),
    until: Type.Optional(Type.Number()),
    by: Type.String(),
    reason: Type.String(),
    forced: Type.Optional(Type.Array(Type.Enum<ForcedPast[number][]>([...FORCED]))),
  },
  CLOSED,
);

/** Reads `overrides.json`, in which versions before the journal kept drains. Throws an Error that says what is wrong with it. */
export function readOverrides(text: string): Overrides {
  const content = parseWhole(text);
  if (!Check(FILE, content)) throw new Error(`it is not what version ${VERSION} of the file holds`);
  if (content.checksum !== checksumOf(content.drains)) throw new Error('its checksum does not fit its content');
  return new Map(content.drains.map(drainOf).map((drain) => [drain.name, drain]));
}

/** Reads one saved order; undefined where it is none. */
export function readOverride(saved: unknown): Override | undefined {
  return Check(OVERRIDE, saved) ? Object.freeze(saved) : undefined;
}
