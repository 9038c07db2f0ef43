import { dim, paintState } from './colour.ts';
import { numberOf, recordOf, textOf } from './json.ts';

/** A minute and an hour, in seconds. */
const [MINUTE, HOUR] = [60, 3600];

/** How old the view of a cluster is, `12 s`; that it was saved by an earlier run, where it was; `-` where nothing is known. */
export function ageText(view: unknown): string {
  const of = recordOf(view);
  const age = of.get('ageSeconds');
  if (typeof age !== 'number') return dim('-');
  const text = spanText(numberOf(age));
  return textOf(of.get('origin')) === 'store' ? `${paintState('saved')} ${text}` : text;
}

/** Whole seconds in the largest unit of which there are two. */
export function spanText(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${seconds} s`;
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  return seconds < 48 * HOUR ? `${Math.floor(seconds / HOUR)} h` : `${Math.floor(seconds / (24 * HOUR))} d`;
}
