import { type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { quote } from '../core/desired/quote.ts';
import { secretKind } from '../core/desired/secret-names.ts';
import { nearest } from '../core/desired/suggest.ts';
import { type Complain, describeValue, type Path } from './problem.ts';

/** What the schema says of a key beside its type, read as text; '' where it says nothing. */
export function keyword(schema: TSchema, name: 'expected' | 'help' | 'unit' | 'shown'): string {
  const value: unknown = Object.entries(schema).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : '';
}

/** The schema of the values of a record. */
export function recordValue(schema: TSchema): TSchema | undefined {
  return Type.IsRecord(schema) ? Object.values(schema.patternProperties)[0] : undefined;
}

/** Complains of everything in a value that does not fit its schema, all at once. */
export function checkShape(schema: TSchema, value: unknown, path: Path, complain: Complain): void {
  if (fits(schema, value)) return;
  const inner = recordValue(schema);
  if (Type.IsObject(schema) && isMapping(value)) checkObject(schema.properties, value, path, complain);
  else if (Type.IsArray(schema) && Array.isArray(value) && value.some((item) => !fits(schema.items, item))) {
    for (const [index, item] of value.entries()) checkShape(schema.items, item, [...path, index], complain);
  } else if (inner !== undefined && isMapping(value) && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) checkShape(inner, item, [...path, key], complain);
  } else complain(path, { expected: keyword(schema, 'expected') || 'a mapping', found: describeAt(path, value) });
}

/** A value that may be a secret, by its key, is not told. */
function describeAt(path: Path, value: unknown): string {
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  const isPlain = typeof value === 'string' || typeof value === 'number';
  return isPlain && secretKind(key) !== 'none'
    ? 'something that is not shown, as it may be a secret'
    : describeValue(value);
}

/** Like `Check`, but says nothing to the compiler of a value that does not fit. */
function fits(schema: TSchema, value: unknown): boolean {
  return Check(schema, value);
}

function checkObject(
  properties: Readonly<Record<string, TSchema>>,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  complain: Complain,
): void {
  const known = Object.keys(properties);
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const suggestion = near === undefined ? {} : { suggestion: `did you mean ${quote(near)}?` };
    complain([...path, key], { expected: `one of the keys ${known.join(', ')}`, found: quote(key), ...suggestion });
  }
  for (const [key, schema] of Object.entries(properties)) {
    const item = Object.hasOwn(value, key) ? value[key] : undefined;
    if (item === undefined && Type.IsOptional(schema)) continue;
    checkShape(schema, item, [...path, key], complain);
  }
}

/** Whether the value is a mapping of the file. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
