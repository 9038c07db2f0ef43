import { asInteger, asList, asText, field } from './untrusted.ts';

/** Most conditions of one object that are looked at; Gateway API allows 8. */
const MAX_CONDITIONS = 32;

/** What a controller says of an object, as far as it can speak against answering with it. */
export type ConditionType = 'Accepted' | 'Programmed' | 'ResolvedRefs' | 'Conflicted';

/** A condition that is not as it should be. `stale`: it is about an older generation of the object, and does not count. */
export type Unmet = {
  readonly type: ConditionType;
  readonly state: 'unmet' | 'stale';
  /** The status and the controller's reason, such as `False (AddressNotAssigned)`. */
  readonly reason: string;
};

/**
 * What speaks against an object: conditions that are there and not met; undefined where there is none. Nothing is said of
 * what no controller wrote: absent conditions, and `Unknown` for the reason `Pending`, which is the CRD's own default.
 */
export function readUnmet(
  conditions: unknown,
  generation: unknown,
  types: readonly ConditionType[],
): readonly Unmet[] | undefined {
  const list = asList(conditions);
  if (list.length === 0) return undefined;
  const unmet: Unmet[] = [];
  for (const type of types) {
    const condition = list.slice(0, MAX_CONDITIONS).find((one) => field(one, 'type') === type);
    const one = condition === undefined ? undefined : readCondition(condition, generation, type);
    if (one !== undefined) unmet.push(one);
  }
  return unmet.length === 0 ? undefined : Object.freeze(unmet);
}

/** Whether a controller said something of this type, of the object as it is now. */
export function isSaid(conditions: unknown, generation: unknown, type: ConditionType): boolean {
  const one = asList(conditions)
    .slice(0, MAX_CONDITIONS)
    .find((each) => field(each, 'type') === type);
  return one !== undefined && field(one, 'status') !== 'Unknown' && !isStale(one, generation);
}

function readCondition(condition: unknown, generation: unknown, type: ConditionType): Unmet | undefined {
  const status = field(condition, 'status');
  const reason = plain(field(condition, 'reason'));
  if (status !== 'True' && status !== 'False' && status !== 'Unknown') return undefined;
  if (status === 'Unknown' && (reason === 'Pending' || type === 'Conflicted')) return undefined;
  const said = reason === undefined ? status : `${status} (${reason})`;
  if (isStale(condition, generation)) return Object.freeze({ type, state: 'stale', reason: said });
  const good = type === 'Conflicted' ? 'False' : 'True';
  return status === good ? undefined : Object.freeze({ type, state: 'unmet', reason: said });
}

/** Controllers that write no generation are believed. */
function isStale(condition: unknown, generation: unknown): boolean {
  const now = asInteger(generation, 0, Number.MAX_SAFE_INTEGER);
  const observed = asInteger(field(condition, 'observedGeneration'), 0, Number.MAX_SAFE_INTEGER);
  return now !== undefined && observed !== undefined && observed < now;
}

/** Reasons are words in camel case; what is none is foreign text that is not repeated. */
function plain(reason: unknown): string | undefined {
  const text = asText(reason);
  return text !== undefined && /^[A-Za-z][\w,:.-]{0,63}$/.test(text) ? text : undefined;
}
