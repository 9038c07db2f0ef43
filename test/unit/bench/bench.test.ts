import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judge, type Sighting } from '../../../bench/check.ts';
import { percentile } from '../../../bench/control/report.ts';
import { enginePart, scalingOf } from '../../../bench/engine/report.ts';
import { parseDnsperf } from '../../../bench/generator/load.ts';
import { perQuery, type Sample } from '../../../bench/measure.ts';
import { peersPart, replacePart } from '../../../bench/page.ts';
import type { Peer, Site } from '../../../bench/peers/peer.ts';
import { allPeers } from '../../../bench/peers/table.ts';
import { parseRollup, parseStat } from '../../../bench/process.ts';
import { median, pairedRatio, tables, totalUs } from '../../../bench/report.ts';
import { CLUSTERS, cityDatabase, clusterFor, hostnames, SOURCES, vipOf } from '../../../bench/world.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { placeIndex, placeOfAddress } from '../../../src/core/snapshot/place-trie.ts';
import { readPlaces } from '../../../src/geo/read-places.ts';

const database = cityDatabase();
const peers = allPeers({ why: 'not compiled' });
let site: Site;
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'azimuth-bench-test-'));
  site = { folder, host: '127.0.0.1', port: 5399, database: join(folder, 'city.mmdb') };
  writeFileSync(site.database, database);
});
afterAll(() => rmSync(site.folder, { recursive: true }));

const peer = (id: string): Peer => peers.find((each) => each.id === id)!;
const textOf = (id: string, path: string): string => String(peer(id).files(site).get(path));

describe('the world of the bench', () => {
  it('has a database in which every sampled client is nearest to the cluster that is called right', () => {
    const table = { ...readPlaces(database), source: 'test' };
    const clients = Array.from({ length: 500 }, (_, i) => `10.${(i * 37) & 255}.${(i * 101) & 255}.0`);
    const seen = new Set<number>();
    for (const client of [...clients, ...SOURCES]) {
      const place = table.places[placeOfAddress(table, client)!.place]!;
      const { lat, lon } = place.kind === 'known' ? place : { lat: 90, lon: 0 };
      const distances = CLUSTERS.map((cluster) => chord(lat, lon, cluster.lat, cluster.lon));
      expect(distances.indexOf(Math.min(...distances)), client).toBe(clusterFor(client));
      expect(place).toMatchObject({ continent: CLUSTERS[clusterFor(client)]!.continent });
      seen.add(clusterFor(client));
    }
    expect(seen.size).toBe(CLUSTERS.length);
    expect(placeIndex(table.v4[0]!)).toBe(0);
  });

  it('gives every name its own VIP in every cluster', () => {
    const names = [0, 1, 255, 256, 999, 65_535, 65_536, 99_999];
    const vips = names.flatMap((name) => Array.from({ length: 50 }, (_, cluster) => vipOf(name, cluster)));
    expect(new Set(vips).size).toBe(vips.length);
    expect(vips.every((vip) => vip.split('.').every((octet) => Number(octet) <= 255))).toBe(true);
  });
});

describe('what the peers are configured with', () => {
  it('is the same names and VIPs everywhere', () => {
    const whole: Record<string, readonly string[]> = {
      'azimuth-native': CLUSTERS.map(({ name }) => `${name}/gateways-750.yaml`),
      gdnsd: ['config'],
      knot: ['geo.conf'],
      powerdns: ['zones.yaml'],
      bind: CLUSTERS.map(({ key }) => `${key}.zone`),
    };
    for (const [id, files] of Object.entries(whole)) {
      const text = files.map((file) => textOf(id, file)).join('\n');
      for (const cluster of CLUSTERS.keys()) expect(text, id).toContain(vipOf(999, cluster));
    }
    expect(textOf('nsd', 'zone')).toContain(`host-999.gslb.example. 30 IN A ${vipOf(999, 0)}`);
    expect(textOf('gdnsd', 'zones/gslb.example')).toContain('host-999.gslb.example. 30 DYNA geoip!r999');
  });

  it('is one thread on the address of the site', () => {
    expect(textOf('gdnsd', 'config')).toMatch(/listen => 127\.0\.0\.1:5399, udp_threads => 1/);
    expect(textOf('nsd', 'nsd.conf')).toMatch(/port: 5399\n\s+server-count: 1/);
    expect(textOf('knot', 'knot.conf')).toMatch(/listen: 127\.0\.0\.1@5399\n\s+udp-workers: 1/);
    expect(textOf('powerdns', 'pdns.conf')).toMatch(/local-port=5399\nreceiver-threads=1/);
    expect(textOf('bind', 'named.conf')).toContain('listen-on port 5399 { 127.0.0.1; }');
    expect(peer('bind').command(site).join(' ')).toContain('-n 1');
  });

  it('is a configuration that Azimuth accepts and YAML that PowerDNS can read', async () => {
    const file = join(site.folder, 'azimuth.yaml');
    writeFileSync(file, textOf('azimuth-native', 'azimuth.yaml'));
    const loaded = await loadConfig(file, {});
    expect(loaded).toMatchObject({ kind: 'ok', config: { dns: { engine: 'native', workers: 1 } } });
    const { domains } = parse(textOf('powerdns', 'zones.yaml'));
    expect(domains[0].services['host-7.gslb.example']).toEqual(['%cn.host-7.gslb.example']);
    expect(domains[0].records['as.host-7.gslb.example']).toEqual([{ a: vipOf(7, 2) }]);
  });

  it('names a missing program as missing', () => {
    expect(peer('echo').find()).toEqual({ kind: 'missing', why: 'not compiled' });
  });
});

describe('the verdict on answers', () => {
  const sighting = (subnet: string | undefined, source: string, cluster: number): Sighting => {
    return { name: 3, subnet, source, cluster, said: cluster < 0 ? 'silence' : vipOf(3, cluster) };
  };
  const clients = ['10.1.2.0', '10.200.7.0', '10.77.16.0', '10.9.240.0', undefined];
  const all = (choose: (subnet: string | undefined, source: string) => number): readonly Sighting[] =>
    SOURCES.flatMap((source) => clients.map((subnet) => sighting(subnet, source, choose(subnet, source))));

  it('knows steering by subnet, by source and none', () => {
    expect(judge(all((subnet, source) => clusterFor(subnet ?? source))).kind).toBe('by-subnet');
    expect(judge(all((_, source) => clusterFor(source))).kind).toBe('by-source');
    expect(judge(all(() => 0)).kind).toBe('static');
  });

  it('is "wrong" for one wrong answer among many and for silence', () => {
    const right = all((subnet, source) => clusterFor(subnet ?? source));
    const last = right.at(-1)!;
    const wrong = { ...last, cluster: (last.cluster + 1) % 3 };
    expect(judge([...right.slice(0, -1), wrong])).toMatchObject({
      kind: 'wrong',
      why: expect.stringContaining('host-3'),
    });
    expect(judge([...right, sighting(undefined, SOURCES[0]!, -1)])).toMatchObject({ kind: 'wrong' });
  });
});

describe('the figures', () => {
  const sample = (id: string, round: number, more: Partial<Sample> = {}): Sample => ({
    peer: id,
    round,
    workload: 'subnets',
    userUs: 1,
    systemUs: 3,
    qps: 1000,
    lost: 0,
    wrong: 0,
    p50Us: 30,
    p99Us: 90,
    memory: 50e6,
    ...more,
  });

  it('are read from /proc whatever the process is called', () => {
    const stat = `42 (a ) b (c)) S ${Array.from({ length: 49 }, (_, i) => i + 4).join(' ')}`;
    expect(parseStat(stat)).toEqual({ user: 0.14, system: 0.15 });
    const rollup = 'Rss:  300 kB\nPss: 200 kB\nPrivate_Clean:   10 kB\nPrivate_Dirty:   40 kB\n';
    expect(parseRollup(rollup)).toEqual({ resident: 300 * 1024, own: 50 * 1024 });
  });

  it('count CPU per answered query, not per sent one', () => {
    const result = { sent: 2000, answered: 1000, wrong: 1, lost: 999, unexpected: 0, seconds: 2, p50Us: 0, p99Us: 0 };
    const figures = perQuery({ user: 1, system: 1 }, { user: 1.001, system: 1.004 }, result);
    expect(figures.userUs).toBeCloseTo(1);
    expect(figures.systemUs).toBeCloseTo(4);
    expect(figures).toMatchObject({ qps: 500, lost: 999, wrong: 1 });
  });

  it('are medians, and ratios paired within a round', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
    expect([percentile([1, 2, 3, 4], 0.5), percentile([5], 0.99)]).toEqual([2, 5]);
    // The machine is twice as slow in the second round: unpaired medians would say 0.75.
    const samples = [
      sample('x', 0, { userUs: 1, systemUs: 1 }),
      sample('gdnsd', 0, { userUs: 2, systemUs: 2 }),
      sample('x', 1, { userUs: 2, systemUs: 2 }),
      sample('gdnsd', 1, { userUs: 4, systemUs: 4 }),
      sample('x', 2, { userUs: 9, systemUs: 9 }),
      sample('gdnsd', 2, { qps: 0 }),
    ];
    expect(pairedRatio(samples, 'x', 'gdnsd', totalUs)).toBe(0.5);
    expect(pairedRatio(samples, 'x', 'nobody', totalUs)).toBeNaN();
  });

  it('make a table with a row for each server that was measured, and name the others', () => {
    const named = (id: string) => ({ id, title: id.toUpperCase(), version: '1', steers: 'by ECS and source' });
    const measured = [named('gdnsd'), named('mine'), named('never')];
    const samples = [sample('gdnsd', 0), sample('mine', 0, { userUs: 0.4, lost: 3 })];
    const text = tables(measured, samples);
    expect(text).toContain('| MINE | by ECS and source | 0.40 | 3.00 | 3.40 | 0.85 | – | 1,000 | 3 | 0 | 50 |');
    expect(text).not.toContain('NEVER');
    const machine = { cpu: 'cpu', cores: 2, memoryGb: 4, kernel: 'linux', date: '2026-01-01', load: 0 };
    const absent = [{ title: 'Other', why: 'not installed' }];
    const about = {
      machine,
      plan: { rounds: 1, seconds: 1 },
      generator: 'g',
      peers: measured,
      absent,
      remark: 'Rough.',
    };
    const page = peersPart(about, text);
    expect(page).toContain('- Other: not installed');
    expect(page).toContain('**Rough.**');
  });

  it('keep the other part of the page', () => {
    const both = replacePart(replacePart('', 'peers', '# Benchmarks\n\none'), 'rest', 'two');
    expect(both).toBe('# Benchmarks\n\none\n\n## Benchmarks of the rest\n\ntwo\n');
    expect(replacePart(both, 'peers', '# Benchmarks\n\nthree')).toContain('three\n\n## Benchmarks of the rest\n\ntwo');
    expect(replacePart(both, 'rest', 'four')).toBe('# Benchmarks\n\none\n\n## Benchmarks of the rest\n\nfour\n');
  });

  it('keep all parts of the page in their order, whatever is written first', () => {
    const parts = [
      ['rest', 'three'],
      ['engine', 'two'],
      ['peers', '# Benchmarks\n\none'],
      ['engine', '2'],
    ] as const;
    expect(parts.reduce((page, [part, text]) => replacePart(page, part, text), '')).toBe(
      '# Benchmarks\n\none\n\n## The native engine by itself\n\n2\n\n## Benchmarks of the rest\n\nthree\n',
    );
  });

  it('of two workers are their queries per second by those of one, paired within a round', () => {
    const scaling = (workers: number, round: number, qps: number) => {
      return { workers, round, cpuUs: 5, qps, lost: 0, wrong: 0 };
    };
    const samples = [
      scaling(1, 0, 500),
      scaling(2, 0, 800),
      scaling(2, 1, 1000),
      scaling(1, 1, 500),
      scaling(1, 2, 1000),
      scaling(2, 2, 1800),
    ];
    expect(scalingOf(samples)).toBe(1.8);
    const machine = { cpu: 'cpu', cores: 2, memoryGb: 4, kernel: 'linux', date: '2026-01-01', load: 0 };
    const [usedBefore, usedMost, usedAfter, allocated] = [1024, 4096, 2048, 1000];
    const heap = { queries: 2000, usedBefore, usedMost, usedAfter, allocated, deoptimisations: ['code-deopt,1'] };
    const text = enginePart(machine, samples, heap, '');
    expect(text).toContain('| 2 workers | 5.00 | 1,000 | 0 | 0 |');
    expect(text).toContain('Scaling: **1.80**');
    expect(text).toMatch(
      /1 KiB of heap used before, 4 KiB at most between, 2 KiB after; 1 KiB\nallocated in all, which is 0\.500/,
    );
    expect(text).toContain('- `code-deopt,1`');
  });

  it('come from dnsperf too, where there is no compiler', () => {
    const text = `
  Queries sent:         1000
  Queries completed:    990 (99.00%)
  Queries lost:         10 (1.00%)
  Response codes:       NOERROR 980 (98.99%), REFUSED 10 (1.01%)
  Run time (s):         2.000000`;
    expect(parseDnsperf(text)).toMatchObject({ sent: 1000, answered: 980, wrong: 10, lost: 10, seconds: 2 });
  });

  it('are of 1,000 names', () => expect(hostnames()).toHaveLength(1000));
});

/** Grows with the distance: the square of the straight line through the globe. */
function chord(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const point = (lat: number, lon: number): readonly number[] => {
    const [a, b] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
    return [Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a)];
  };
  const [p, q] = [point(lat1, lon1), point(lat2, lon2)];
  return p.reduce((sum, value, axis) => sum + (value - q[axis]!) ** 2, 0);
}
