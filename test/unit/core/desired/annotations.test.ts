import { describe, expect, test } from 'vitest';
import type { SettingKey } from '../../../../src/core/desired/annotations/setting.ts';
import { ANNOTATIONS } from '../../../../src/core/desired/annotations/table.ts';
import { codes, endpointOf, gateway, hostnameOf, modelOf, namespace, PREFIX, route } from './pictures.ts';

const HOUR = 3_600_000;

function area(continents: readonly string[], countries: readonly string[]): unknown {
  return { continents, countries };
}

function target(protocol: string, port: number, path: string): unknown {
  return { kind: 'target', protocol, port, path };
}

const VALID: readonly (readonly [SettingKey, string, unknown])[] = [
  ['steering', 'nearest', 'nearest'],
  ['steering', 'multivalue', 'multivalue'],
  ['steering', 'degraded, tier, nearest', { steering: 'nearest', preferred: ['degraded', 'tier'] }],
  ['weight', '0', 0],
  ['weight', '65535', 65_535],
  ['tier', '15', 15],
  ['failover', 'eu-west, us-east, *', ['eu-west', 'us-east', '*']],
  ['failover', 'a,b,a', ['a', 'b']],
  ['failback', 'manual', 'manual'],
  ['failback', '10m', 600_000],
  ['failover-delay', '0s', 0],
  ['failover-delay', '1h', HOUR],
  ['slow-start', '10m', 600_000],
  ['flap-damping', 'none', 'none'],
  ['flap-damping', '24h', 24 * HOUR],
  ['degraded-latency', 'none', 'none'],
  ['degraded-latency', '800ms', 800],
  ['degraded-certificate-days', '14', 14],
  ['probe-forgive', '100', 100],
  ['probe-retry', 'none', 'none'],
  ['probe-retry', '1s', 1000],
  ['residency', 'continent:EU, CH', area(['EU'], ['CH'])],
  ['serves', 'JP', area([], ['JP'])],
  ['bias', '-20000', -20_000],
  ['bias', '+20000km', 20_000],
  ['bias', '500 km', 500],
  ['bias', '-0', 0],
  ['capacity', 'none', 'none'],
  ['capacity', '1500', 1500],
  ['sticky', 'subnet', 'subnet'],
  ['map', 'corp', 'corp'],
  ['map', 'none', 'none'],
  ['nearest-band', '0', 0],
  ['nearest-band', '150km', 150],
  ['nearest-band', '20000 km', 20_000],
  ['answers', '1', 1],
  ['answers', '8', 8],
  ['ttl', '0', 0],
  ['ttl', '86400', 86_400],
  ['stable-ttl', 'none', 'none'],
  ['stable-ttl', '0', 0],
  ['stable-ttl', '86400', 86_400],
  ['min-healthy', '2', { kind: 'count', value: 2 }],
  ['min-healthy', '1', { kind: 'count', value: 1 }],
  ['min-healthy', '1.0', { kind: 'fraction', value: 1 }],
  ['min-healthy', '0.5', { kind: 'fraction', value: 0.5 }],
  ['min-healthy', '50%', { kind: 'fraction', value: 0.5 }],
  ['min-healthy', '100%', { kind: 'fraction', value: 1 }],
  ['last-resort', 'last', { kind: 'last' }],
  ['last-resort', '2001:DB8::1, 192.0.2.9', { kind: 'addresses', addresses: ['2001:db8::1', '192.0.2.9'] }],
  ['drain', 'true', { kind: 'on' }],
  ['drain', 'false', { kind: 'none' }],
  ['drain', '2027-01-31T18:00:00Z', { kind: 'until', at: Date.UTC(2027, 0, 31, 18) }],
  ['drain', '2027-01-31T18:00:00.25+02:00', { kind: 'until', at: Date.UTC(2027, 0, 31, 16) }],
  ['drain', 'from 2027-01-31T18:00:00Z', { kind: 'planned', from: Date.UTC(2027, 0, 31, 18) }],
  [
    'drain',
    'from 2027-01-31T18:00:00Z until 2027-01-31T20:00:00Z',
    { kind: 'planned', from: Date.UTC(2027, 0, 31, 18), until: Date.UTC(2027, 0, 31, 20) },
  ],
  ['drain', '2028-02-29t00:00:00-01:30', { kind: 'until', at: Date.UTC(2028, 1, 29, 1, 30) }],
  ['probe', 'https://:443/healthz?full=1', target('https', 443, '/healthz?full=1')],
  ['probe', 'http://:8080', target('http', 8080, '/')],
  ['probe', 'tcp://:65535', target('tcp', 65_535, '')],
  ['probe', 'grpc://:443/shop.v1.Shop', target('grpc', 443, 'shop.v1.Shop')],
  ['probe', 'grpc://:443', target('grpc', 443, '')],
  ['probe', 'none', { kind: 'none' }],
  ['probe-interval', '100ms', 100],
  ['probe-interval', '1m', 60_000],
  ['conditions', 'require', 'require'],
  ['probe-interval', '1h', HOUR],
  ['probe-interval', '1.5s', 1500],
  ['probe-timeout', '50ms', 50],
  ['probe-rise', '1', 1],
  ['probe-fall', '100', 100],
  [
    'probe-expect',
    '401, 200-299',
    {
      kind: 'status',
      ranges: [
        [200, 299],
        [401, 401],
      ],
    },
  ],
  ['probe-expect', 'body:all is well', { kind: 'body', text: 'all is well' }],
  ['probe-paths', '/pay, /cart?full=1,/pay', ['/cart?full=1', '/pay']],
  ['probe-paths-need', 'all', 'all'],
  ['probe-paths-need', '2', 2],
  ['monitors', 'none', []],
  ['monitors', 'checkout, batch,checkout', ['batch', 'checkout']],
];

const INVALID: Readonly<Record<SettingKey, readonly string[]>> = {
  steering: ['', 'Nearest', 'nearset', 'toString'],
  weight: ['-1', '65536', '1.5', '1e3', '0x10', 'many', '', '１'],
  tier: ['16', '-1'],
  failover: ['', 'a,,b', ','],
  failback: ['never', '-1s', '169h'],
  'failover-delay': ['61m', '30', 'none', ''],
  'slow-start': ['25h', '-1s', 'none'],
  'flap-damping': ['0s', '99ms', '25h', 'auto'],
  'degraded-latency': ['0ms', '2h', '800'],
  'degraded-certificate-days': ['-1', '3651', '14d', 'none'],
  'probe-forgive': ['0', '101', '1.5'],
  'probe-retry': ['0s', '99ms', '61m', 'never'],
  residency: ['EU', 'continent:XX', 'Germany', ''],
  serves: ['XX'],
  bias: ['20001', '-20001', '5 miles', '1.5', '--1', 'km', ''],
  sticky: ['client', 'true'],
  map: ['', 'Corp', 'a b', 'x'.repeat(64), '-a'],
  'nearest-band': ['-1', '20001', '1.5', '10%', ''],
  answers: ['0', '9'],
  ttl: ['86401', '-1', '30s', '1m'],
  'stable-ttl': ['86401', '-1', '1h', 'off', ''],
  'min-healthy': ['1.5', '101%', '-1', '65536', 'half', '.5'],
  'last-resort': ['some', '192.0.2.1,', '192.0.2.1 192.0.2.2', 'shop.example'],
  drain: [
    'yes',
    'True',
    'from now',
    'from 2027-01-31T18:00:00Z until',
    'from 2027-01-31T18:00:00Z until 2027-01-31T18:00:00Z',
    'until 2027-01-31T18:00:00Z',
    '2027-02-30T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-01',
    '2027-01-01T00:00:00',
    '2027-01-01T24:00:00Z',
    '2027-01-01T00:00:00+24:00',
    'tomorrow',
  ],
  address: ['', '192.0.2.256', '192.0.2.1;192.0.2.2', 'shop.example', '::1%lo', '192.0.2.1/32'],
  conditions: ['', 'on', 'Require', 'required'],
  probe: [
    'https://internal:443/',
    'https://169.254.169.254/',
    'https://user@:443/',
    'https:///healthz',
    'https://:0/',
    'https://:65536/',
    'http://:80/a b',
    'http://:80/\r\nX: y',
    'http://:80/#top',
    'http://:80?x',
    'tcp://:443/',
    'udp://:53',
    'ftp://:21',
    ':443',
    '',
    `http://:80/${'x'.repeat(600)}`,
  ],
  'probe-interval': ['99ms', '3600001ms', '10', '10 s', 's', '-1s', '1m30s', ''],
  'probe-timeout': ['49ms', '2h'],
  'probe-rise': ['0', '101'],
  'probe-fall': ['0', '101', '2.5'],
  'probe-paths': [
    '',
    'cart',
    '/a,',
    '/a b',
    '/a\r\nX: y',
    '/#top',
    `/${'x'.repeat(512)}`,
    '/1,/2,/3,/4,/5,/6,/7,/8,/9',
  ],
  'probe-paths-need': ['0', '9', 'some', ''],
  monitors: ['', 'A', 'a_b', '-a', 'a,', 'a,none b', 'x'.repeat(64), 'a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q'],
  // Of a whole cluster: on a Gateway it is misplaced, whatever it says.
  capacity: ['0', '-1', '1000000001', 'much'],
  'probe-expect': ['', '600', '99', '299-200', '200-', '2xx', 'body:', 'body:a\u001bb', `body:${'x'.repeat(257)}`],
};

describe('the values of annotations', () => {
  test.each(VALID)('%s: %s', (key, text, value) => {
    expect(ANNOTATIONS[key].parse(text)).toEqual(value);
  });

  test.each(
    Object.entries(INVALID).flatMap(([key, texts]) => (key === 'capacity' ? [] : texts.map((text) => [key, text]))),
  )('%s: %j is refused, reported with what is accepted, and takes no answer away', (key, text) => {
    const model = modelOf(gateway('edge', { annotations: { [key]: text } }), route('shop', ['shop.gslb.example']));
    const [found] = model.findings;
    expect(codes(model)).toEqual(['annotation-invalid']);
    expect(found?.message).toContain(`${PREFIX}${key}`);
    expect(found?.suggestion).toMatch(/^(expected|did you mean) ./);
    expect(found?.origin).toMatchObject({ file: 'eu.yaml', line: 1, object: 'Gateway web/edge' });
    expect(endpointOf(model).address).toBe('192.0.2.1');
  });

  test('every key has valid and refused values above, and a default that its own parser takes', () => {
    const tested = new Set([...VALID.map(([key]) => key), 'address']);
    expect([...tested].toSorted()).toEqual(Object.keys(ANNOTATIONS).toSorted());
    for (const row of Object.values(ANNOTATIONS)) {
      if (row.default !== '') expect(row.parse(row.default)).toBeDefined();
    }
  });
});

describe('annotations of an object', () => {
  const shop = route('shop', ['shop.gslb.example']);

  test('defaults hold where nothing is set', () => {
    const model = modelOf(gateway('edge'), shop);
    expect(model.findings).toEqual([]);
    expect(hostnameOf(model).policy).toEqual({
      steering: 'nearest',
      sticky: 'none',
      nearestBand: 0,
      residency: { continents: [], countries: [] },
      answers: 1,
      ttl: 30,
      minHealthy: { kind: 'count', value: 0 },
      lastResort: { kind: 'all' },
    });
    expect(endpointOf(model)).toMatchObject({ weight: 100, tier: 0, bias: 0, drain: { kind: 'none' } });
  });

  test('an unknown key is reported with the nearest known one', () => {
    const model = modelOf(gateway('edge', { annotations: { wieght: '5', constructor: '1' } }), shop);
    expect(codes(model)).toEqual(['annotation-unknown', 'annotation-unknown']);
    expect(model.findings.map((finding) => finding.suggestion)).toContain('did you mean azimuth.dev/weight?');
  });

  test('only keys under the prefix are ours', () => {
    const edge = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'a', annotations: { 'other.dev/weight': 'x' } },
    };
    expect(modelOf(edge, gateway('edge'), shop).findings).toEqual([]);
  });

  test('a key where it has no effect is reported', () => {
    const model = modelOf(
      gateway('edge'),
      route('shop', ['shop.gslb.example'], { annotations: { address: '192.0.2.7' } }),
      namespace('web', {}, { [`${PREFIX}steering`]: 'weighted' }),
    );
    expect(codes(model)).toEqual(['annotation-misplaced', 'annotation-misplaced']);
    expect(model.findings.map((finding) => finding.origin.object)).toEqual(['HTTPRoute web/shop', 'Namespace web']);
    expect(endpointOf(model).address).toBe('192.0.2.1');
    expect(hostnameOf(model).policy.steering).toBe('nearest');
  });

  test('a value that is no string is reported, as Kubernetes would refuse it', () => {
    const model = modelOf(gateway('edge', { annotations: { weight: 80 } }), shop);
    expect(model.findings).toMatchObject([{ code: 'annotation-invalid', suggestion: 'put the value in quotes' }]);
    expect(endpointOf(model).weight).toBe(100);
  });

  test.each(INVALID.capacity)('a capacity of %j is none', (text) => {
    expect(ANNOTATIONS.capacity.parse(text)).toBeUndefined();
  });

  test("a capacity is a whole cluster's: on a Gateway it has no effect, and that is said", () => {
    const model = modelOf(gateway('edge', { annotations: { capacity: '50' } }), shop);
    expect(model.findings).toMatchObject([
      { code: 'annotation-misplaced', suggestion: "set it on the cluster's entry in the configuration" },
    ]);
  });

  test('sticky holds for the hostname, and beside nearest it is said to do next to nothing', () => {
    const settings = { steering: 'weighted', sticky: 'subnet' };
    const kept = modelOf(gateway('edge', { annotations: settings }), shop);
    expect([hostnameOf(kept).policy.sticky, kept.findings]).toEqual(['subnet', []]);
    const near = modelOf(gateway('edge', { annotations: { sticky: 'subnet' } }), shop);
    expect(hostnameOf(near).policy.sticky).toBe('subnet');
    expect(near.findings).toMatchObject([
      { code: 'policy-without-effect', suggestion: 'set steering to weighted, failover or multivalue' },
    ]);
  });

  test('nearest-band gives sticky something to do, and has nothing to do itself without nearest', () => {
    const banded = modelOf(gateway('edge', { annotations: { 'nearest-band': '300km', sticky: 'subnet' } }), shop);
    expect([hostnameOf(banded).policy.nearestBand, banded.findings]).toEqual([300, []]);
    const flat = modelOf(gateway('edge', { annotations: { 'nearest-band': '300', steering: 'weighted' } }), shop);
    expect(flat.findings).toMatchObject([
      {
        code: 'policy-without-effect',
        message: expect.stringContaining('steering is weighted'),
        suggestion: 'remove nearest-band, or set steering to nearest',
      },
    ]);
    const off = modelOf(gateway('edge', { annotations: { 'nearest-band': '0', steering: 'weighted' } }), shop);
    expect(off.findings).toEqual([]);
  });

  test('stable-ttl is above the ttl, or has no effect, which is said', () => {
    const policyWith = (annotations: Readonly<Record<string, string>>) => {
      const model = modelOf(gateway('edge', { annotations }), shop);
      return [hostnameOf(model).policy.stableTtl, model.findings.map(({ message }) => message)];
    };
    expect(policyWith({ 'stable-ttl': '3600' })).toEqual([3600, []]);
    expect(policyWith({ 'stable-ttl': '61', ttl: '60' })).toEqual([61, []]);
    expect(policyWith({ 'stable-ttl': '30' })).toEqual([undefined, []]);
    expect(policyWith({ 'stable-ttl': 'none', ttl: '60' })).toEqual([undefined, []]);
    const below = 'stable-ttl 29 is below the ttl of 30: it has no effect';
    expect(policyWith({ 'stable-ttl': '29' })).toEqual([undefined, [expect.stringContaining(below)]]);
    const nothing = expect.stringContaining('the ttl is 0');
    expect(policyWith({ 'stable-ttl': '60', ttl: '0' })).toEqual([undefined, [nothing]]);
    expect(policyWith({ 'stable-ttl': '0', ttl: '0' })).toEqual([undefined, []]);
  });

  test('multivalue answers eight unless told otherwise', () => {
    const model = modelOf(
      gateway('edge', { annotations: { steering: 'multivalue' } }),
      shop,
      route('few', ['few.gslb.example'], { annotations: { answers: '2' } }),
    );
    expect(hostnameOf(model).policy.answers).toBe(8);
    expect(hostnameOf(model, 'few.gslb.example').policy.answers).toBe(2);
  });
});
