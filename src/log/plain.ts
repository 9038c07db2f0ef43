import { isSecretField } from '../core/desired/secret-names.ts';
import { REDACTED, withoutSecrets } from '../core/desired/secrets.ts';

/** Longest text in a line of the log, in characters; the rest is cut off. */
const MAX_TEXT = 4_000;
/** How much of a text is looked through for secrets, in characters; the rest is cut off before. */
const MAX_SOUGHT_TEXT = 8_000;
/** Most entries of a list or an object in a line of the log; the rest is left out. */
const MAX_ENTRIES = 50;
/** How deep lists and objects of a line of the log may be in each other; what is below is left out. */
const MAX_DEPTH = 5;

/** What does harm on a terminal, or breaks a line; new lines are kept, for stacks. */
const CONTROLS = /[^\P{Cc}\n\t]|\p{Zl}|\p{Zp}|\p{Bidi_Control}/gu;

/** A text that can be written: bounded, without secrets and without control characters. */
export function plainText(text: string): string {
  const sought = withoutSecrets(text.slice(0, MAX_SOUGHT_TEXT)).replace(CONTROLS, '\u{fffd}');
  return sought.length <= MAX_TEXT && text.length <= MAX_SOUGHT_TEXT ? sought : `${sought.slice(0, MAX_TEXT)}…`;
}

/** A copy of any value that JSON can say: bounded, without secrets. Throws only where reading the value does. */
export function plainValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return plainText(value);
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return value.toString().slice(0, MAX_TEXT);
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (value instanceof Error) return plainError(value, depth);
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((each: unknown) => plainValue(each, depth + 1));
  const entries = Object.entries(value).slice(0, MAX_ENTRIES);
  return Object.fromEntries(
    entries.map(([key, each]) => [plainText(key), isSecretField(key, each) ? REDACTED : plainValue(each, depth + 1)]),
  );
}

function plainError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: plainValue(error.code, depth + 1) } : {};
  const by = cause === undefined || depth >= MAX_DEPTH ? {} : { cause: plainValue(cause, depth + 1) };
  return { type: plainText(name), message: plainText(message), ...code, stack: plainText(stack ?? ''), ...by };
}
