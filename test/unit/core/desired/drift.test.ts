import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDesire, desire } from '../../../../src/core/desired/desire.ts';
import type { GatewayApiObject } from '../../../../src/core/desired/gateway-api/objects.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import type { Picture } from '../../../../src/core/desired/picture.ts';
import { declare, gateway, HTTP, HTTPS, listener, picture, route } from './pictures.ts';

const ALL = ['eu', 'jp', 'us'] as const;

/** What is said of drift in clusters with these objects. */
function drift(objects: Readonly<Record<string, readonly unknown[]>>, parts = {}): readonly string[] {
  return said(desire({ ...declare({ clusters: Object.keys(objects) }), ...parts }, pictures(objects)));
}

function pictures(objects: Readonly<Record<string, readonly unknown[]>>): readonly Picture[] {
  return Object.entries(objects).map(([cluster, own]) => picture(cluster, ...own));
}

function said({ findings }: Pick<Model, 'findings'>): readonly string[] {
  return findings
    .filter(({ code }) => code.startsWith('drift-'))
    .map(({ code, message, origin }) => `${code} ${origin.file}: ${message}`);
}

/** A Gateway and a Route `web` with these hostnames below gslb.example. */
function web(...hostnames: readonly string[]): readonly unknown[] {
  return [
    gateway('edge'),
    route(
      'web',
      hostnames.map((name) => `${name}.gslb.example`),
    ),
  ];
}

describe('hostnames of a Route that several clusters have', () => {
  test('that are the same everywhere are nothing to tell, in whatever order', () => {
    expect(drift({ eu: web('a', 'b'), jp: web('b', 'a'), us: web('a', 'b') })).toEqual([]);
  });

  test('that one cluster lacks are told of it', () => {
    expect(drift({ eu: web('a', 'b', 'c'), jp: web('a', 'b', 'c'), us: web('a') })).toEqual([
      'drift-hostname us.yaml: b.gslb.example and 1 more: missing in us; there in eu, jp',
    ]);
  });

  test('that one cluster alone has are told of it', () => {
    expect(drift({ eu: web('a'), jp: web('a', 'new'), us: web('a') })).toEqual([
      'drift-hostname jp.yaml: new.gslb.example: only in jp; missing in eu, us',
    ]);
  });

  test('that one of two has are told with both', () => {
    expect(drift({ eu: web('a', 'b'), us: web('a') })).toEqual([
      'drift-hostname us.yaml: b.gslb.example: missing in us; there in eu',
    ]);
  });

  test('that every cluster has of its own are meant to be', () => {
    expect(drift({ eu: web('a', 'a-eu'), jp: web('a', 'a-jp'), us: web('a', 'a-us') })).toEqual([]);
  });

  test('that another Route of the cluster asks for are not missing', () => {
    const other = route('moved', ['b.gslb.example']);
    expect(drift({ eu: web('a', 'b'), us: [...web('a'), other] })).toEqual([]);
  });

  test('outside our zones are somebody else’s', () => {
    const foreign = route('web', ['a.gslb.example', 'b.example.com']);
    expect(drift({ eu: [gateway('edge'), foreign], us: web('a') })).toEqual([]);
  });

  test('are not compared with a Route of the same name in another team’s namespace', () => {
    const of = (name: string, cluster: string) => ({ name, namespaces: ['web'], clusters: [cluster], hostnames: [] });
    const objects = { eu: web('a', 'b'), us: web('a') };
    expect(drift(objects, { teams: [of('blue', 'eu'), of('red', 'us')] })).toEqual([]);
    expect(drift(objects, { teams: [of('blue', 'eu')] })).toEqual([]);
  });
});

describe('listeners of a Gateway that several clusters have', () => {
  const edge = (...listeners: readonly unknown[]) => [gateway('edge', { listeners })];
  const secure = (mode: string, certificates: number, port = 443) =>
    listener('https', port, 'HTTPS', {
      tls: { mode, certificateRefs: Array.from({ length: certificates }, (_, index) => ({ name: `c${index}` })) },
    });

  test('that are the same are nothing to tell', () => {
    expect(drift({ eu: edge(HTTP, HTTPS), us: edge(HTTPS, HTTP) })).toEqual([]);
  });

  test('that are missing in one cluster are told of it', () => {
    expect(drift({ eu: edge(HTTP, HTTPS), jp: edge(HTTP, HTTPS), us: edge(HTTP) })).toEqual([
      'drift-listener us.yaml: listener "https" is missing in us; there in eu, jp',
    ]);
  });

  test('with another port, mode or count of certificates in one cluster are told with the odd one first', () => {
    const usual = edge(secure('Terminate', 1));
    expect(drift({ eu: usual, jp: usual, us: edge(secure('Terminate', 2, 8443)) })).toEqual([
      'drift-listener us.yaml: listener "https": HTTPS on port 8443 in us; HTTPS on port 443 in eu, jp',
      'drift-tls us.yaml: listener "https", TLS: Terminate with 2 certificates in us; Terminate with 1 certificate in eu, jp',
    ]);
    expect(drift({ eu: usual, us: edge(secure('Passthrough', 0)) })).toEqual([
      'drift-tls eu.yaml: listener "https", TLS: Terminate with 1 certificate in eu; Passthrough in us',
    ]);
  });

  test('with a hostname of its own in each cluster are meant to be; one that is odd is not', () => {
    const named = (hostname: string) => edge(listener('http', 80, 'HTTP', { hostname }));
    expect(drift({ eu: named('eu.gslb.example'), jp: named('jp.gslb.example'), us: named('us.gslb.example') })).toEqual(
      [],
    );
    const shop = named('shop.gslb.example');
    expect(drift({ eu: shop, jp: named('shpo.gslb.example'), us: shop })).toEqual([
      'drift-listener jp.yaml: listener "http", hostname: shpo.gslb.example in jp; shop.gslb.example in eu, us',
    ]);
  });

  test('that serve nothing of ours are somebody else’s', () => {
    const foreign = (port: number) => edge(listener('http', port, 'HTTP', { hostname: 'www.example.com' }));
    expect(drift({ eu: foreign(80), us: foreign(8080) })).toEqual([]);
  });

  test('with hostile names and protocols reach no finding unescaped', () => {
    const odd = (protocol: string) => edge(listener('\u001b[2J', 80, protocol));
    const [finding = ''] = drift({ eu: odd('a\nb'), us: odd('\u0000') });
    expect(finding).toMatch(/^drift-listener [\x20-\x7e]*$/);
  });
});

describe('settings of a hostname', () => {
  const say = (annotations: object) => [
    gateway('edge', { annotations: { ...annotations } }),
    route('web', ['a.gslb.example']),
  ];

  test('that most clusters make are missed in the others', () => {
    expect(drift({ eu: say({ ttl: '60' }), jp: say({ ttl: '60' }), us: say({}) })).toEqual([
      'drift-setting eu.yaml: a.gslb.example: ttl is set in eu, jp and not in us',
    ]);
  });

  test('such as weights that differ are said with the default that counts where one is missing', () => {
    expect(drift({ eu: say({ weight: '80' }), jp: say({ weight: '20' }), us: say({}) })).toEqual([
      'drift-setting eu.yaml: a.gslb.example: weight is set in eu, jp and not in us, where the default 100 counts',
    ]);
  });

  test.each([
    ['are set in one cluster of three', { weight: '10' }, {}, {}],
    ['are weights that differ', { weight: '80' }, { weight: '20' }, { weight: '5' }],
    ['are for single clusters', { drain: 'true', tier: '1', bias: '5' }, { drain: 'true', tier: '1', bias: '5' }, {}],
    ['are in conflict, which is said already', { ttl: '1' }, { ttl: '2' }, {}],
  ])('that %s are no drift', (_, eu, jp, us) => {
    expect(drift({ eu: say(eu), jp: say(jp), us: say(us) })).toEqual([]);
  });
});

describe('what sources tell of clusters', () => {
  const about = (cluster: string, value: string): Picture => ({
    ...picture(cluster),
    about: [{ what: 'the served version of TLSRoute', value }],
  });

  test('is compared among those of whom it is known', () => {
    const model = desire(declare(), [about('eu', 'v1alpha2'), about('us', 'v1'), picture('jp')]);
    expect(said(model)).toEqual(['drift-version cluster eu: the served version of TLSRoute: v1alpha2 in eu; v1 in us']);
    expect(said(desire(declare(), [about('eu', 'v1'), about('us', 'v1')]))).toEqual([]);
  });

  test('is gone from the findings when it is the same again', () => {
    const follow = createDesire(declare());
    expect(said(follow([about('eu', 'v1alpha2'), about('us', 'v1')]))).toHaveLength(1);
    expect(said(follow([about('eu', 'v1'), about('us', 'v1')]))).toEqual([]);
  });
});

describe('drift under change', () => {
  const hosts = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
  const step = fc.record({
    cluster: fc.constantFrom(...ALL),
    web: hosts,
    more: fc.option(hosts),
    twice: fc.boolean(),
    port: fc.constantFrom(80, 80, 81),
  });

  test('is what a model made from nothing says, and goes when the clusters agree again', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const follow = createDesire(declare());
        const now = new Map<string, Picture>();
        for (const { cluster, web: own, more, twice, port } of steps) {
          const known = now.get(cluster)?.objects ?? [];
          const fresh = picture(
            cluster,
            gateway('edge', { listeners: [listener('http', port, 'HTTP')] }),
            route(
              'web',
              own.map((one) => `${one}.gslb.example`),
            ),
            ...(more === null
              ? []
              : [
                  route(
                    'more',
                    more.map((one) => `${one}.gslb.example`),
                  ),
                ]),
            ...(twice ? [route('web', ['a.gslb.example'])] : []),
          ).objects;
          // What did not change is the very same, as of a source.
          const objects = fresh.map((one): GatewayApiObject => {
            return known.find((other) => JSON.stringify(other) === JSON.stringify(one)) ?? one;
          });
          now.set(cluster, { cluster, objects, findings: [] });
          const model = follow([...now.values()]);
          expect(model).toEqual(desire(declare(), [...now.values()]));
          found += said(model).length;
        }
        const same = ALL.map((cluster) => picture(cluster, ...web('a')));
        expect(said(follow(same))).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(300);
  });

  test('of very many objects is told of a bounded number, and the rest counted', () => {
    const many = (name: string) =>
      Array.from({ length: 1100 }, (_, index) =>
        route(`r${index}`, [`a${index}.gslb.example`, `${name}${index}.gslb.example`]),
      );
    const findings = drift({ eu: [gateway('edge'), ...many('b')], us: [gateway('edge'), ...many('a')] });
    expect(findings).toHaveLength(1001);
    expect(findings.filter((one) => one.endsWith('from here on, 100 more are not listed'))).toHaveLength(1);
  });
});
