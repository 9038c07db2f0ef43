import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { describeConfig } from '../../../src/config/describe.ts';
import { formatProblem, loadConfig, MAX_CONFIG_OCTETS } from '../../../src/config/load.ts';
import { continentOf } from '../../../src/core/desired/countries.ts';
import { REGIONS } from '../../../src/core/desired/regions.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ZONE = 'zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]';
const CLUSTER = 'clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]';

function load(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'azimuth.yaml');
  return writeFile(file, text).then(() => loadConfig(file, env));
}

/** The problems as people read them, without the folder. */
async function problems(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const loaded = await load(text, env);
  if (loaded.kind === 'ok') return [];
  return loaded.problems.map((problem) => formatProblem(problem).replace(`${folder}/`, ''));
}

async function config(text: string, env: NodeJS.ProcessEnv = {}): Promise<Config> {
  const loaded = await load(text, env);
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

const cluster = (entry: string): string => `${ZONE}\nclusters:\n  - ${entry}`;
const live = (source: string): string => cluster(`{ name: eu, location: { country: DE }, source: { ${source} } }`);
const zone = (entry: string): string => `${CLUSTER}\nzones:\n  - { ${entry} }`;

describe('a configuration that is right', () => {
  test('gets every default', async () => {
    const loaded = await config(`${ZONE}\n${CLUSTER}\n`);
    expect(loaded).toEqual({
      file: join(folder, 'azimuth.yaml'),
      directory: folder,
      declaration: {
        conditions: 'warn',
        prefix: 'azimuth.dev/',
        zones: [
          {
            apex: 'gslb.example',
            nameservers: [{ name: 'ns1.gslb.example', addresses: ['192.0.2.53'] }],
            nsTtl: 3600,
            soa: {
              mname: 'ns1.gslb.example',
              rname: 'hostmaster.gslb.example',
              refresh: 7200,
              retry: 900,
              expire: 1_209_600,
              minimum: 60,
              ttl: 300,
            },
            records: [],
          },
        ],
        clusters: [
          {
            name: 'eu',
            location: { lat: 50.3, lon: 9.5, country: 'DE', continent: 'EU' },
            annotations: {},
            origin: { file: join(folder, 'azimuth.yaml'), line: 2 },
          },
        ],
        probe: { intervalMs: 10_000, timeoutMs: 3000, rise: 2, fall: 3 },
      },
      sources: [{ cluster: 'eu', manifests: join(folder, 'eu') }],
      liveSources: [],
      dns: {
        listen: [{ host: '127.0.0.1', port: 5353 }],
        engine: 'auto',
        workers: 'auto',
        udpSize: 1232,
        identity: undefined,
        tcpConnections: 1000,
        tcpIdleMs: 10_000,
      },
      admin: { listen: { host: '127.0.0.1', port: 8053 }, tokensFile: undefined, clients: [], allow: [] },
      maps: [],
      geoip: { database: undefined, asnDatabase: undefined },
      resolver: { servers: [] },
      safety: { minClusters: 1, maxMoved: 1, maxDrills: 1, blackouts: [] },
      prober: {
        headers: [],
        certificateWarningMs: 1_209_600_000,
        trustFile: undefined,
        concurrency: 256,
        defaults: { intervalMs: 10_000, timeoutMs: 3000, rise: 2, fall: 3 },
        controls: [],
        breaker: { share: 0.5, windowMs: 10_000, atLeast: 4, longestMs: 900_000 },
      },
      feedback: { status: 'off', events: 'off' },
      state: { directory: join(folder, 'state') },
      log: { level: 'info', format: 'auto', clientAddresses: 'masked' },
    });
    expect(Object.isFrozen(loaded.declaration.zones[0]?.soa)).toBe(true);
  });

  test('takes the place of a live cluster from its nodes, with a fallback or without', async () => {
    const loaded = await config(`${ZONE}
clusters:
  - { name: a, location: { from-nodes: true, region: eu-west-2 }, source: { in-cluster: true } }
  - { name: b, location: { from-nodes: true }, source: { kubeconfig: x } }
  - { name: c, location: { country: DE }, source: { kubeconfig: x } }
`);
    const placed = loaded.declaration.clusters.map(({ placedBy, location }) => [placedBy, location.country]);
    expect(placed).toEqual([
      ['nodes', 'GB'],
      ['nodes', ''],
      [undefined, 'DE'],
    ]);
    expect(loaded.liveSources.map(({ nodes }) => nodes)).toEqual(['read', 'read', undefined]);
  });

  test('takes live clusters beside folders of manifests', async () => {
    const location = 'location: { country: DE }';
    const selector = 'app=shop,tier in (web, api),!internal,example.org/team!=x, beta';
    const loaded = await config(`${ZONE}
clusters:
  - { name: a, ${location}, source: { kubeconfig: kube/config } }
  - { name: b, ${location}, source: { manifests: b } }
  - { name: c, ${location}, source: { kubeconfig: /etc/kube, context: c@prod, namespaces: [x, y, x], selector: "${selector}" } }
  - { name: d, ${location}, source: { in-cluster: true, gateway-classes: [public] } }
`);
    expect(loaded.sources).toEqual([{ cluster: 'b', manifests: join(folder, 'b') }]);
    const all = { namespaces: [], selector: undefined, gatewayClasses: undefined };
    const file = join(folder, 'kube', 'config');
    expect(loaded.liveSources).toEqual([
      { ...all, cluster: 'a', access: { kind: 'kubeconfig', file, context: undefined } },
      {
        ...all,
        cluster: 'c',
        access: { kind: 'kubeconfig', file: '/etc/kube', context: 'c@prod' },
        namespaces: ['x', 'y'],
        selector,
      },
      { ...all, cluster: 'd', access: { kind: 'in-cluster' }, gatewayClasses: ['public'] },
    ]);
  });

  test('reads other systems only where it is told which', async () => {
    const custom = 'external-dns-prefix: dns.corp.example/, geotags: { e: eu }';
    const off = await config(`${ZONE}\n${CLUSTER}\nmigration: { ${custom} }`);
    expect(off.declaration.migration).toBeUndefined();
    const on = await config(`${ZONE}\n${CLUSTER}\nmigration: { read: [k8gb, external-dns], ${custom} }`);
    expect(on.declaration.migration).toEqual({
      read: ['k8gb', 'external-dns'],
      externalDnsPrefix: 'dns.corp.example/',
      geotags: { e: 'eu' },
    });
  });

  test('takes every key', async () => {
    const loaded = await config(`
zones:
  - name: GSLB.Example.
    nameservers: { ns1.gslb.example: [192.0.2.53, "2001:DB8::53"], ns.example.org.: [] }
    soa: { mname: ns.example.org, rname: ops.example.org, refresh: 1, retry: 2, expire: 3, minimum: 4, ttl: 5 }
    ttl: 60
    ns-ttl: 86400
    records: ["www CNAME shop"]
clusters:
  - { name: a, location: { lat: 50.11, lon: 8.68, country: de }, source: { manifests: /srv/a }, annotations: { weight: 80 } }
  - { name: b, location: { region: ap-northeast-1 }, source: { manifests: b } }
dns: { listen: ["0.0.0.0:53", "[::1]:0", "[::1]:0"], engine: portable, workers: 1, udp-size: 4096, identity: ns1, tcp: { connections: 5, idle: 500ms } }
admin:
  listen: "[::]:8053"
  tokens: { file: tokens.yaml }
  tls: { certificate: tls/admin.pem, key: tls/admin.key, client-ca: tls/ca.pem, client-certificates: request }
  clients: [{ name: ops.example, scope: operate }, { name: "spiffe://example.org/grafana", scope: read }]
  allow: [10.0.0.0/8, "2001:db8::/32"]
geoip: { database: city.mmdb }
prober: { interval: 2m, timeout: 1s, rise: 1, fall: 1, trust: ca.pem, concurrency: 7 }
state: { directory: /var/lib/azimuth }
log: { level: trace }
annotations: { prefix: dns.example.org/ }
`);
    const { zones, clusters, prefix } = loaded.declaration;
    expect(prefix).toBe('dns.example.org/');
    expect(zones[0]).toMatchObject({
      apex: 'gslb.example',
      nameservers: [
        { name: 'ns1.gslb.example', addresses: ['192.0.2.53', '2001:db8::53'] },
        { name: 'ns.example.org', addresses: [] },
      ],
      nsTtl: 86_400,
      soa: { mname: 'ns.example.org', rname: 'ops.example.org', refresh: 1, retry: 2, expire: 3, minimum: 4, ttl: 5 },
      records: [{ owner: 'www.gslb.example', ttl: 60, data: { type: 'CNAME', target: 'shop.gslb.example' } }],
    });
    expect(clusters.map(({ location }) => location)).toEqual([
      { lat: 50.11, lon: 8.68, country: 'DE', continent: 'EU' },
      { lat: 35.7, lon: 139.7, country: 'JP', continent: 'AS' },
    ]);
    expect(clusters[0]?.annotations).toEqual({ weight: '80' });
    expect(loaded.sources).toEqual([
      { cluster: 'a', manifests: '/srv/a' },
      { cluster: 'b', manifests: join(folder, 'b') },
    ]);
    expect(loaded.dns).toEqual({
      listen: [
        { host: '0.0.0.0', port: 53 },
        { host: '::1', port: 0 },
        { host: '::1', port: 0 },
      ],
      engine: 'portable',
      workers: 1,
      udpSize: 4096,
      identity: 'ns1',
      tcpConnections: 5,
      tcpIdleMs: 500,
    });
    expect(loaded.admin).toEqual({
      listen: { host: '::', port: 8053 },
      tokensFile: join(folder, 'tokens.yaml'),
      tls: {
        certificate: join(folder, 'tls/admin.pem'),
        key: join(folder, 'tls/admin.key'),
        clientCa: join(folder, 'tls/ca.pem'),
        clientCertificates: 'request',
      },
      clients: [
        { name: 'ops.example', scope: 'operate' },
        { name: 'spiffe://example.org/grafana', scope: 'read' },
      ],
      allow: ['10.0.0.0/8', '2001:db8::/32'],
    });
    expect(loaded.geoip.database).toBe(join(folder, 'city.mmdb'));
    expect(loaded.prober).toEqual({
      trustFile: join(folder, 'ca.pem'),
      concurrency: 7,
      headers: [],
      certificateWarningMs: 1_209_600_000,
      defaults: { intervalMs: 120_000, timeoutMs: 1000, rise: 1, fall: 1 },
      controls: [],
      breaker: { share: 0.5, windowMs: 10_000, atLeast: 4, longestMs: 900_000 },
    });
    expect(loaded.state.directory).toBe('/var/lib/azimuth');
    expect(loaded.log.level).toBe('trace');
  });

  test('control targets are monitors of their own, by addresses alone', async () => {
    const { prober } = await config(
      `${ZONE}\n${CLUSTER}\nprober: { control: ["tcp://192.0.2.1:443", "https://[2001:db8::1]:443/up"], breaker: { share: 30, window: 20s, at-least: 9, longest: 1h } }`,
    );
    expect(prober.controls).toMatchObject([
      { id: 'control:tcp://192.0.2.1:443', protocol: 'tcp', address: '192.0.2.1', host: '', intervalMs: 5000 },
      { id: 'control:https://[2001:db8::1]:443/up', address: '2001:db8::1', host: '2001:db8::1', path: '/up' },
    ]);
    expect(prober.breaker).toEqual({ share: 0.3, windowMs: 20_000, atLeast: 9, longestMs: 3_600_000 });
  });

  test('a section whose keys are all commented out has its defaults', async () => {
    expect((await config(`${ZONE}\n${CLUSTER}\ndns:\n  # listen: []\n`)).dns.udpSize).toBe(1232);
  });

  test('what it asks for in vain is a finding', async () => {
    const loaded = await load(`${ZONE}\n${CLUSTER}\ndns: { engine: portable, workers: 4 }`);
    expect(loaded).toMatchObject({
      kind: 'ok',
      findings: [
        { code: 'config-not-in-effect', origin: { line: 3 } },
        { code: 'zone-single-nameserver', origin: { line: 1 } },
      ],
    });
  });
});

describe('the environment', () => {
  test('overrides the file', async () => {
    const loaded = await config(`${ZONE}\n${CLUSTER}\nlog: { level: error }`, {
      AZIMUTH_DNS_LISTEN: '127.0.0.2:53, [::1]:53',
      AZIMUTH_ADMIN_LISTEN: '127.0.0.2:80',
      AZIMUTH_STATE_DIRECTORY: 'elsewhere',
      AZIMUTH_LOG_LEVEL: 'debug',
    });
    expect(loaded.dns.listen).toEqual([
      { host: '127.0.0.2', port: 53 },
      { host: '::1', port: 53 },
    ]);
    expect(loaded.admin.listen).toEqual({ host: '127.0.0.2', port: 80 });
    expect(loaded.state.directory).toBe(join(process.cwd(), 'elsewhere'));
    expect(loaded.log.level).toBe('debug');
  });

  test('an empty variable counts as not set', async () => {
    expect((await config(`${ZONE}\n${CLUSTER}`, { AZIMUTH_LOG_LEVEL: '' })).log.level).toBe('info');
  });

  test.each([
    [{ AZIMUTH_LOG_LEVEL: 'loud' }, 'AZIMUTH_LOG_LEVEL: expected one of trace, debug, info, warn, error, found "loud"'],
    [{ AZIMUTH_DNS_LISTEN: '127.0.0.1:53,x' }, 'AZIMUTH_DNS_LISTEN: expected an address and a port'],
    [{ AZIMUTH_DNS_LISTN: '127.0.0.1:53' }, 'did you mean AZIMUTH_DNS_LISTEN?'],
    [{ AZIMUTH_ADMIN_LISTEN: '192.0.2.1:80' }, 'expected a loopback address, or tokens.file or clients and tls'],
  ])('%j is a problem', async (env, expected) => {
    expect(await problems(`${ZONE}\n${CLUSTER}`, env)).toEqual([expect.stringContaining(expected)]);
  });

  test('never shows the value of a mistyped secret', async () => {
    const [problem = ''] = await problems(`${ZONE}\n${CLUSTER}`, { AZIMUTH_ADMIN_TOKN: 'hunter2' });
    expect(problem).toContain('did you mean AZIMUTH_ADMIN_TOKEN?');
    expect(problem).not.toContain('hunter2');
  });

  test('variables of others are left alone', async () => {
    const env = { AZIMUTH_ADMIN_TOKEN: 'x', AZIMUTH_DNS_PORT: 'tcp://10.0.0.1:53', AZIMUTH_SOMETHING_ELSE: 'x' };
    expect(await problems(`${ZONE}\n${CLUSTER}`, env)).toEqual([]);
  });
});

describe('a configuration that is wrong', () => {
  test.each([
    ['', 'azimuth.yaml: zones: expected a list of at least one zone, found nothing'],
    ['5', 'azimuth.yaml:1: expected a mapping with zones and clusters, found 5'],
    [`zones: []\n${CLUSTER}`, 'azimuth.yaml:1: zones: expected a list of at least one zone, found an empty list'],
    [`${ZONE}\nclusters: []`, 'azimuth.yaml:2: clusters: expected a list of at least one cluster, found an empty list'],
    [`${ZONE}\n${CLUSTER}\ndsn: {}`, 'azimuth.yaml:3: dsn: expected one of the keys zones, clusters'],
    [`${ZONE}\n${CLUSTER}\nmigration: { read: [k9gb] }`, 'expected one of external-dns, k8gb, kuadrant, found "k9gb"'],
    [
      `${ZONE}\n${CLUSTER}\nmigration: { external-dns-prefix: azimuth.dev/ }`,
      'migration.external-dns-prefix: expected a prefix that is not ours',
    ],
    [
      `${ZONE}\n${CLUSTER}\nmigration: { geotags: { e: ue } }`,
      'migration.geotags.e: expected the name of a cluster, found "ue"; did you mean "eu"?',
    ],
    [`${ZONE}\n${CLUSTER}\ndns: { lisen: [] }`, 'found "lisen"; did you mean "listen"?'],
    [`${ZONE}\n${CLUSTER}\n__proto__: { a: 1 }`, 'found "__proto__"'],
    [`${ZONE}\n${CLUSTER}\ndns: { listen: "127.0.0.1:53" }`, 'dns.listen: expected a list of 1 to 64 addresses'],
    [`${ZONE}\n${CLUSTER}\ndns: { listen: [localhost:53] }`, 'dns.listen[0]: expected an address and a port'],
    [`${ZONE}\n${CLUSTER}\ndns: { listen: ["::1:53"] }`, 'dns.listen[0]: expected an address and a port'],
    [`${ZONE}\n${CLUSTER}\ndns: { listen: ["127.0.0.1:65536"] }`, 'dns.listen[0]: expected an address and a port'],
    [`${ZONE}\n${CLUSTER}\ndns: { listen: ["[::1]:53", "[0::1]:53"] }`, 'dns.listen[1]: expected each address once'],
    [`${ZONE}\n${CLUSTER}\ndns: { engine: fast }`, 'dns.engine: expected one of auto, native, portable'],
    [
      `${ZONE}\n${CLUSTER}\ndns: { udp-size: 511 }`,
      'dns.udp-size: expected a whole number from 512 to 4096, found 511',
    ],
    [`${ZONE}\n${CLUSTER}\nadmin: { listen: "0.0.0.0:80" }`, 'admin.listen: expected a loopback address'],
    [`${ZONE}\n${CLUSTER}\nprober: { interval: 10 }`, 'expected a duration from 100ms to 1h like "10s", found 10'],
    [`${ZONE}\n${CLUSTER}\nprober: { interval: 1s }`, 'expected a timeout of at most the interval, 1s, found "3s"'],
    [
      `${ZONE}\n${CLUSTER}\nprober: { control: ["tcp://192.0.2.1:443", "https://one.example:443/"] }`,
      'prober.control[1]: expected a probe of an IP address and a port like "tcp://192.0.2.1:443"',
    ],
    [`${ZONE}\n${CLUSTER}\nprober: { control: ["dns://192.0.2.1:53/?type=A"] }`, 'prober.control[0]: expected a probe'],
    [
      `${ZONE}\n${CLUSTER}\nprober: { control: ["tcp://192.0.2.1:443", "tcp://192.0.2.1:443"] }`,
      'prober.control: expected a list of at most 16 different targets',
    ],
    [`${ZONE}\n${CLUSTER}\nprober: { breaker: { share: 0 } }`, 'expected a whole number from 1 to 100, found 0'],
    [`${ZONE}\n${CLUSTER}\nprober: { breaker: { longest: 1s } }`, 'prober.breaker.longest: expected a duration'],
    [`${ZONE}\n${CLUSTER}\nannotations: { prefix: azimuth.dev }`, 'and a slash like "azimuth.dev/"'],
    [`${ZONE}\n${CLUSTER}\nlog: { level: x }\nlog: {}`, 'azimuth.yaml:4: expected each key once, found "log" again'],
    [`${ZONE}\n${CLUSTER}\nlog: [`, 'azimuth.yaml:3: expected valid YAML'],
    [`${ZONE}\n---\n${CLUSTER}`, 'expected valid YAML'],
    [cluster('{ name: EU, location: { country: DE }, source: { manifests: x } }'), 'azimuth.yaml:3: clusters[0].name'],
    [
      cluster('{ name: eu, location: { lat: north, lon: 1, country: DE }, source: { manifests: x } }'),
      'azimuth.yaml:3: clusters[0].location.lat: expected a number from -90 to 90, found "north"',
    ],
    [cluster('{ name: eu, location: { lat: 91, lon: 1, country: DE }, source: { manifests: x } }'), 'found 91'],
    [cluster('{ name: eu, location: { lat: .nan, lon: 1, country: DE }, source: { manifests: x } }'), 'location.lat'],
    [cluster('{ name: eu, location: { lat: 1, country: DE }, source: { manifests: x } }'), 'found only lat'],
    [live('in-cluster: true').replace('country: DE', 'from-nodes: false'), 'found false'],
    [
      cluster('{ name: eu, location: { from-nodes: true }, source: { manifests: x } }'),
      'azimuth.yaml:3: clusters[0].location.from-nodes: expected a live cluster, which alone has nodes',
    ],
    [
      `${ZONE}\n${CLUSTER}\nfeedback: { status: on }`,
      'azimuth.yaml:3: feedback.status: expected one of off, annotation, found "on"',
    ],
    [`${ZONE}\n${CLUSTER}\nfeedback: { events: true }`, 'feedback.events: expected one of off, on, found true'],
    [cluster('{ name: eu, location: { lat: 1, lon: 1 }, source: { manifests: x } }'), 'found no country'],
    [cluster('{ name: eu, location: { country: XX }, source: { manifests: x } }'), 'found "XX"'],
    [cluster('{ name: eu, location: { region: eu-wst-1 }, source: { manifests: x } }'), 'did you mean "eu-west-1"?'],
    [cluster('{ name: eu, location: { region: eu-west-1, country: IE }, source: { manifests: x } }'), 'found both'],
    [cluster('{ name: eu, location: {}, source: { manifests: x } }'), 'found none of them'],
    [live('kubeconfig: x, manifests: y'), 'clusters[0].source: expected a folder of manifests like'],
    [live('in-cluster: false'), 'clusters[0].source.in-cluster: expected true'],
    [live('in-cluster: true, context: x'), 'clusters[0].source.context: expected no context'],
    [live('manifests: x, selector: a=b'), 'clusters[0].source.selector: expected a live cluster'],
    [live('kubeconfig: x, namespaces: [Shop]'), 'clusters[0].source.namespaces[0]: expected the name of a namespace'],
    [live('kubeconfig: x, selector: "a in b"'), 'clusters[0].source.selector: expected a label selector'],
    [live('kubeconfig: x, gateway-classes: []'), 'clusters[0].source.gateway-classes: expected a list of 1 to 64'],
    [cluster('{ name: eu, location: { country: DE }, source: {} }'), 'clusters[0].source: expected a folder'],
    [cluster('{ name: eu, location: { country: DE } }'), 'clusters[0].source: expected a source, found nothing'],
    [zone('name: "a..b", nameservers: { ns.example.org: [] }'), 'zones[0].name: expected a zone name, found "a..b"'],
    [zone('name: gslb.example, nameservers: {}'), 'zones[0].nameservers: expected name servers'],
    [zone('name: gslb.example, nameservers: { ns1: [192.0.2.1] }'), 'did you mean "ns1.gslb.example"?'],
    [zone('name: gslb.example, nameservers: { ns1.gslb.example: [] }'), 'expected at least one address'],
    [
      zone('name: gslb.example, nameservers: { ns1.gslb.example: [x] }'),
      '["ns1.gslb.example"][0]: expected an IP address',
    ],
    [
      zone('name: g.example, nameservers: { ns.example.org: [] }, soa: { rname: j.doe@x.org }'),
      'write "j\\\\.doe.x.org"',
    ],
    [zone('name: g.example, nameservers: { ns.example.org: [] }, records: ["a A x"]'), 'is not an IPv4 address'],
    [
      zone('name: g.example, nameservers: { ns.example.org: [] }, records: ["bad", "a A 192.0.2.1", "a CNAME b"]'),
      'zones[0].records[2]: expected records that go together',
    ],
  ])('%s', async (text, expected) => {
    expect(await problems(text)).toContainEqual(expect.stringContaining(expected));
  });

  test('all problems are named at once, in the order of their lines', async () => {
    const found = await problems(`
zones:
  - name: gslb.example
    nameservers: { ns1.gslb.example: [192.0.2.53] }
    soa: { minimum: -1 }
    records:
      - "www CNAME a"
      - "@ NS ns1"
  - name: GSLB.EXAMPLE
    nameservers: { ns.example.org: [] }
clusters:
  - { name: eu, location: { country: XX }, source: { manifests: x } }
  - { name: eu, location: { country: DE }, source: { manifest: x } }
dns: { udp-size: 1 }
prober: { rise: 0 }
`);
    expect(found.map((line) => line.replace(/: expected.*/, ''))).toEqual([
      'azimuth.yaml:5: zones[0].soa.minimum',
      'azimuth.yaml:8: zones[0].records[1]',
      'azimuth.yaml:9: zones[1].name',
      'azimuth.yaml:12: clusters[0].location.country',
      'azimuth.yaml:13: clusters[1].source.manifest',
      'azimuth.yaml:13: clusters[1].name',
      'azimuth.yaml:14: dns.udp-size',
      'azimuth.yaml:15: prober.rise',
    ]);
  });

  test('a file that is missing, a folder, not UTF-8 or too large', async () => {
    const missing = await loadConfig(join(folder, 'nope.yaml'), {});
    expect(missing).toMatchObject({ kind: 'invalid', problems: [{ found: expect.stringContaining('ENOENT') }] });
    const directory = await loadConfig(folder, {});
    expect(directory).toMatchObject({ kind: 'invalid', problems: [{ found: 'something that is no file' }] });
    expect(await problems(Uint8Array.of(0xff, 0xfe, 0xfd))).toHaveLength(1);
    expect(await problems('#'.repeat(MAX_CONFIG_OCTETS + 1))).toEqual([expect.stringContaining('1048577 octets')]);
  });

  test.each([
    ['nested braces', '{'.repeat(20_000)],
    ['complex keys', `${'? '.repeat(20_000)}a`],
    ['nested lists', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['40 levels', `a: ${'['.repeat(40)}${']'.repeat(40)}`],
    ['50,000 keys', Array.from({ length: 50_000 }, (_, index) => `k${index}: v`).join('\n')],
    [
      'an alias bomb',
      Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`${i === 0 ? 'x' : `*a${i - 1}`}, `.repeat(9)}]`).join(
        '\n',
      ),
    ],
  ])(
    'a hostile file ends in a problem, soon: %s',
    async (_, text) => {
      expect(await problems(text)).not.toEqual([]);
    },
    10_000,
  );
});

describe('the tables', () => {
  test('every key has a type and a help text, and the defaults are those that hold', () => {
    const keys = describeConfig();
    expect(keys.filter(({ type, help }) => type === '' || help === '')).toEqual([]);
    expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
    const byKey = new Map(keys.map((row) => [row.key, row]));
    expect(byKey.get('dns.udp-size')).toMatchObject({
      default: '1232',
      unit: 'octets',
      type: 'a whole number from 512 to 4096',
    });
    expect(byKey.get('zones[].name')?.default).toBe('required');
    expect(byKey.get('zones[].soa.mname')?.default).toBe('the first name server');
    expect(byKey.get('zones[].nameservers.<name>[]')?.default).toBe('required');
    expect(byKey.get('dns.listen[]')?.default).toBe('["127.0.0.1:5353"]');
  });

  test('every region lies on Earth and in a known country', () => {
    expect(REGIONS.size).toBeGreaterThanOrEqual(60);
    for (const [name, { lat, lon, country }] of REGIONS) {
      expect(Math.abs(lat), name).toBeLessThan(90);
      expect(Math.abs(lon), name).toBeLessThan(180);
      expect(continentOf(country), name).not.toBe('');
    }
  });
});

describe('teams', () => {
  const two =
    'clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }, { name: us, location: { country: US }, source: { manifests: us } }]';
  const teams = (...entries: readonly string[]): string => {
    return `${ZONE}\n${two}\nteams:\n${entries.map((entry) => `  - { ${entry} }`).join('\n')}\n`;
  };

  test('are part of the declaration; a zone is its apex and all below', async () => {
    const { declaration } = await config(
      teams(
        'name: shop, namespaces: [shop, "shop-*"], hostnames: [SHOP.gslb.example., "*.shop.gslb.example"]',
        'name: core, namespaces: [infra], clusters: [eu], zones: [gslb.example]',
      ),
    );
    expect(declaration.teams).toEqual([
      {
        name: 'shop',
        namespaces: ['shop', 'shop-*'],
        clusters: [],
        hostnames: ['shop.gslb.example', '*.shop.gslb.example'],
      },
      { name: 'core', namespaces: ['infra'], clusters: ['eu'], hostnames: ['gslb.example', '*.gslb.example'] },
    ]);
    expect((await config(`${ZONE}\n${CLUSTER}\n`)).declaration).not.toHaveProperty('teams');
  });

  test.each([
    [
      ['name: a, namespaces: ["x-*"]', 'name: b, namespaces: ["*-y"]'],
      'azimuth.yaml:5: teams[1].namespaces[0]: expected namespaces of one team only, found "*-y", which meets "x-*" of team a',
    ],
    [
      ['name: a, namespaces: [x]', 'name: a, namespaces: [y]'],
      'azimuth.yaml:5: teams[1].name: expected a team name that is used once, found "a" again',
    ],
    [
      [
        'name: a, namespaces: [x], hostnames: [s.gslb.example]',
        'name: b, namespaces: [y], hostnames: [S.gslb.example]',
      ],
      'azimuth.yaml:5: teams[1].hostnames[0]: expected what no other team has, found "S.gslb.example", which team a has as "s.gslb.example"',
    ],
    [
      ['name: a, namespaces: [x], zones: [gslb.exmaple]'],
      'azimuth.yaml:4: teams[0].zones[0]: expected the name of a zone, found "gslb.exmaple"; did you mean "gslb.example"?',
    ],
    [
      ['name: a, namespaces: [x], hostnames: [a.example.com]'],
      'azimuth.yaml:4: teams[0].hostnames[0]: expected a hostname in one of the zones, found "a.example.com"',
    ],
    [
      ['name: a, namespaces: ["*x*"]'],
      'azimuth.yaml:4: teams[0].namespaces[0]: expected a namespace with at most one `*`, found "*x*"',
    ],
    [
      ['name: a, namespaces: [x], clusters: [ue]'],
      'azimuth.yaml:4: teams[0].clusters[0]: expected the name of a cluster, found "ue"; did you mean "eu"?',
    ],
    [
      ['name: A b, namespaces: [x]'],
      'azimuth.yaml:4: teams[0].name: expected a team name of at most 63 lower-case letters, digits and hyphens, found "A b"',
    ],
    [
      ['name: a, namespaces: []'],
      'azimuth.yaml:4: teams[0].namespaces: expected a list of 1 to 64 namespaces, found an empty list',
    ],
  ])('%j are refused with their place', async (entries, problem) => {
    expect(await problems(teams(...entries))).toEqual([problem]);
  });

  test('may have the same namespace in different clusters', async () => {
    const { declaration } = await config(
      teams('name: a, namespaces: [x], clusters: [eu]', 'name: b, namespaces: [x], clusters: [us]'),
    );
    expect(declaration.teams?.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});
