/**
 * What people did, as the journal and the audit each tell it. An order is told by its name and its moment: the audit has it in
 * `after` of overrides and drains, and is written after the order is saved, so the entry of a drill or rollout is never older.
 */
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { AuditAction, AuditEntry, AuditRecord } from '../../core/ports.ts';
import { ROLLOUT_ORDERS } from '../../core/rollout/rollout.ts';
import { ORDER_KINDS } from '../before-the-journal.ts';

/** Something that a person ordered and that the journal has. */
export type Deed = {
  /** The same for all orders of which the last one counts. */
  readonly key: string;
  /** Another one for each of them. */
  readonly id: string;
  readonly at: number;
  readonly who: string;
  readonly action: AuditAction;
  readonly target: string;
  readonly after: unknown;
};

/** An order in the audit by what it is about: a kind of the journal and a key. `taken-back`: it is not in force from then on. */
export type Told = { readonly kind: string; readonly key: string; readonly turn: 'ordered' | 'taken-back' };

const OVERRIDE = Type.Object({ at: Type.Number(), by: Type.String() });
const DRILL = Type.Object({
  spec: Type.Object({}),
  by: Type.String(),
  at: Type.Number(),
  since: Type.Number(),
  state: Type.String(),
});
const ROLLOUT = Type.Object({ spec: Type.Object({}), state: Type.String(), since: Type.Number(), why: Type.String() });
const DATED = Type.Object({ at: Type.Number() });
const REASONED = Type.Object({ why: Type.String() });
const CUT = Type.Object({ cut: Type.String() });

const DRAIN = 'drain:';

/** What people did of which a value of the journal is left; nothing where it came about by itself. Never throws. */
export function deedsOf(kind: string, key: string, text: string): readonly Deed[] {
  const value = parsed(text);
  if (kind === ORDER_KINDS.overrides && Check(OVERRIDE, value)) return [overrideDeed(key, value)];
  if (kind === ORDER_KINDS.rollouts && Check(ROLLOUT, value)) return rolloutDeeds(key, value);
  if (kind !== ORDER_KINDS.drills || !Check(DRILL, value)) return [];
  const { spec, by, at } = value;
  // Its stop is nothing that is in force, and is in the journal later than in the audit: it is not reckoned with.
  return [{ key: `drill ${key}`, id: `${at}`, at, who: by, action: 'drill.start', target: key, after: spec }];
}

/** Whether an entry is about this deed. */
export function isAbout({ action, target, after, at, outcome }: AuditEntry | AuditRecord, deed: Deed): boolean {
  if (!isCarriedOut(outcome) || action !== deed.action || target !== deed.target) return false;
  if (deed.key.startsWith('override ')) return Check(DATED, after) ? after.at === deed.at : Check(CUT, after);
  if (deed.key.startsWith('rollout ') && Check(REASONED, after) && Check(REASONED, deed.after)) {
    return after.why === deed.after.why && at >= deed.at;
  }
  return at >= deed.at;
}

/** What an entry says is so from then on; undefined where it is about no order, or one that was refused. */
export function toldBy({
  action,
  target,
  outcome,
}: Pick<AuditRecord, 'action' | 'target' | 'outcome'>): Told | undefined {
  if (!isCarriedOut(outcome)) return undefined;
  const [kind, verb = ''] = action.split('.');
  const turn = verb === 'clear' || verb === 'undrain' || verb === 'end' || verb === 'forget' ? 'taken-back' : 'ordered';
  if (action === 'cluster.drain' || action === 'cluster.undrain') {
    return { kind: ORDER_KINDS.overrides, key: `${DRAIN}${target}`, turn };
  }
  if (kind === 'override') return { kind: ORDER_KINDS.overrides, key: target, turn };
  if (kind === 'rollout') return { kind: ORDER_KINDS.rollouts, key: target, turn };
  return kind === 'drill' ? { kind: ORDER_KINDS.drills, key: target, turn } : undefined;
}

/** Whether what an entry is about took effect. */
export function isCarriedOut(outcome: string): boolean {
  return outcome === 'done' || outcome === FOUND_IN_FORCE || outcome === FOUND_TAKEN_BACK;
}

/** The outcome of what is in force, and had no entry: the process ended between the two. */
export const FOUND_IN_FORCE = 'found-in-force';
/** The same of what was taken back. */
export const FOUND_TAKEN_BACK = 'found-taken-back';

/** What an order in the journal is taken back by; undefined where it is of a kind that ends by itself. */
export function takingBack(
  kind: string,
  key: string,
): { readonly action: AuditAction; readonly target: string } | undefined {
  if (kind === ORDER_KINDS.rollouts) return { action: 'rollout.end', target: key };
  if (kind !== ORDER_KINDS.overrides) return undefined;
  const isDrain = key.startsWith(DRAIN);
  return isDrain
    ? { action: 'cluster.undrain', target: key.slice(DRAIN.length) }
    : { action: 'override.clear', target: key };
}

function overrideDeed(key: string, { at, by, ...order }: { readonly at: number; readonly by: string }): Deed {
  const isDrain = key.startsWith(DRAIN);
  const target = isDrain ? key.slice(DRAIN.length) : key;
  const action = isDrain ? 'cluster.drain' : 'override.set';
  return { key: `override ${key}`, id: `${at} ${by}`, at, who: by, action, target, after: { ...order, at, by } };
}

type SavedRollout = { readonly spec: object; readonly state: string; readonly since: number; readonly why: string };

/** By itself a rollout says of its state what was seen; only what was ordered says by whom. */
function rolloutDeeds(key: string, { spec, state, since, why }: SavedRollout): readonly Deed[] {
  const [, verb = '', who = ''] = /^([a-z-]+) by (.*?)(?:, forced past .*)?$/s.exec(why) ?? [];
  const order = ROLLOUT_ORDERS.find((each) => each === verb);
  const action = verb === 'started' ? 'rollout.start' : order && (`rollout.${order}` as const);
  if (action === undefined) return [];
  const after = verb === 'started' ? { ...spec, why } : { state, why };
  return [{ key: `rollout ${key}`, id: `${since} ${why}`, at: since, who, action, target: key, after }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
