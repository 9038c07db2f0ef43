import { describe, expect, test } from 'vitest';
import { desire } from '../../../../src/core/desired/desire.ts';
import { createMigrate } from '../../../../src/core/desired/migration/migrate.ts';
import { SYSTEMS } from '../../../../src/core/desired/migration/systems.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import { annotated, migrated, migrating, NEW, OLD, told } from './migrations.ts';
import { picture, route } from './pictures.ts';

/** What an annotation of a Route becomes: our annotations without prefix. */
const ON_ROUTES: readonly (readonly [key: string, text: string, ours: Readonly<Record<string, string>>])[] = [
  [`${NEW}ttl`, '60', { ttl: '60' }],
  [`${OLD}ttl`, '60', { ttl: '60' }],
  [`${NEW}ttl`, '10m', { ttl: '600' }],
  [`${NEW}ttl`, '1h1m1.9s', { ttl: '3661' }],
  [`${NEW}ttl`, '2147483647', { ttl: '86400' }],
  [`${NEW}aws-weight`, '10', { steering: 'weighted', weight: '10' }],
  [`${NEW}aws-weight`, '0', { steering: 'weighted', weight: '0' }],
  [`${NEW}aws-failover`, 'PRIMARY', { steering: 'failover', tier: '0' }],
  [`${NEW}aws-failover`, 'SECONDARY', { steering: 'failover', tier: '1' }],
  [`${NEW}aws-multi-value-answer`, '', { steering: 'multivalue' }],
  [`${NEW}aws-region`, 'eu-west-1', { steering: 'nearest' }],
  [`${NEW}aws-geoproximity-region`, 'eu-west-1', { steering: 'nearest' }],
  [`${NEW}aws-geoproximity-bias`, '0', { bias: '0' }],
  [`${NEW}aws-geolocation-continent-code`, 'EU', { serves: 'continent:EU' }],
  [`${NEW}aws-geolocation-country-code`, 'DE', { serves: 'DE' }],
  ['k8gb.io/strategy', 'roundRobin', { steering: 'multivalue' }],
  ['k8gb.io/strategy', 'failover', { steering: 'failover' }],
  ['k8gb.io/strategy', 'geoip', { steering: 'nearest' }],
  ['k8gb.io/dns-ttl-seconds', '5', { ttl: '5' }],
];

const ON_GATEWAYS: typeof ON_ROUTES = [
  [`${NEW}target`, '192.0.2.7', { address: '192.0.2.7' }],
  [`${OLD}target`, ' 192.0.2.7, 2001:db8::7', { address: '192.0.2.7, 2001:db8::7' }],
  ['k8gb.io/exposed-ip-addresses', '192.0.2.8', { address: '192.0.2.8' }],
  ['kuadrant.io/lb-attribute-geo-code', 'EU', { steering: 'nearest' }],
];

/** Known keys that say nothing in our words, with the finding that says so and words of its suggestion. */
const LOST: readonly (readonly [kind: 'HTTPRoute' | 'Gateway', key: string, text: string, suggestion: RegExp])[] = [
  ['HTTPRoute', `${NEW}ttl`, 'soon', /azimuth\.dev\/ttl in seconds/],
  ['HTTPRoute', `${NEW}ttl`, '-5', /azimuth\.dev\/ttl in seconds/],
  ['HTTPRoute', `${NEW}ttl`, '2147483648', /azimuth\.dev\/ttl in seconds/],
  ['HTTPRoute', `${NEW}aws-weight`, 'heavy', /azimuth\.dev\/weight/],
  ['HTTPRoute', `${NEW}aws-failover`, 'TERTIARY', /azimuth\.dev\/tier/],
  ['HTTPRoute', `${NEW}aws-geolocation-country-code`, 'XX', /azimuth\.dev\/serves/],
  ['HTTPRoute', `${NEW}aws-geolocation-subdivision-code`, 'CA', /azimuth\.dev\/bias/],
  ['HTTPRoute', `${NEW}aws-geoproximity-bias`, '50', /azimuth\.dev\/bias: -500/],
  ['HTTPRoute', `${NEW}aws-geoproximity-bias`, '-50', /azimuth\.dev\/bias: 1000/],
  ['HTTPRoute', `${NEW}aws-health-check-id`, 'abc', /azimuth\.dev\/probe/],
  ['HTTPRoute', `${NEW}cloudflare-proxied`, 'true', /azimuth\.dev\/address/],
  ['HTTPRoute', `${NEW}gateway-hostname-source`, 'all', /annotation-only/],
  ['HTTPRoute', `${NEW}target`, '192.0.2.7', /address/],
  ['HTTPRoute', `${NEW}tlt`, '60', /did you mean external-dns\.kubernetes\.io\/ttl\?/],
  ['Gateway', `${NEW}ttl`, '60', /ttl/],
  ['Gateway', `${NEW}target`, 'lb.example.com', /azimuth\.dev\/address/],
  ['Gateway', `${NEW}target`, '192.0.2.7,lb.example.com', /azimuth\.dev\/address/],
  ['HTTPRoute', 'k8gb.io/strategy', 'best', /azimuth\.dev\/steering/],
  ['HTTPRoute', 'k8gb.io/weights', '{"eu":5}', /azimuth\.dev\/weight/],
  ['Gateway', 'k8gb.io/exposed-hostnames', 'lb.example.com', /azimuth\.dev\/address/],
  ['Gateway', 'kuadrant.io/lb-attribute-custom-weight', 'AWS', /azimuth\.dev\/weight/],
];

const NOT_NEEDED = [
  'set-identifier',
  'aws-evaluate-target-health',
  'record-type',
  'access',
  'cloudflare-tags',
  'scw-x',
];

describe('an annotation of another system', () => {
  test.each(ON_ROUTES)('on a Route, %s: %j is read as %j', (key, text, ours) => {
    const { settings, findings } = migrated(annotated('HTTPRoute', { [key]: text }));
    expect(settings).toEqual(ours);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['annotation-translated', 'info']]);
    for (const [mine, value] of Object.entries(ours)) {
      expect(findings[0]?.message).toContain(`${key}: ${JSON.stringify(text)} is read as`);
      expect(findings[0]?.message).toContain(`azimuth.dev/${mine}: ${value}`);
      expect(findings[0]?.suggestion).toContain(`azimuth.dev/${mine}: "${value}"`);
    }
  });

  test.each(ON_GATEWAYS)('on a Gateway, %s: %j is read as %j', (key, text, ours) => {
    expect(migrated(annotated('Gateway', { [key]: text })).settings).toEqual(ours);
  });

  test.each(LOST)('on a %s, %s: %j is not translated, and what to do is said', (kind, key, text, suggestion) => {
    const { settings, findings } = migrated(annotated(kind, { [key]: text }));
    expect(settings).toEqual({});
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['annotation-untranslated', 'warning']]);
    expect(findings[0]?.suggestion).toMatch(suggestion);
    expect(findings[0]?.origin).toMatchObject({ file: 'eu.yaml', line: 1, object: `${kind} web/one` });
  });

  test.each(NOT_NEEDED)('%s of external-dns changes nothing, and that is said without alarm', (key) => {
    const { settings, findings } = migrated(annotated('HTTPRoute', { [NEW + key]: 'x' }));
    expect(settings).toEqual({});
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['annotation-unneeded', 'info']]);
  });

  test('of a kind that is no text, or longer than any value, is reported and not read', () => {
    const { settings, findings } = migrated(
      annotated('HTTPRoute', { [`${NEW}ttl`]: 60, [`${OLD}ttl`]: '1'.repeat(5000) }),
    );
    expect(settings).toEqual({});
    expect(told(findings)).toEqual(['annotation-untranslated', 'annotation-untranslated']);
    for (const { message } of findings) expect(message.length).toBeLessThan(300);
  });

  test('is shown escaped and shortened, whatever stands in it', () => {
    const { findings } = migrated(
      annotated('HTTPRoute', { [`${NEW}\u001b[2J`]: 'x', [`${NEW}ttl`]: `\u001b[31m${'y'.repeat(1000)}` }),
    );
    expect(findings).toHaveLength(2);
    for (const { message } of findings) expect(message).toMatch(/^[\x20-\x7e…–]{1,300}$/);
  });

  test('on a Namespace says nothing', () => {
    const space = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'web', annotations: { [`${NEW}ttl`]: '60' } },
    };
    expect(migrated(space)).toMatchObject({ settings: {}, findings: [] });
  });
});

describe('which annotation holds', () => {
  test('ours on the same object wins, even one that is not valid', () => {
    for (const own of ['30', 'nonsense']) {
      const { settings, findings } = migrated(annotated('HTTPRoute', { [`${NEW}ttl`]: '60', 'azimuth.dev/ttl': own }));
      expect(settings).toEqual({ ttl: own });
      expect(told(findings)).toEqual(['annotation-unneeded']);
      expect(findings[0]?.message).toContain('azimuth.dev/ttl of the same object holds');
    }
  });

  test('the custom prefix comes before the new one of external-dns, that before the old one, and k8gb last', () => {
    const all = { 'k8gb.io/dns-ttl-seconds': '4', [`${OLD}ttl`]: '3', [`${NEW}ttl`]: '2', 'dns.corp.example/ttl': '1' };
    const keys = ['dns.corp.example/ttl', `${NEW}ttl`, `${OLD}ttl`, 'k8gb.io/dns-ttl-seconds'];
    for (const [index, key] of keys.entries()) {
      const left = Object.fromEntries(Object.entries(all).filter(([one]) => keys.indexOf(one) >= index));
      const { settings } = migrated(annotated('HTTPRoute', left), { externalDnsPrefix: 'dns.corp.example/' });
      expect(settings, key).toEqual({ ttl: String(index + 1) });
    }
  });

  test('of two routing policies on one object the first of the table holds, the other is reported', () => {
    const both = { [`${NEW}aws-failover`]: 'PRIMARY', [`${NEW}aws-weight`]: '10' };
    const { settings, findings } = migrated(annotated('HTTPRoute', both));
    expect(settings).toEqual({ steering: 'weighted', weight: '10', tier: '0' });
    expect(told(findings)).toEqual(['annotation-translated', 'annotation-translated', 'annotation-unneeded']);
  });

  test('what a custom prefix and the default both say is said once', () => {
    const { settings, findings } = migrated(annotated('HTTPRoute', { [`${NEW}ttl`]: '60', [`${OLD}ttl`]: '60s' }));
    expect(settings).toEqual({ ttl: '60' });
    expect(told(findings)).toEqual(['annotation-translated', 'annotation-unneeded']);
  });

  test('nothing of external-dns is read from an object with another controller', () => {
    const others = { [`${NEW}ttl`]: '60', [`${NEW}hostname`]: 'a.gslb.example', [`${NEW}controller`]: 'kops' };
    const { settings, findings, hostnames } = migrated(annotated('HTTPRoute', others));
    expect({ settings, hostnames }).toEqual({ settings: {}, hostnames: ['shop.gslb.example'] });
    expect(told(findings)).toEqual(['annotation-unneeded', 'annotation-unneeded', 'annotation-unneeded']);
    const ours = migrated(annotated('HTTPRoute', { ...others, [`${NEW}controller`]: 'dns-controller' }));
    expect(ours.settings).toEqual({ ttl: '60' });
  });
});

describe('a primary geotag of k8gb', () => {
  const failover = { 'k8gb.io/strategy': 'failover', 'k8gb.io/primary-geotag': 'eu' };

  test('is a cluster of that name', () => {
    expect(migrated(annotated('HTTPRoute', failover)).settings).toEqual({ steering: 'failover', failover: 'eu, *' });
  });

  test('is the cluster that the configuration names for it', () => {
    const { settings } = migrated(annotated('HTTPRoute', failover), { geotags: { eu: 'us' } });
    expect(settings).toEqual({ steering: 'failover', failover: 'us, *' });
  });

  test('is reported where it is no cluster', () => {
    for (const geotag of ['mars', '__proto__', 'toString']) {
      const { settings, findings } = migrated(
        annotated('HTTPRoute', { ...failover, 'k8gb.io/primary-geotag': geotag }),
      );
      expect(settings).toEqual({ steering: 'failover' });
      expect(findings.at(-1)?.suggestion).toContain('migration.geotags');
    }
  });

  test('means nothing beside another strategy, as in k8gb', () => {
    const { settings } = migrated(annotated('HTTPRoute', { ...failover, 'k8gb.io/strategy': 'geoip' }));
    expect(settings).toEqual({ steering: 'nearest' });
  });
});

describe('hostnames by annotation', () => {
  const hostname = `${NEW}hostname`;
  const source = `${NEW}gateway-hostname-source`;

  test('come beside those of the Route', () => {
    const { hostnames, findings } = migrated(
      annotated('HTTPRoute', { [hostname]: 'A.gslb.example., *.b.gslb.example,' }),
    );
    expect(hostnames).toEqual(['shop.gslb.example', 'a.gslb.example', '*.b.gslb.example']);
    expect(told(findings)).toEqual(['annotation-translated']);
  });

  test('come beside those of the listeners where the Route has none', () => {
    const { hostnames } = migrated(annotated('HTTPRoute', { [hostname]: 'a.gslb.example' }, []));
    expect(hostnames).toEqual(['', 'a.gslb.example']);
  });

  test('are all or none of them by gateway-hostname-source', () => {
    const only = (value: string): unknown =>
      migrated(annotated('HTTPRoute', { [hostname]: 'a.gslb.example', [source]: value })).hostnames;
    expect(only('annotation-only')).toEqual(['a.gslb.example']);
    expect(only('Annotation-Only')).toEqual(['a.gslb.example']);
    expect(only('defined-hosts-only')).toEqual(['shop.gslb.example']);
    expect(migrated(annotated('HTTPRoute', { [source]: 'annotation-only' })).hostnames).toEqual([]);
    expect(migrated(annotated('HTTPRoute', { [source]: 'defined-hosts-only' }, [])).hostnames).toEqual([]);
  });

  test('that are none are left out and reported, the others are taken, at most 16 of them', () => {
    const many = Array.from({ length: 40 }, (_, index) => `h${index}.gslb.example`);
    const { hostnames, findings } = migrated(annotated('HTTPRoute', { [hostname]: ['bad_name', ...many].join() }));
    expect(hostnames).toEqual(['shop.gslb.example', ...many.slice(0, 16)]);
    expect(told(findings)).toEqual(['annotation-translated', 'annotation-untranslated']);
    expect(findings[1]?.message).toContain('"bad_name" and 24 more left out');
  });

  test('of k8gb are read, too', () => {
    const { hostnames } = migrated(annotated('HTTPRoute', { 'k8gb.io/hostname': 'k.gslb.example' }));
    expect(hostnames).toEqual(['shop.gslb.example', 'k.gslb.example']);
  });
});

describe('labels of Kuadrant', () => {
  test('on a Gateway are read like annotations', () => {
    const gateway = annotated('Gateway', {}, undefined, { 'kuadrant.io/lb-attribute-geo-code': 'EU', app: 'x' });
    expect(migrated(gateway).settings).toEqual({ steering: 'nearest' });
  });

  test('and annotations that Kuadrant writes for itself are nobody else’s business', () => {
    expect(migrated(annotated('Gateway', { 'kuadrant.io/namespace': 'x' })).findings).toEqual([]);
  });
});

describe('what is asked for', () => {
  const everything = { [`${NEW}ttl`]: '60', 'k8gb.io/strategy': 'geoip', 'kuadrant.io/lb-attribute-geo-code': 'EU' };

  test('without a system to read, a picture passes untouched and keys of others are no findings', () => {
    const { same, findings } = migrated(annotated('Gateway', everything), { read: [] });
    expect(same).toBe(true);
    expect(findings).toEqual([]);
  });

  test.each(SYSTEMS)('with %s alone, the others are not read', (system) => {
    const { findings } = migrated(annotated('Gateway', everything), { read: [system] });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.message).toContain(system.slice(0, 4));
  });

  test('a custom prefix that is ours is ours', () => {
    const { settings, findings } = migrated(annotated('HTTPRoute', { 'azimuth.dev/ttl': '60' }), {
      externalDnsPrefix: 'azimuth.dev/',
    });
    expect({ settings, findings }).toEqual({ settings: { ttl: '60' }, findings: [] });
  });
});

describe('many annotations', () => {
  test('are listed one by one up to 1000 of a kind, and the others counted', () => {
    const routes = Array.from({ length: 1500 }, (_, index) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: `r${index}`, annotations: { [`${NEW}ttl`]: '60', [`${NEW}aws-health-check-id`]: 'x' } },
    }));
    const { objects, findings } = createMigrate(migrating())(picture('eu', ...routes));
    expect(objects.filter((one) => one.annotations.some(([key]) => key === 'azimuth.dev/ttl'))).toHaveLength(1500);
    for (const code of ['annotation-translated', 'annotation-untranslated']) {
      const own = findings.filter((one) => one.code === code);
      expect(own).toHaveLength(1001);
      expect(own.at(-1)?.message).toContain('500 more');
    }
  });
});

describe('the model of migrated pictures', () => {
  const model = (...objects: readonly unknown[]): Model => {
    return desire(migrating(), [picture('eu', ...objects)].map(createMigrate(migrating())));
  };
  const listeners = [
    { name: 'apps', port: 80, protocol: 'HTTP', hostname: '*.apps.gslb.example' },
    { name: 'main', port: 81, protocol: 'HTTP', hostname: 'main.gslb.example' },
  ];
  const edgeWith = (annotations: Readonly<Record<string, string>>): unknown => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: 'web', annotations },
    spec: { gatewayClassName: 'any', listeners },
    status: { addresses: [{ type: 'IPAddress', value: '192.0.2.1' }] },
  });
  const edge = edgeWith({});
  const hostname = `${NEW}hostname`;

  test('has the hostnames of annotations only where a listener and a zone have room for them', () => {
    const wanted = 'a.apps.gslb.example, *.b.apps.gslb.example, other.gslb.example, a.apps.example.org';
    const { hostnames } = model(edge, annotated('HTTPRoute', { [hostname]: wanted }, ['x.apps.gslb.example']));
    expect(hostnames.map(({ name }) => name)).toEqual([
      '*.b.apps.gslb.example',
      'a.apps.gslb.example',
      // No Route is attached to its listener.
      'main.gslb.example',
      'x.apps.gslb.example',
    ]);
  });

  test('keeps the hostnames of the listeners where the Route has none of its own', () => {
    const { hostnames } = model(edge, annotated('HTTPRoute', { [hostname]: 'a.apps.gslb.example' }, []));
    expect(hostnames.map(({ name }) => name)).toEqual([
      '*.apps.gslb.example',
      'a.apps.gslb.example',
      'main.gslb.example',
    ]);
  });

  test('answers with the target of external-dns on the Gateway, and reports it once', () => {
    const { hostnames, findings } = model(edgeWith({ [`${NEW}target`]: '203.0.113.9' }));
    expect(hostnames.flatMap(({ endpoints }) => endpoints.map(({ address }) => address))).toEqual([
      '203.0.113.9',
      '203.0.113.9',
    ]);
    expect(told(findings)).toEqual(['annotation-translated']);
  });

  test('takes what is translated on a Gateway for less near than what is ours on a Route', () => {
    const near = route('near', ['near.apps.gslb.example'], { annotations: { ttl: '7' } });
    const { hostnames } = model(edgeWith({ 'k8gb.io/dns-ttl-seconds': '5' }), near);
    expect(hostnames.map(({ name, policy }) => [name, policy.ttl])).toEqual([
      ['main.gslb.example', 5],
      ['near.apps.gslb.example', 7],
    ]);
  });
});
