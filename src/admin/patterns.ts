import { EVENT_TYPES } from './events/event-types.ts';

const [TYPE, TYPES] = [`(${EVENT_TYPES.join('|')})`, EVENT_TYPES.join(', ')];
const NEXT = 'the `next` of the page before';

/** Forms of texts in requests, as patterns for the schemas and in words for people, to whom a pattern says nothing. */
export const FORMS = {
  /** It ends up in logs and on terminals, where control characters do harm. */
  line: {
    pattern: '^(?=.*\\S)[^\\p{C}\\p{Zl}\\p{Zp}]+$',
    expected: 'one line of text that is not blank, without control characters',
  },
  word: { pattern: '^[^\\p{C}\\p{Z}]+$', expected: 'text without blanks and control characters' },
  /** Lower case, as names are in the model; a wildcard stands for all below it. */
  hostname: {
    pattern: '^(\\*\\.)?[^\\p{C}\\p{Z}\\p{Lu}*]+$',
    expected: 'a hostname in lower case, with "*." before it for all below it',
  },
  pageSize: { pattern: '^([1-9]\\d{0,2}|1000)$', expected: 'a number from 1 to 1000' },
  offset: { pattern: '^\\d{1,9}$', expected: NEXT },
  number: { pattern: '^\\d{1,15}$', expected: NEXT },
  recordType: { pattern: '^[A-Za-z0-9]{1,10}$', expected: 'a record type like A or TYPE65280' },
  dice: { pattern: '^\\d{1,10}$', expected: 'a number of at most ten digits' },
  eventTypes: { pattern: `^${TYPE}(,${TYPE})*$`, expected: `${TYPES}, or several of them parted by commas` },
} as const;

const EXPECTED: ReadonlyMap<string, string> = new Map(
  Object.values(FORMS).map(({ pattern, expected }) => [pattern, expected]),
);

/** What a pattern of the schemas takes, in words; undefined for one that is none of `FORMS`. */
export function expectedBy(pattern: string): string | undefined {
  return EXPECTED.get(pattern);
}
