import { Type } from 'typebox';
import { closed, integer, text } from './schema-keys.ts';

/** Most entries of `safety.blackouts`. */
const MAX_BLACKOUTS = 32;
/** Most days of one entry of `safety.blackouts`. */
const MAX_BLACKOUT_DAYS = 7;

/** How a percentage is written. */
const PERCENT = /^(?:100(?:\.0+)?|\d{1,2}(?:\.\d{1,3})?)%$/;

/** Reads `30%` as 0.3; undefined for everything else. */
export function parsePercent(text: string): number | undefined {
  return PERCENT.test(text) ? Number(text.slice(0, -1)) / 100 : undefined;
}

const Blackout = Type.Object(
  {
    days: Type.Optional(
      Type.Array(text({ expected: 'a day like "mon"', help: 'Days of the week, in UTC.', shown: 'every day' }), {
        minItems: 1,
        maxItems: MAX_BLACKOUT_DAYS,
        expected: 'a list of days like "mon"',
      }),
    ),
    from: text({ default: '00:00', expected: 'a time like "08:00"', unit: 'UTC', help: 'When it begins.' }),
    to: text({
      default: '24:00',
      expected: 'a time like "18:00"',
      unit: 'UTC',
      help: 'When it is over; before `from`: on the next day.',
    }),
  },
  { ...closed, help: 'When nothing is changed.' },
);

/** `safety`: what changes must not do, whoever orders them. */
export const Safety = Type.Object(
  {
    'min-clusters': integer(1, 64, {
      default: 1,
      help: 'Fewest usable clusters that a change may leave a hostname with, where it has as many.',
    }),
    'max-moved': Type.Refine(
      Type.String({
        default: '100%',
        expected: 'a percentage from 0% to 100% like "30%"',
        help: 'Most of the clients that one change may move.',
      }),
      (value) => parsePercent(value) !== undefined,
    ),
    'max-drills': integer(0, 100, { default: 1, help: 'Most drills at once; 0: none.' }),
    blackouts: Type.Array(Blackout, {
      default: [],
      maxItems: MAX_BLACKOUTS,
      expected: `a list of at most ${MAX_BLACKOUTS} entries`,
    }),
  },
  { ...closed, default: {}, help: 'What changes must not do (docs/overrides.md).' },
);
