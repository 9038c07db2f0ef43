import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { withoutPasswords } from '../../../src/core/desired/secret-urls.ts';
import { REDACTED, withoutSecrets } from '../../../src/core/desired/secrets.ts';

const LENGTH = 4_000;
/** So often a character may be looked at for the `@` of a password: once forwards, twice backwards. */
const MOST_LOOKS = 3;
/** More calls of patterns than one secret takes, whatever its length. */
const MOST_CALLS = 60;

/** What `withoutPasswords` finds, as one pattern: right, but it looks for the `@` behind each `//` anew. */
const AS_ONE_PATTERN = /(?<=\/\/)(?!\[)[^\s/?#:@]{0,255}:(?!\d{0,5}(?:[\s/?#"']|$))[^\s"'<>]{0,1000}(?=@)/g;
/** A class of characters that is repeated often, in the source of a pattern. */
const LONG_REPETITION = /(?<!\\)(\[(?:\\.|[^\]\\])+\])(?:\{\d*,\d{3,}\}|\{\d+,\}|[*+])/g;

function filled(text: string): string {
  return text.repeat(Math.ceil(LENGTH / text.length)).slice(0, LENGTH);
}

const HOSTILE = {
  'no @ at all': filled('//:a'),
  'an @ before': `@${filled('//:a')}`,
  'an @ that is too far behind': `${filled('//:a')} @`,
  'an @ in the midst': `${filled('//:a')}@${filled('//:a')}`,
  'one @ in a thousand': filled(`${'//:a'.repeat(255)}@`),
  'many of them': filled('//:a@'),
  'an @ at each end': filled('//:a @'),
  'slashes alone': filled('/'),
  'users without an end': filled(`//${'a'.repeat(300)}`),
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('hostile text takes no more work than other text', () => {
  it('a run of backslashes in brackets is looked at once', () => {
    const called = vi.spyOn(RegExp.prototype, 'exec');
    expect(withoutSecrets(`token=[${'\\'.repeat(LENGTH)}`)).toBe(`token=${REDACTED}`);
    expect(called.mock.calls.length).toBeGreaterThan(0);
    expect(called.mock.calls.length).toBeLessThan(MOST_CALLS);
  });

  it('and what is behind it is read as ever', () => {
    const slashes = '\\'.repeat(5);
    expect(withoutSecrets(`token=[a${slashes}] b`)).toBe(`token=${REDACTED} b`);
    expect(withoutSecrets(`token=[${slashes}a, ${slashes}"]${slashes}"] b`)).toBe(`token=${REDACTED} b`);
  });

  it('no pattern that begins behind a // goes over the next one', () => {
    const called = vi.spyOn(RegExp.prototype, 'exec');
    withoutSecrets('https://a.example/');
    const sources = new Set(called.mock.contexts.map((pattern) => (pattern instanceof RegExp ? pattern.source : '')));
    vi.restoreAllMocks();
    const ofUrls = [...sources].filter((source) => source.startsWith(String.raw`(?<=\/\/)`));
    const classes = ofUrls.flatMap((source) => [...source.matchAll(LONG_REPETITION)].map(([, inner = '']) => inner));
    expect(classes.length).toBeGreaterThanOrEqual(2);
    expect(classes.filter((inner) => new RegExp(inner).test('/'))).toEqual([]);
  });

  it.each(Object.entries(HOSTILE))('passwords of URLs: %s', (_name, text) => {
    const { looks, again } = workOf(text);
    expect(looks).toBeLessThanOrEqual(MOST_LOOKS * text.length);
    expect(again).toEqual([]);
  });
});

describe('passwords of URLs', () => {
  it('are those that one pattern finds', () => {
    const unit = fc.constantFrom(
      '//',
      '/',
      ':',
      '@',
      'a',
      '12',
      '"',
      ' ',
      '[',
      '?',
      '//a:b',
      '@h',
      'é',
      'b'.repeat(600),
    );
    const withPassword = fc.array(unit, { maxLength: 14 }).map((all) => all.join(''));
    fc.assert(
      fc.property(withPassword, (text) => {
        expect(withoutPasswords(text, REDACTED)).toBe(text.replace(AS_ONE_PATTERN, REDACTED));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(Object.entries(HOSTILE))('also of: %s', (_name, text) => {
    expect(withoutPasswords(text, REDACTED)).toBe(text.replace(AS_ONE_PATTERN, REDACTED));
  });
});

type Work = {
  /** Characters that were gone over to find an `@`. */
  readonly looks: number;
  /** What patterns found twice, or found no more of twice, by pattern and place. */
  readonly again: readonly string[];
};

/** What it takes to find the passwords in a text. */
function workOf(text: string): Work {
  const exec = vi.spyOn(RegExp.prototype, 'exec');
  const indexOf = vi.spyOn(String.prototype, 'indexOf');
  const lastIndexOf = vi.spyOn(String.prototype, 'lastIndexOf');
  withoutPasswords(text, REDACTED);
  const executed = exec.mock.results.map(({ value }, call) => `${String(exec.mock.contexts[call])} ${indexIn(value)}`);
  const forwards = indexOf.mock.calls.map(([, from = 0], call) => {
    const found = Number(indexOf.mock.results[call]?.value);
    return (found < 0 ? text.length : found) - from;
  });
  const backwards = lastIndexOf.mock.calls.map(([, from = text.length], call) => {
    return from - Number(lastIndexOf.mock.results[call]?.value);
  });
  vi.restoreAllMocks();
  return {
    looks: [...forwards, ...backwards].reduce((sum, each) => sum + each, 0),
    again: executed.filter((each, call) => executed.indexOf(each) !== call),
  };
}

function indexIn(found: RegExpExecArray | null): number {
  return found?.index ?? -1;
}
