import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finding } from '../../../src/core/desired/finding.ts';
import type { ObjectVerdict } from '../../../src/core/desired/object-verdicts.ts';
import { MAX_STATUS_LENGTH } from '../../../src/feedback/limits.ts';
import { speaksOf, statusText } from '../../../src/feedback/status-text.ts';

const label = fc.stringMatching(/^[a-z0-9]{1,63}$/);
const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => [...labels, 'gslb.example'].join('.'));
const found = [
  finding('policy-conflict', { file: 'cluster east' }, 'one'),
  finding('policy-conflict', { file: 'cluster east' }, 'two'),
  finding('annotation-invalid', { file: 'cluster east' }, 'three'),
];
const verdict = fc.record({
  kind: fc.constant('HTTPRoute'),
  namespace: label,
  name: label,
  state: fc.constantFrom<ObjectVerdict['state']>('accepted', 'conflicted', 'invalid', 'unserved'),
  hostnames: fc.array(name, { maxLength: 40 }),
  findings: fc.subarray(found),
});

describe('the text of a status', () => {
  test('is short JSON that tells the state, the number of hostnames, and each code once', () => {
    fc.assert(
      fc.property(verdict, (one) => {
        const text = statusText(one);
        expect(text.length).toBeLessThanOrEqual(MAX_STATUS_LENGTH);
        expect(text).not.toContain('\n');
        const said: { state: string; hostnames: string[]; more?: number; findings?: string[] } = JSON.parse(text);
        expect(said.state).toBe(one.state);
        expect(said.hostnames).toEqual(one.hostnames.slice(0, said.hostnames.length));
        expect(said.hostnames.length + (said.more ?? 0)).toBe(one.hostnames.length);
        expect(new Set(said.findings)).toEqual(new Set(one.findings.map(({ code }) => code)));
        expect(said.findings ?? []).toHaveLength(new Set(one.findings.map(({ code }) => code)).size);
      }),
    );
  });

  test('is the same whoever writes it and whatever the words of the findings are', () => {
    fc.assert(
      fc.property(verdict, (one) => {
        const findings = one.findings.toReversed().map((each) => ({ ...each, message: `${each.message}, 3 min ago` }));
        expect(statusText({ ...one, findings })).toBe(statusText(one));
      }),
    );
  });

  test('speaks of our zones where all that it names is in them, and never where it is not ours', () => {
    fc.assert(
      fc.property(verdict, (one) => {
        const text = statusText(one);
        expect(speaksOf(text, ['gslb.example'])).toBe(one.hostnames.length > 0);
        expect(speaksOf(text, ['example.net', 'slb.example'])).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(speaksOf(text, ['gslb.example'])).toBe(false);
      }),
    );
    expect(speaksOf('{"hostnames":["a.gslb.example",7]}', ['gslb.example'])).toBe(false);
  });
});
