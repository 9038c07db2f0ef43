import type { FastifySchemaValidationError } from 'fastify';
import { quote } from '../core/desired/quote.ts';
import { nearest } from '../core/desired/suggest.ts';
import { expectedBy } from './patterns.ts';
import { type Problem, problem } from './problems.ts';

/** Most names that are listed. */
const MAX_LISTED_NAMES = 20;

/** A complaint of the validator. With `verbose` it brings the schema that it is about. */
type Complaint = FastifySchemaValidationError & { readonly parentSchema?: unknown; readonly data?: unknown };

/**
 * What is wrong with a request, in words that name the field. `part`: the part of the request, as fastify calls it. Nothing
 * of the request is repeated but names of keys, escaped and cut.
 */
export function requestProblem(complaints: readonly Complaint[], part: string): Problem {
  const [first] = complaints;
  if (first === undefined) return problem('request-invalid', 'The request is not valid.');
  return problem('request-invalid', wordsFor(first, complaints, part));
}

function wordsFor(first: Complaint, all: readonly Complaint[], part: string): string {
  const field = fieldOf(first.instancePath);
  const { params } = first;
  if (first.keyword === 'additionalProperties') {
    const lead = field === '' ? 'There' : `${placeOf(field, part)}: there`;
    return `${lead} is no ${part === 'querystring' ? 'parameter ' : ''}${unknownKey(String(params['additionalProperty']), first)}`;
  }
  if (first.keyword === 'required') {
    const missing = String(params['missingProperty']);
    return `${placeOf(field === '' ? missing : `${field}.${missing}`, part)} is missing.`;
  }
  const { expected, hint = '' } = expectation(first, all, part);
  return `${placeOf(field, part)}: expected ${expected}.${hint}`;
}

function unknownKey(key: string, { parentSchema }: Complaint): string {
  const known = keysOf(parentSchema);
  if (known.length === 0) return `${quote(key)} here, and no other.`;
  const meant = nearest(key, known);
  if (meant !== undefined) return `${quote(key)} here. Did you mean ${quote(meant)}?`;
  return `${quote(key)} here. Known ${known.length === 1 ? 'is' : 'are'} ${listed(known)}.`;
}

type Expectation = { readonly expected: string; readonly hint?: string };

function expectation(complaint: Complaint, all: readonly Complaint[], part: string): Expectation {
  const { keyword, params, parentSchema } = complaint;
  if (keyword === 'const' || keyword === 'enum') return oneOf(complaint, all);
  // All parameters are texts: what is none came twice.
  if (keyword === 'type') return { expected: part === 'querystring' ? 'it once' : typeWords(params, parentSchema) };
  if (keyword === 'pattern') return { expected: expectedBy(String(params['pattern'])) ?? 'another form' };
  if (keyword === 'uniqueItems') return { expected: 'each one once' };
  const limit = Number(params['limit']);
  if (keyword === 'minLength') return { expected: `at least ${counted(limit, 'character')}` };
  if (keyword === 'maxLength') return { expected: `at most ${counted(limit, 'character')}` };
  if (keyword === 'minItems') return { expected: `at least ${limit} in the list` };
  if (keyword === 'maxItems') return { expected: `at most ${limit} in the list` };
  if (/^(exclusive)?(min|max)imum$/i.test(keyword)) return { expected: numberWords(parentSchema) };
  return { expected: `it to fit the schema (${keyword})` };
}

/** Each word of a choice has a complaint of its own. */
function oneOf({ instancePath, data }: Complaint, all: readonly Complaint[]): Expectation {
  const words = all
    .filter((each) => each.instancePath === instancePath)
    .flatMap(({ params }) => params['allowedValues'] ?? params['allowedValue'] ?? []);
  const known = words.map(String);
  const meant = typeof data === 'string' ? nearest(data, known) : undefined;
  const hint = meant === undefined ? {} : { hint: ` Did you mean ${quote(meant)}?` };
  return { expected: `one of ${listed(known)}`, ...hint };
}

const TYPE_WORDS: ReadonlyMap<string, string> = new Map([
  ['object', 'a JSON object'],
  ['array', 'a list'],
  ['string', 'text'],
  ['boolean', 'true or false'],
]);

function typeWords(params: Complaint['params'], schema: unknown): string {
  const type = String(params['type']);
  return TYPE_WORDS.get(type) ?? numberWords(schema);
}

/** A number with its bounds. */
function numberWords(schema: unknown): string {
  const kind = memberOf(schema, 'type') === 'integer' ? 'a whole number' : 'a number';
  const [min, max, above] = ['minimum', 'maximum', 'exclusiveMinimum'].map((key) => boundOf(schema, key));
  if (above !== undefined) return `${kind} above ${above}${max === undefined ? '' : `, at most ${max}`}`;
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  if (min !== undefined) return `${kind} of at least ${min}`;
  return max === undefined ? kind : `${kind} of at most ${max}`;
}

function boundOf(schema: unknown, key: string): number | undefined {
  const bound = memberOf(schema, key);
  return typeof bound === 'number' ? bound : undefined;
}

/** The field, and for those who wrote none of it where it is. */
function placeOf(field: string, part: string): string {
  if (part === 'headers') return `The header ${field}`;
  return field === '' ? 'The body' : field;
}

/** `/ramp/steps/1` (RFC 6901) as people write it. All of it are names of our own. */
function fieldOf(pointer: string): string {
  const steps = pointer.split('/').slice(1);
  return steps.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}

function keysOf(schema: unknown): readonly string[] {
  const properties = memberOf(schema, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED_NAMES);
  return shown.length < names.length ? `${shown.join(', ')} and others` : shown.join(', ');
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
