import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { ROLLOUT_STATES, type Rollout, type Rollouts } from '../core/rollout/rollout.ts';
import { checksumOf, parseWhole } from './whole-json.ts';

/** The form of the file; a reader refuses every other. */
const VERSION = 1;

const NAMES = Type.Array(Type.String());

const PLAN = Type.Union([
  Type.Object({ kind: Type.Literal('blue-green') }),
  Type.Object({
    kind: Type.Literal('canary'),
    steps: Type.Array(Type.Integer({ minimum: 0, maximum: 100 }), { minItems: 1 }),
    dwellMs: Type.Number({ minimum: 0 }),
    rollbackAfterMs: Type.Number({ minimum: 0 }),
    monitors: NAMES,
    endpoints: Type.Union([Type.Literal('must-be-up'), Type.Literal('not-looked-at')]),
  }),
]);

const ROLLOUT = Type.Object({
  spec: Type.Object({ name: Type.String(), hostnames: Type.Optional(NAMES), from: NAMES, to: NAMES, plan: PLAN }),
  state: Type.Enum(ROLLOUT_STATES),
  step: Type.Integer({ minimum: 0 }),
  since: Type.Number(),
  why: Type.String(),
});

const FILE = Type.Object({
  version: Type.Literal(VERSION),
  checksum: Type.String(),
  rollouts: Type.Array(ROLLOUT),
});

/** Reads `rollouts.json`, in which versions before the journal kept them. Throws an Error that says what is wrong with it. */
export function readRollouts(text: string): Rollouts {
  const content = parseWhole(text);
  if (!Check(FILE, content)) throw new Error(`it is not what version ${VERSION} of the file holds`);
  if (content.checksum !== checksumOf(content.rollouts)) throw new Error('its checksum does not fit its content');
  return new Map(content.rollouts.map((rollout): [string, Rollout] => [rollout.spec.name, Object.freeze(rollout)]));
}

/** Reads one saved rollout; undefined where it is none. */
export function readRollout(saved: unknown): Rollout | undefined {
  return Check(ROLLOUT, saved) ? Object.freeze(saved) : undefined;
}
