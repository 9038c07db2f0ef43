import type { Static } from 'typebox';
import { quote } from '../core/desired/quote.ts';
import { nearest } from '../core/desired/suggest.ts';
import { type Blackout, type SafetyRules, WEEKDAYS, type Weekday } from '../core/plan/safety.ts';
import type { Complain, Path } from './problem.ts';
import { parsePercent, type Safety } from './schema-safety.ts';

/** The rules of safety as the file has them. */
export function buildSafety(safety: Static<typeof Safety>, complain: Complain): SafetyRules {
  const blackouts = safety.blackouts.flatMap((entry, index) => {
    return buildBlackout(entry, ['safety', 'blackouts', index], complain) ?? [];
  });
  return {
    minClusters: safety['min-clusters'],
    maxMoved: parsePercent(safety['max-moved']) ?? 1,
    maxDrills: safety['max-drills'],
    blackouts,
  };
}

type Entry = Static<typeof Safety>['blackouts'][number];

function buildBlackout({ days: named, ...times }: Entry, path: Path, complain: Complain): Blackout | undefined {
  const days = named === undefined ? WEEKDAYS : readDays(named, [...path, 'days'], complain);
  const from = readTime(times.from, [...path, 'from'], complain);
  const to = readTime(times.to, [...path, 'to'], complain);
  if (from === undefined || to === undefined || days.length === 0) return undefined;
  if (from !== to) return { days, from, to };
  complain([...path, 'to'], {
    expected: 'another time than `from`',
    found: quote(times.to),
    suggestion: 'leave both out for whole days',
  });
  return undefined;
}

function readDays(named: readonly string[], path: Path, complain: Complain): readonly Weekday[] {
  return named.flatMap((text, index) => {
    const day = WEEKDAYS.find((each) => each === text);
    if (day === undefined) {
      const meant = nearest(text.slice(0, 3).toLowerCase(), WEEKDAYS);
      const suggestion = meant === undefined ? {} : { suggestion: `did you mean ${quote(meant)}?` };
      complain([...path, index], { expected: `one of ${WEEKDAYS.join(', ')}`, found: quote(text), ...suggestion });
      return [];
    }
    if (named.indexOf(text) === index) return [day];
    complain([...path, index], { expected: 'each day once', found: `${quote(text)} again` });
    return [];
  });
}

/** Minutes after midnight. */
function readTime(text: string, path: Path, complain: Complain): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const [hour, minute] = [Number(hours), Number(minutes)];
  const isTime = minutes !== undefined && minute < 60 && (hour < 24 || (hour === 24 && minute === 0));
  if (isTime && hours?.length === 2) return hour * 60 + minute;
  const suggestion = isTime ? { suggestion: `did you mean "${text.padStart(5, '0')}"?` } : {};
  complain(path, { expected: 'a time from "00:00" to "24:00", in UTC', found: quote(text), ...suggestion });
  return undefined;
}
