import type { GaugeFailure, GaugeReading } from '../core/health/external-gauge.ts';

/** Most characters of what a server says that are passed on. */
const MAX_DETAIL = 200;

/** What came of a question. */
type Outcome = GaugeReading['outcome'];

/** A question without a number. */
export function failed(failure: GaugeFailure, detail: string): Outcome {
  return { kind: 'failure', failure, detail: detail.slice(0, MAX_DETAIL) };
}

/** The number of an answer of the query API of Prometheus: a scalar, or the one sample of a vector. Never throws. */
export function readAnswer(status: number, text: string): Outcome {
  const answer = parsed(text);
  // A bad expression comes with 400 or 422, and with JSON that says what is wrong.
  if (stringOf(answer, 'status') === 'error') {
    return failed('refused', `${stringOf(answer, 'errorType')}: ${stringOf(answer, 'error')}`);
  }
  if (status !== 200) return failed('status', `status ${status}`);
  const data = field(answer, 'data');
  const result = field(data, 'result');
  const type = stringOf(data, 'resultType');
  if (stringOf(answer, 'status') !== 'success' || !Array.isArray(result)) {
    return failed('malformed', 'not an answer of the query API');
  }
  if (type === 'scalar') return numberOf(result);
  if (type !== 'vector') return failed('not-one', `a ${type} is no single number`);
  if (result.length !== 1) return failed('not-one', `a vector of ${result.length}: one value is needed`);
  return numberOf(field(result[0], 'value'));
}

/** The value of a sample, `[time, "value"]`. */
function numberOf(sample: unknown): Outcome {
  const text: unknown = Array.isArray(sample) ? sample[1] : undefined;
  if (typeof text !== 'string') return failed('malformed', 'a sample without a value');
  const value = INFINITE.get(text) ?? Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return failed('not-a-number', text);
  return { kind: 'value', value };
}

const INFINITE: ReadonlyMap<string, number> = new Map([
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function stringOf(value: unknown, key: string): string {
  const text = field(value, key);
  return typeof text === 'string' ? text : '';
}
