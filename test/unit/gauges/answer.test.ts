import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/gauges/answer.ts';

function success(resultType: string, result: unknown): string {
  return JSON.stringify({ status: 'success', data: { resultType, result } });
}
const sample = (value: unknown) => ({ metric: { job: 'a' }, value: [1_700_000_000.1, value] });

describe('an answer of the query API', () => {
  it.each([
    ['a scalar', success('scalar', [1, '0.5']), 0.5],
    ['a vector of one', success('vector', [sample('17')]), 17],
    ['an exponent', success('vector', [sample('1.5e-07')]), 1.5e-7],
    ['infinity', success('vector', [sample('+Inf')]), Number.POSITIVE_INFINITY],
    ['below all', success('scalar', [1, '-Inf']), Number.NEGATIVE_INFINITY],
  ])('%s', (_, text, value) => {
    expect(readAnswer(200, text)).toEqual({ kind: 'value', value });
  });

  it.each([
    ['an empty vector', 200, success('vector', []), 'not-one'],
    ['a vector of two', 200, success('vector', [sample('1'), sample('2')]), 'not-one'],
    ['a matrix', 200, success('matrix', [{ values: [[1, '1']] }]), 'not-one'],
    ['a text', 200, success('string', [1, 'up']), 'not-one'],
    ['no number', 200, success('vector', [sample('NaN')]), 'not-a-number'],
    ['an empty value', 200, success('vector', [sample('')]), 'not-a-number'],
    ['a number that is none', 200, success('vector', [sample(1)]), 'malformed'],
    ['a sample without a value', 200, success('vector', [{}]), 'malformed'],
    ['a histogram', 200, success('vector', [{ histogram: [1, {}] }]), 'malformed'],
    ['no data', 200, '{"status":"success"}', 'malformed'],
    ['no JSON', 200, '<html>', 'malformed'],
    ['nothing', 200, '', 'malformed'],
    ['an error', 400, '{"status":"error","errorType":"bad_data","error":"parse error"}', 'refused'],
    ['an error of a proxy', 502, '<html>', 'status'],
    ['a success with another status', 503, success('scalar', [1, '1']), 'status'],
  ])('%s is a failure', (_, status, text, failure) => {
    expect(readAnswer(status, text)).toMatchObject({ kind: 'failure', failure });
  });

  it('never throws, whatever comes, and says little of it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((data) => JSON.stringify({ status: 'success', data })),
        ),
        (text) => {
          const outcome = readAnswer(200, text);
          if (outcome.kind === 'failure') expect(outcome.detail.length).toBeLessThanOrEqual(200);
        },
      ),
    );
    const error = 'x'.repeat(100_000);
    expect(readAnswer(400, JSON.stringify({ status: 'error', error }))).toMatchObject({ failure: 'refused' });
  });
});
