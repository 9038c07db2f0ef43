import { Type } from 'typebox';
import { Check } from 'typebox/value';

/** The kind in the journal of what it knows of the audit. */
export const AUDIT_KIND = 'audit';
/** The key of the mark; all others are those of orders whose entry is in front of it. */
export const MARK_KEY = 'end';

/** The newest line of the audit that the journal knows of, and the number of its file. */
export type AuditMark = { readonly seq: number; readonly hash: string; readonly file: number };

const MARK = Type.Object({
  seq: Type.Integer({ minimum: 1 }),
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  file: Type.Integer({ minimum: 1 }),
});

/** The mark in the values of the journal (`AUDIT_KIND`); undefined where there is none. Never throws. */
export function markIn(values: ReadonlyMap<string, string>): AuditMark | undefined {
  const text = values.get(MARK_KEY);
  if (text === undefined) return undefined;
  try {
    const mark: unknown = JSON.parse(text);
    return Check(MARK, mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}
