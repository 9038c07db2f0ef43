/** Rules that changes must not break, whoever orders them. */
import type { BrokenRule } from '../orders/safety-rule.ts';
import type { Outlook } from './outlook.ts';
import type { Shift } from './shift.ts';

/** A day of the week, in UTC. */
export type Weekday = 'sun' | 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat';

/** In the order of ECMA-262 (`getUTCDay`). */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const satisfies readonly Weekday[];

/** A time of some days in which nothing is changed: minutes after midnight UTC. One that ends before it begins goes over midnight. */
export type Blackout = { readonly days: readonly Weekday[]; readonly from: number; readonly to: number };

/** The rules; the defaults break nothing. */
export type SafetyRules = {
  /** Fewest usable clusters, and fewest with a share, that a hostname may be left with, where it has as many before. 1: that is the drain guard's. */
  readonly minClusters: number;
  /** Greatest fraction (0–1) of the clients that one change may move. */
  readonly maxMoved: number;
  /** Most drills at once. */
  readonly maxDrills: number;
  readonly blackouts: readonly Blackout[];
};

/** Rules that allow what can be allowed: one drill at a time, and no hostname left without a cluster. */
export const DEFAULT_SAFETY: SafetyRules = Object.freeze({ minClusters: 1, maxMoved: 1, maxDrills: 1, blackouts: [] });

/**
 * What is about to happen. `outlook`: absent where it was not worked out, because it could break nothing (`looksAhead`).
 * `drills`: how many would run with it, where it is a drill. `now`: when it is to happen, in ms since the epoch.
 */
export type PlannedChange = { readonly outlook?: Outlook; readonly drills: number; readonly now: number };

/** Whether one must look ahead to know if an order breaks a rule. That no hostname is left without a cluster is the drain guard's. */
export function looksAhead({ minClusters, maxMoved }: SafetyRules): boolean {
  return minClusters > 1 || maxMoved < 1;
}

/** Every rule that the change breaks. */
export function brokenRules(rules: SafetyRules, change: PlannedChange): readonly BrokenRule[] {
  return [
    tooFewLeft(rules, change),
    tooManyMoved(rules, change),
    tooManyDrills(rules, change),
    inBlackout(rules, change),
  ].filter((broken) => broken !== undefined);
}

function tooFewLeft({ minClusters }: SafetyRules, { outlook }: PlannedChange): BrokenRule | undefined {
  if (minClusters <= 1 || outlook === undefined) return undefined;
  const tooFew = ({ before, after }: Shift): boolean => after < Math.min(minClusters, before);
  // A standby answers when the others are gone: it counts among the usable ones, and for a share it does not.
  const serving = outlook.fewerServing.filter(tooFew);
  const left = serving.length > 0 ? serving : outlook.fewerUsable.filter(tooFew);
  const [first] = left.toSorted((a, b) => a.after - b.after);
  if (first === undefined) return undefined;
  const others = left.reduce((sum, { hostnames }) => sum + hostnames, 0) - 1;
  const more = others > 0 ? ` and ${others} more` : '';
  const names = first.left.length === 0 ? '' : ` (${listed(first.left)})`;
  const message = `${first.first}${more} would be left with ${first.after} of ${first.before} clusters${names}, fewer than ${minClusters}.`;
  return { rule: 'min-clusters', message };
}

/** Most clusters that a message names. */
const MAX_NAMED = 5;

function listed(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function tooManyMoved({ maxMoved }: SafetyRules, { outlook }: PlannedChange): BrokenRule | undefined {
  if (outlook === undefined || outlook.moved <= maxMoved) return undefined;
  return {
    rule: 'max-moved',
    message: `${percent(outlook.moved)} of the clients would be moved, more than ${percent(maxMoved)}.`,
  };
}

function tooManyDrills({ maxDrills }: SafetyRules, { drills }: PlannedChange): BrokenRule | undefined {
  if (drills <= maxDrills) return undefined;
  return { rule: 'max-drills', message: `${drills} drills would run at once, more than ${maxDrills}.` };
}

function inBlackout({ blackouts }: SafetyRules, { now }: PlannedChange): BrokenRule | undefined {
  const window = blackouts.find((one) => holds(one, now));
  if (window === undefined) return undefined;
  const message = `Nothing is changed on ${window.days.join(', ')} from ${clock(window.from)} to ${clock(window.to)} UTC.`;
  return { rule: 'blackout', message };
}

/** Whether a moment is in a window. What goes over midnight belongs to the day on which it begins. */
function holds({ days, from, to }: Blackout, now: number): boolean {
  const date = new Date(now);
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const today = date.getUTCDay();
  const isOn = (day: number): boolean => days.includes(WEEKDAYS[(day + WEEKDAYS.length) % WEEKDAYS.length]!);
  if (from < to) return isOn(today) && minute >= from && minute < to;
  return (isOn(today) && minute >= from) || (isOn(today - 1) && minute < to);
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
