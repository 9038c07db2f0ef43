import { type TSchema, Type } from 'typebox';
import { PAGE_DEFAULT, PAGE_LIMIT } from './limits.ts';
import { FORMS } from './patterns.ts';

/** Query parameters of a paged list. Texts, because nothing is coerced. */
export const PAGE_QUERY = {
  /** 1–1000. */
  limit: Type.Optional(Type.String({ pattern: FORMS.pageSize.pattern })),
  /** `next` of the page before. */
  cursor: Type.Optional(Type.String({ maxLength: 1020 })),
};

/** A page of `item`s; `next` is the cursor of the next page and absent on the last one. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({ items: Type.Array(item), total: Type.Integer(), next: Type.Optional(Type.String()) });
}

/** How many items a page may have. */
export function pageSize(limit: string | undefined): number {
  return Math.min(PAGE_LIMIT, limit === undefined ? PAGE_DEFAULT : Number(limit));
}

/** Time for people and programs (RFC 3339), or null where there is none yet. `ms` since the epoch. */
export function timestamp(ms: number): string | null {
  return ms > 0 && ms <= MAX_DATE_MS ? new Date(ms).toISOString() : null;
}

/** The last moment that a Date can hold (ECMA-262 §21.4.1.1). */
const MAX_DATE_MS = 8.64e15;

/** Schema of `timestamp`. */
export const TIMESTAMP = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
