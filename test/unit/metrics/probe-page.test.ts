import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Monitor } from '../../../src/core/desired/model.ts';
import type { MonitorHealth, ProbeResult } from '../../../src/core/health/monitor-health.ts';
import { UNSEEN } from '../../../src/core/health/told.ts';
import { probePage } from '../../../src/metrics/probe-page.ts';
import { targetOf, targetsOf } from '../../../src/metrics/probe-targets.ts';
import { MODEL, NOW } from '../admin/director-fixture.ts';

/** Prometheus' own checker of metrics; not every machine has it. */
const PROMTOOL: string = 'promtool';

const EU: Monitor = MODEL.monitors[0]!;
const TARGET = 'https://shop.gslb.example:443/healthz#203.0.113.1';
const SEEN: ProbeResult = {
  monitor: EU.id,
  at: NOW,
  durationMs: 20,
  phases: { connectMs: 2, tlsMs: 5, firstByteMs: 10 },
  sight: { status: 204, tlsVersion: 'TLSv1.3', certificateEndsAt: NOW + 1_000 },
  outcome: { kind: 'success' },
};
const LOST: ProbeResult = {
  monitor: EU.id,
  at: NOW,
  durationMs: 3_000,
  outcome: { kind: 'failure', failure: 'timeout', detail: '' },
};

function believed(last: ProbeResult): MonitorHealth {
  return { ...UNSEEN, state: 'up', last };
}

async function pageOf(...all: readonly (readonly [Monitor, ProbeResult])[]): Promise<readonly string[]> {
  const health = new Map(all.map(([{ id }, last]) => [id, believed(last)]));
  const { body } = await probePage({ monitors: all.map(([monitor]) => monitor), health });
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the page of the probes', () => {
  it('says what the blackbox exporter says of an HTTPS probe', async () => {
    const of = `instance="${TARGET}"`;
    expect(await pageOf([EU, SEEN])).toEqual([
      `probe_success{${of}} 1`,
      `probe_duration_seconds{${of}} 0.02`,
      `probe_dns_lookup_time_seconds{${of}} 0`,
      `probe_ip_protocol{${of}} 4`,
      `probe_http_status_code{${of}} 204`,
      `probe_http_version{${of}} 1.1`,
      `probe_http_ssl{${of}} 1`,
      `probe_http_duration_seconds{${of},phase="connect"} 0.002`,
      `probe_http_duration_seconds{${of},phase="tls"} 0.005`,
      `probe_http_duration_seconds{${of},phase="processing"} 0.01`,
      `probe_http_duration_seconds{${of},phase="transfer"} 0.003`,
      `probe_ssl_earliest_cert_expiry{${of}} ${NOW / 1000 + 1}`,
      `probe_tls_version_info{${of},version="TLS 1.3"} 1`,
    ]);
  });

  it('says whether a text was missing where one is looked for, and of no TLS where there is none', async () => {
    const plain: Monitor = { ...EU, protocol: 'http', port: 80, expect: { kind: 'body', text: 'fine' } };
    const missing: ProbeResult = { ...SEEN, outcome: { kind: 'failure', failure: 'body', detail: '' } };
    const of = 'instance="http://shop.gslb.example:80/healthz#203.0.113.1"';
    expect(await pageOf([plain, missing])).toContain(`probe_failed_due_to_regex{${of}} 1`);
    const page = await pageOf([plain, SEEN]);
    expect(page).toContain(`probe_failed_due_to_regex{${of}} 0`);
    expect(page.filter((line) => line.includes('phase='))).toHaveLength(3);
  });

  it('says of a silent server that there was no status and no certificate', async () => {
    const page = await pageOf([EU, LOST]);
    expect(page).toContain(`probe_success{instance="${TARGET}"} 0`);
    expect(page).toContain(`probe_http_status_code{instance="${TARGET}"} 0`);
    expect(page.filter((line) => /ssl_earliest|tls_version/.test(line))).toEqual([]);
  });

  it('says nothing of HTTP where none is spoken, and nothing at all of who was not probed', async () => {
    const tcp: Monitor = { ...EU, id: 'tcp', protocol: 'tcp', host: '', address: '2001:db8::1', port: 5432 };
    const page = await pageOf([tcp, { ...SEEN, sight: {} }]);
    expect(page).toEqual([
      'probe_success{instance="tcp://[2001:db8::1]:5432"} 1',
      'probe_duration_seconds{instance="tcp://[2001:db8::1]:5432"} 0.02',
      'probe_dns_lookup_time_seconds{instance="tcp://[2001:db8::1]:5432"} 0',
      'probe_ip_protocol{instance="tcp://[2001:db8::1]:5432"} 6',
    ]);
    const { body } = await probePage({ monitors: MODEL.monitors, health: new Map() });
    expect(body).not.toMatch(/^probe_/m);
  });

  it('has one series of monitors that differ in their judgement alone: one that failed, whichever comes first', async () => {
    const strict: Monitor = { ...EU, id: 'strict', fall: 1 };
    const pages = [await pageOf([EU, SEEN], [strict, LOST]), await pageOf([strict, LOST], [EU, SEEN])];
    for (const page of pages) {
      expect(page.filter((line) => line.startsWith('probe_success'))).toEqual([
        `probe_success{instance="${TARGET}"} 0`,
      ]);
    }
  });

  it('shows what is measured where it is not believed', async () => {
    const health = new Map([[EU.id, { ...believed(SEEN), withheld: { ...believed(LOST), state: 'down' as const } }]]);
    const { body } = await probePage({ monitors: [EU], health });
    expect(body).toContain(`probe_success{instance="${TARGET}"} 0`);
  });

  it('escapes what a path holds, and stops at 5000 targets', async () => {
    const health = new Map<string, MonitorHealth>();
    const monitors = Array.from({ length: 5_100 }, (_, i) => {
      const monitor: Monitor = { ...EU, id: `m${i}`, path: `/"\n${i}` };
      health.set(monitor.id, believed(SEEN));
      return monitor;
    });
    const { body } = await probePage({ monitors, health });
    expect(body.match(/^probe_success\{/gm)).toHaveLength(5_000);
    expect(targetsOf(monitors).leftOut).toBe(100);
    const again = monitors.map((monitor) => ({ ...monitor, id: `${monitor.id}-again`, fall: 9 }));
    expect(targetsOf([...monitors, ...again]).leftOut).toBe(100);
    expect(body).toContain(String.raw`probe_success{instance="https://shop.gslb.example:443/\"\n0#203.0.113.1"} 1`);
  });

  it('forgets targets that are gone', async () => {
    await probePage({ monitors: [EU], health: new Map([[EU.id, believed(SEEN)]]) });
    expect((await probePage({ monitors: [], health: new Map() })).body).not.toContain('probe_success{');
  });

  it('names a target without a host by its address', () => {
    expect(targetOf({ ...EU, host: '' })).toBe('https://203.0.113.1:443/healthz');
    expect(targetOf({ ...EU, protocol: 'grpc', path: 'health' })).toBe('grpc://shop.gslb.example:443#203.0.113.1');
  });

  it('shows no value of a query, and none of what looks like a secret: two that differ in it alone stay two', async () => {
    const target = (path: string) => targetOf({ ...EU, host: '', path });
    const paths = [
      '/health?access_token=QZ17&key=QZ27',
      '/health?access_token=QZ17&key=QZ28',
      '/health?QZ17',
      '/health;jsessionid=QZ17',
      '/x?a=b?QZ17=QZ18&',
      '/proxy/https://bob:QZ17@a.example/',
      '/health?redirect=https://bob:QZ17@a.example/?token=QZ18',
    ];
    const targets = paths.map(target);
    expect(targets[0]).toMatch(/^https:\/\/203\.0\.113\.1:443\/health\?access_token=…&key=…~[\da-f]{6}$/);
    expect(new Set(targets).size).toBe(paths.length);
    expect(targets.filter((text) => /QZ(17|2\d)/.test(text))).toEqual([]);
    expect(['/healthz', '/a.b/c-1_d', '/'].map(target)).toEqual(
      ['/healthz', '/a.b/c-1_d', '/'].map((path) => `https://203.0.113.1:443${path}`),
    );
    const [first, second] = paths.map((path): Monitor => ({ ...EU, id: path, path }));
    const page = await pageOf([first!, SEEN], [second!, LOST]);
    expect(page.filter((line) => line.startsWith('probe_success')).map((line) => line.at(-1))).toEqual(['1', '0']);
  });

  describe('where paths are hostile', () => {
    /** So many names may be looked through for secrets before others have their turn. */
    const SOUGHT_IN_A_TURN = 200;
    const hostile = (count: number) =>
      Array.from({ length: count }, (_, i): Monitor => ({ ...EU, id: `h${i}`, path: `/${i}${'//:a'.repeat(120)}` }));

    /** Counts the names that are looked through: whoever else calls the same method is not counted. */
    const countSought = () => {
      const called = vi.spyOn(String.prototype, 'matchAll');
      return () => called.mock.contexts.filter((text) => String(text).includes('//:a')).length;
    };

    afterEach(() => {
      vi.restoreAllMocks();
    });

    it('looks for no secret to count the targets that are left out', () => {
      const sought = countSought();
      expect(targetsOf(hostile(5_100)).leftOut).toBe(100);
      expect(sought()).toBe(0);
      targetOf(hostile(1)[0]!);
      expect(sought()).toBe(1);
    });

    it('names those on the page alone, once for a model, in turns with the others', async () => {
      const monitors = hostile(5_100);
      const sought = countSought();
      const making = { isOver: false };
      const pages = Promise.all([1, 2].map(() => probePage({ monitors, health: new Map() }))).finally(() => {
        making.isOver = true;
      });
      const afterTurns = [0, sought()];
      while (!making.isOver) {
        await nextTurn();
        afterTurns.push(sought());
      }
      await pages;
      const inTurns = afterTurns.slice(1).map((count, turn) => count - afterTurns[turn]!);
      expect(Math.max(...inTurns)).toBeLessThanOrEqual(SOUGHT_IN_A_TURN);
      await probePage({ monitors, health: new Map() });
      expect(sought()).toBe(5_000);
    });
  });

  const isInstalled = spawnSync(PROMTOOL, ['--version']).error === undefined;
  it.skipIf(!isInstalled)('can be read by Prometheus (skipped where promtool is not installed)', async () => {
    const { body } = await probePage({ monitors: [EU], health: new Map([[EU.id, believed(SEEN)]]) });
    const { stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: body, encoding: 'utf8' });
    // The lint is about names, which are those of the blackbox exporter; a fault of the format is another message.
    expect(stdout + stderr).not.toMatch(/error while linting|parse/);
  });
});
