import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectationText, probeExpectation } from '../../../../src/core/desired/annotations/probe-expectation.ts';
import { probeTarget } from '../../../../src/core/desired/annotations/probe-values.ts';
import type { Model, Monitor } from '../../../../src/core/desired/model.ts';
import { codes, endpointOf, gateway, modelOf, route } from './pictures.ts';

describe('a probe target', () => {
  test.each([
    ['h2://:443', 'h2', 443, '/'],
    ['h2://:8443/healthz?full=1', 'h2', 8443, '/healthz?full=1'],
    ['tls://:993', 'tls', 993, ''],
    ['grpcs://:443', 'grpcs', 443, ''],
    ['grpcs://:443/shop.v1.Shop', 'grpcs', 443, 'shop.v1.Shop'],
    ['dns://:53', 'dns', 53, '?type=A'],
    ['dns://:53/', 'dns', 53, '?type=A'],
    ['dns://:53/?type=aaaa', 'dns', 53, '?type=AAAA'],
    ['dns://:53/WWW.Example.', 'dns', 53, 'www.example?type=A'],
    ['dns://:53/_sip._tcp.example?type=SRV', 'dns', 53, '_sip._tcp.example?type=SRV'],
    ['dns://:53/.?type=NS', 'dns', 53, '.?type=NS'],
  ])('%s is read', (text, protocol, port, path) => {
    expect(probeTarget(text)).toEqual({ kind: 'target', protocol, port, path });
  });

  test.each([
    'h2://host:443/',
    'h2c://:80/',
    'tls://:443/',
    'tls://:443/path',
    'grpcs://internal:443',
    'dns://:53/a..b',
    'dns://:53/www.example?type=ANY',
    'dns://:53/www.example?type=AXFR',
    'dns://:53/www.example?class=CH',
    'dns://:53/www\\.example',
    `dns://:53/${'a'.repeat(64)}.example`,
    'dns://192.0.2.1:53/www.example',
  ])('%s is not', (text) => {
    expect(probeTarget(text)).toBeUndefined();
  });
});

describe('an expectation', () => {
  test.each([
    ['header:X-Ready', { kind: 'header', name: 'x-ready' }],
    ['header:X-Ready=Yes, it = is', { kind: 'header', name: 'x-ready', text: 'Yes, it = is' }],
    ['header:x-ready= yes ', { kind: 'header', name: 'x-ready', text: 'yes' }],
    ['rcode:nxdomain, NOERROR,NXDOMAIN', { kind: 'rcode', codes: ['NOERROR', 'NXDOMAIN'] }],
    ['answer: 192.0.2.1', { kind: 'answer', text: '192.0.2.1' }],
    ['200-299,250,300-399', { kind: 'status', ranges: [[200, 399]] }],
  ])('%s is read', (text, value) => {
    expect(probeExpectation(text)).toEqual(value);
  });

  test.each([
    'header:',
    'header:=x',
    'header:a b',
    'header:a=',
    'header:x\r\ny',
    'header:a=b\u0007',
    `header:${'a'.repeat(65)}`,
    `header:a=${'b'.repeat(257)}`,
    'rcode:',
    'rcode:NXDOMAIN,',
    'rcode:3',
    'answer:',
    'answer: ',
    'trailer:x',
  ])('%s is not', (text) => {
    expect(probeExpectation(text)).toBeUndefined();
  });

  test('is equal to another where its text is, however the two were written', () => {
    const word = fc.constantFrom('200', '201-299', '200-299', '300', '401', ' 401', '300-399');
    const written = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(',')),
      fc.constantFrom('header:A', 'header:a', 'header:a=1', 'header:A= 1', 'rcode:REFUSED', 'rcode:refused', 'body:1'),
    );
    fc.assert(
      fc.property(written, written, (a, b) => {
        const [one, other] = [probeExpectation(a), probeExpectation(b)];
        if (one === undefined || other === undefined) throw new Error('all of them are valid');
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(expectationText(one) === expectationText(other)).toBe(same);
        expect(same).toBe(meaning(a) === meaning(b));
      }),
    );
  });
});

/** What a text accepts, by trying every status; other kinds by their text without case and space. */
function meaning(text: string): string {
  if (text.includes(':')) return text.toLowerCase().replaceAll(' ', '');
  const ranges = text.split(',').map((word) => word.trim().split('-').map(Number));
  const all = Array.from({ length: 500 }, (_, index) => index + 100);
  return all.filter((code) => ranges.some(([from = 0, to = from]) => code >= from && code <= to)).join();
}

describe('a monitor', () => {
  const NAMES = ['shop.gslb.example', 'api.gslb.example'];
  const watched = (annotations: Readonly<Record<string, string>>): Model =>
    modelOf(gateway('edge', { annotations }), route('shop', NAMES));
  const monitors = (annotations: Readonly<Record<string, string>>): readonly Monitor[] => watched(annotations).monitors;

  test.each([
    ['dns://:53/www.example', 1],
    ['dns://:53', 2],
    ['tls://:443', 2],
    ['h2://:443', 2],
    ['grpcs://:443', 2],
    ['tcp://:443', 1],
  ])('of %s is one for each hostname only where the hostname is sent', (probe, count) => {
    const found = monitors({ probe });
    expect(found).toHaveLength(count);
    expect(found.map(({ host }) => host)).toEqual(count === 1 ? [''] : [...NAMES].toSorted());
  });

  test.each([
    ['https://:443/', 'header:X-A=1', 'header:x-a= 1'],
    ['h2://:443/', '200,201', '200-201'],
    ['dns://:53/a.example', 'rcode:NXDOMAIN,REFUSED', 'rcode:refused,nxdomain'],
    ['tls://:443', 'body:one', 'body:two'],
  ])('of %s is the same for %s and %s', (probe, one, other) => {
    expect(monitors({ probe, 'probe-expect': one })).toEqual(monitors({ probe, 'probe-expect': other }));
  });

  test.each([
    ['dns://:53', 'answer:192.0.2.1', 'answer:192.0.2.2'],
    ['https://:443', 'header:a', 'header:a=1'],
    ['https://:443', 'header:a=1', 'body:a=1'],
  ])('of %s is another for %s than for %s', (probe, one, other) => {
    const [first] = monitors({ probe, 'probe-expect': one });
    const [second] = monitors({ probe, 'probe-expect': other });
    expect(first?.id).not.toBe(second?.id);
  });

  test('says what it cannot see, once for each object, and goes on with the default', () => {
    for (const [probe, expected] of [
      ['https://:443', 'rcode:NXDOMAIN'],
      ['dns://:53', '200-299'],
      ['tcp://:443', 'body:ok'],
      ['grpcs://:443', 'header:x'],
    ] as const) {
      const model = watched({ probe, 'probe-expect': expected });
      expect(codes(model)).toEqual(['policy-without-effect']);
      expect(model.findings[0]?.message).toContain('is not seen by a probe over');
      expect(endpointOf(model).monitor).toBe(endpointOf(watched({ probe })).monitor);
    }
  });
});
