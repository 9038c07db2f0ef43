/**
 * When a drain holds, and how far off one is that is planned:
 *
 *     planned ── `from` ─► drained ── `until` ─► over
 *
 * While it is planned, what is told of the way to it is an outlook, as of any change at a set time: so the TTL shrinks ahead
 * of it, and answers with the old cluster are forgotten when it begins.
 */
import type { Drain } from '../desired/model.ts';
import { nextOutlook, outlook } from './outlook.ts';

/** A drain holds from the one moment until before the other, both in ms since the epoch. */
export type DrainSpan = { readonly from: number; readonly until: number };

const NEVER: DrainSpan = Object.freeze({ from: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY });
const ALWAYS: DrainSpan = Object.freeze({ from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY });

/** When an annotation drains. */
export function spanOf(drain: Drain): DrainSpan {
  switch (drain.kind) {
    case 'none':
      return NEVER;
    case 'on':
      return ALWAYS;
    case 'until':
      return { from: Number.NEGATIVE_INFINITY, until: drain.at };
    case 'planned':
      return { from: drain.from, until: drain.until ?? Number.POSITIVE_INFINITY };
    default:
      return drain satisfies never;
  }
}

/** Whether it drains at this moment. */
export function isDraining({ from, until }: DrainSpan, now: number): boolean {
  return now >= from && now < until;
}

/** Seconds until it begins, as an outlook; Infinity where it has begun, or is further off than any TTL. */
export function secondsToDrain({ from, until }: DrainSpan, now: number): number {
  return from > now && from < until ? outlook(from - now) : Number.POSITIVE_INFINITY;
}

/** When something else is told of it next, in ms since the epoch; Infinity for never. */
export function nextDrainChange({ from, until }: DrainSpan, now: number): number {
  if (until <= now || from >= until) return Number.POSITIVE_INFINITY;
  return from > now ? from - nextOutlook(from - now) : until;
}

/** Whether the one says at its time what the other says at its own. */
export function tellAlike(a: DrainSpan, aNow: number, b: DrainSpan, bNow: number): boolean {
  return isDraining(a, aNow) === isDraining(b, bNow) && secondsToDrain(a, aNow) === secondsToDrain(b, bNow);
}
