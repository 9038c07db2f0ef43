import { timestamp } from '../core/desired/annotations/values.ts';
import { type ProblemCode, problem } from './problems.ts';

/** The beginning of what is meant as a time, with its year. */
const DATE = /^(\d{4,6})-\d\d-\d\d[Tt ]\d\d:\d\d/;

/**
 * A time of a request (RFC 3339 §5.6) in ms since the epoch, of the years 1000 to 2999. Throws a problem of the code, which
 * says what is wrong with it.
 */
export function momentOf(field: string, text: string, code: ProblemCode): number {
  const moment = timestamp(text);
  if (moment !== undefined) return moment;
  const year = DATE.exec(text)?.[1];
  if (year === undefined) throw problem(code, `${field}: expected a time like "2027-01-31T18:00:00Z".`);
  if (!/^[12]\d{3}$/.test(year)) throw problem(code, `${field}: the year must be from 1000 to 2999.`);
  if (!/(?:[Zz]|[+-]\d\d:\d\d)$/.test(text)) {
    throw problem(code, `${field}: expected a time zone behind it, like "2027-01-31T18:00:00Z".`);
  }
  throw problem(code, `${field}: there is no such time.`);
}
