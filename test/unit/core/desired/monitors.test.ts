import { describe, expect, test } from 'vitest';
import type { Model, Monitor } from '../../../../src/core/desired/model.ts';
import { codes, endpointOf, gateway, HTTP, HTTPS, hostnameOf, listener, modelOf, route } from './pictures.ts';

const NAMES = ['shop.gslb.example'];

function monitorOf(model: Model, name = 'shop.gslb.example'): Monitor | undefined {
  return model.monitors.find((monitor) => monitor.id === endpointOf(model, 'eu', name).monitor);
}

describe('the default probe', () => {
  const tls = listener('tls', 8443, 'TLS', { hostname: 'shop.gslb.example', tls: { mode: 'Passthrough' } });
  test.each([
    [
      'HTTPS before HTTP',
      [HTTP, HTTPS],
      'HTTPRoute',
      { protocol: 'https', port: 443, path: '/', host: 'shop.gslb.example' },
    ],
    ['HTTP', [HTTP], 'HTTPRoute', { protocol: 'http', port: 80, path: '/', host: 'shop.gslb.example' }],
    ['the lowest port', [listener('b', 8443, 'HTTPS'), HTTPS], 'HTTPRoute', { protocol: 'https', port: 443 }],
    ['TLS', [tls], 'TLSRoute', { protocol: 'tcp', port: 8443, path: '', host: '' }],
    [
      'TCP',
      [listener('db', 5432, 'TCP', { hostname: 'shop.gslb.example' })],
      'HTTPRoute',
      { protocol: 'tcp', port: 5432 },
    ],
    [
      'HTTPS that is passed through',
      [listener('p', 443, 'HTTPS', { tls: { mode: 'Passthrough' } })],
      'HTTPRoute',
      { protocol: 'tcp', port: 443 },
    ],
    ['gRPC alone, where GET / is answered by an error', [HTTPS], 'GRPCRoute', { protocol: 'tcp', port: 443, host: '' }],
  ])('%s', (_, listeners, kind, expected) => {
    const model = modelOf(gateway('edge', { listeners }), route('shop', NAMES, { kind }));
    expect(monitorOf(model)).toMatchObject({
      address: '192.0.2.1',
      intervalMs: 10_000,
      timeoutMs: 3000,
      rise: 2,
      fall: 3,
      ...expected,
    });
    expect(monitorOf(model)?.expect).toEqual({ kind: 'status', ranges: [[200, 399]] });
  });

  test('looks at the listeners of the hostname, not at the others', () => {
    const listeners = [HTTP, listener('api', 443, 'HTTPS', { hostname: 'api.gslb.example' })];
    const model = modelOf(gateway('edge', { listeners }), route('all', [...NAMES, 'api.gslb.example']));
    expect(monitorOf(model)?.protocol).toBe('http');
    expect(monitorOf(model, 'api.gslb.example')?.protocol).toBe('https');
  });

  test('looks at the listeners of the address, not at those of another Gateway', () => {
    const model = modelOf(
      gateway('edge', { listeners: [HTTPS] }),
      gateway('plain', { addresses: ['192.0.2.2'] }),
      route('shop', NAMES, { parents: [{ name: 'edge' }, { name: 'plain' }] }),
    );
    expect(model.monitors.map((monitor) => `${monitor.protocol} ${monitor.address}`)).toEqual([
      'http 192.0.2.2',
      'https 192.0.2.1',
    ]);
  });

  test('a wildcard is probed under a name of its own', () => {
    const model = modelOf(gateway('edge', { listeners: [HTTPS] }), route('apps', ['*.apps.gslb.example']));
    expect(monitorOf(model, '*.apps.gslb.example')?.host).toBe('azimuth-probe.apps.gslb.example');
  });

  test('there is none where only UDP is spoken', () => {
    const model = modelOf(
      gateway('edge', { listeners: [listener('dns', 53, 'UDP', { hostname: 'shop.gslb.example' })] }),
    );
    expect(endpointOf(model).monitor).toBe('unchecked');
    expect(model.monitors).toEqual([]);
  });
});

describe('a probe by annotation', () => {
  const watched = (annotations: Readonly<Record<string, string>>): Model =>
    modelOf(gateway('edge', { annotations }), route('shop', NAMES));

  test('is what the annotations say', () => {
    const model = watched({
      probe: 'https://:8443/healthz',
      'probe-interval': '1s',
      'probe-timeout': '500ms',
      'probe-rise': '1',
      'probe-fall': '5',
      'probe-expect': 'body:ok',
    });
    expect(monitorOf(model)).toEqual({
      id: endpointOf(model).monitor,
      protocol: 'https',
      address: '192.0.2.1',
      port: 8443,
      host: 'shop.gslb.example',
      path: '/healthz',
      expect: { kind: 'body', text: 'ok' },
      intervalMs: 1000,
      timeoutMs: 500,
      rise: 1,
      fall: 5,
    });
  });

  test('none is unchecked', () => {
    const model = watched({ probe: 'none' });
    expect(endpointOf(model).monitor).toBe('unchecked');
    expect(model.monitors).toEqual([]);
  });

  test('a timeout is never longer than the interval; only a stated one is worth a word', () => {
    const stated = watched({ 'probe-interval': '1s', 'probe-timeout': '2s' });
    expect(monitorOf(stated)?.timeoutMs).toBe(1000);
    expect(codes(stated)).toEqual(['policy-without-effect']);
    const silent = watched({ 'probe-interval': '1s' });
    expect(monitorOf(silent)?.timeoutMs).toBe(1000);
    expect(silent.findings).toEqual([]);
  });
});

describe('judgement by annotation', () => {
  const watched = (annotations: Readonly<Record<string, string>>): Monitor =>
    monitorOf(modelOf(gateway('edge', { annotations }), route('shop', NAMES)))!;
  const QUIET = {
    'probe-forgive': '1',
    'probe-retry': 'none',
    'failover-delay': '0s',
    failback: '0s',
    'slow-start': '0ms',
    'flap-damping': 'none',
    'degraded-latency': 'none',
    'degraded-certificate-days': '0',
  };

  test('is nothing where it is the default, however that is written', () => {
    expect(watched(QUIET)).toEqual(watched({}));
    expect(watched({})).not.toHaveProperty('judgement');
  });

  test('is part of what tells monitors apart, word for word', () => {
    const loud = {
      'probe-forgive': '3',
      'probe-retry': '1s',
      'failover-delay': '30s',
      failback: 'manual',
      'slow-start': '10m',
      'flap-damping': '1h',
      'degraded-latency': '800ms',
      'degraded-certificate-days': '14',
    };
    const monitor = watched(loud);
    expect(monitor.judgement).toEqual({
      forgive: 3,
      retryMs: 1000,
      failoverDelayMs: 30_000,
      failback: 'manual',
      slowStartMs: 600_000,
      flapDampingMs: 3_600_000,
      degradedLatencyMs: 800,
      degradedCertificateDays: 14,
    });
    const ids = Object.entries(loud).map(([key, text]) => watched({ [key]: text }).id);
    expect(new Set([...ids, watched({}).id, monitor.id]).size).toBe(ids.length + 2);
    expect(monitor.id).toContain(
      ' forgive=3 retry=1000 failover-delay=30000 failback=manual slow-start=600000 flap-damping=3600000 degraded-latency=800',
    );
  });
});

describe('equal monitors', () => {
  const both = [...NAMES, 'api.gslb.example'];

  test('over TCP are shared by all hostnames, whatever is expected of a response', () => {
    const model = modelOf(
      gateway('edge', { annotations: { probe: 'tcp://:80' } }),
      route('shop', NAMES, { annotations: { 'probe-expect': '200' } }),
      route('api', ['api.gslb.example']),
    );
    expect(model.monitors).toHaveLength(1);
    expect(endpointOf(model).monitor).toBe(endpointOf(model, 'eu', 'api.gslb.example').monitor);
  });

  test('over HTTP are one per hostname and address', () => {
    const model = modelOf(
      gateway('edge', { addresses: ['192.0.2.1', '2001:db8::1'] }),
      route('all', both),
      route('again', both),
    );
    expect(model.monitors).toHaveLength(4);
    expect(hostnameOf(model).endpoints).toHaveLength(2);
    expect(new Set(model.monitors.map((monitor) => monitor.id)).size).toBe(4);
  });
});
