import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatProblem, loadConfig } from '../../../src/config/load.ts';
import type { NamedMonitor } from '../../../src/core/desired/model.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-monitors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const REST = `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]
`;
const LEAVES = ['{ name: a, probe: "tcp://192.0.2.1:1" }', '{ name: b, probe: "tcp://192.0.2.2:1" }'];

async function load(...entries: readonly string[]) {
  const file = join(folder, 'azimuth.yaml');
  await writeFile(file, `${REST}monitors:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`);
  return loadConfig(file, {});
}

async function monitors(...entries: readonly string[]): Promise<readonly NamedMonitor[]> {
  const loaded = await load(...entries);
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config.declaration.monitors ?? [];
}

/** The problems as people read them, without file and line. */
async function problems(...entries: readonly string[]): Promise<readonly string[]> {
  const loaded = await load(...entries);
  const found = loaded.kind === 'ok' ? [] : loaded.problems;
  return found.map((problem) => formatProblem(problem).replace(/^\S+:\d+: /, ''));
}

describe('named monitors of the configuration', () => {
  test('come members first, whatever their order in the file', async () => {
    const made = await monitors('{ name: top, any: [mid, b] }', '{ name: mid, all: [a, b] }', ...LEAVES);
    expect(made.map(({ name }) => name)).toEqual(['a', 'b', 'mid', 'top']);
    const [a, b, mid, top] = made;
    expect(mid?.source).toEqual({
      kind: 'calculated',
      monitor: { id: 'monitor:mid', kind: 'all', need: 2, members: [a?.id, b?.id] },
    });
    expect(top?.source).toMatchObject({ monitor: { kind: 'any', need: 1, members: ['monitor:mid', b?.id] } });
  });

  test('at-least and not', async () => {
    const made = await monitors(...LEAVES, '{ name: c, at-least: { count: 2, of: [a, b] } }', '{ name: d, not: c }');
    expect(made[2]?.source).toMatchObject({ monitor: { kind: 'at-least', need: 2 } });
    expect(made[3]?.source).toMatchObject({ monitor: { kind: 'not', need: 1, members: ['monitor:c'] } });
  });

  test('a probe has the defaults of the prober and settings of its own', async () => {
    const url = 'https://[2001:db8::10]:8443/cart';
    const more = 'host: Shop.Example, interval: 5s, timeout: 1s, rise: 4, fall: 5, expect: "200,204"';
    const [made] = await monitors(`{ name: cart, probe: "${url}", ${more} }`);
    expect(made?.source).toMatchObject({
      kind: 'probe',
      monitor: {
        protocol: 'https',
        address: '2001:db8::10',
        port: 8443,
        path: '/cart',
        host: 'shop.example',
        intervalMs: 5000,
        timeoutMs: 1000,
        rise: 4,
        fall: 5,
      },
    });
    const [plain] = await monitors(LEAVES[0]!);
    expect(plain?.source).toMatchObject({ monitor: { protocol: 'tcp', intervalMs: 10_000, rise: 2, fall: 3 } });
  });

  test('results from outside count for 5 minutes where nothing else is said', async () => {
    const made = await monitors(
      '{ name: a, external: {} }',
      '{ name: b, external: { expires: 1h, when-expired: down } }',
    );
    expect(made).toEqual([
      { name: 'a', id: 'monitor:a', source: { kind: 'external', expiresMs: 300_000, whenExpired: 'unseen' } },
      { name: 'b', id: 'monitor:b', source: { kind: 'external', expiresMs: 3_600_000, whenExpired: 'down' } },
    ]);
  });

  test('a number of a Prometheus server', async () => {
    const made = await monitors(
      '{ name: a, prometheus: { url: "http://prometheus.example:9090/prom", expr: "x", above: 0.9 } }',
      '{ name: b, prometheus: { url: "https://192.0.2.1", expr: "x", below: -1, for: 3, means: degraded, interval: 2s } }',
    );
    const times = { intervalMs: 15_000, timeoutMs: 5000 };
    const url = 'http://prometheus.example:9090/prom';
    expect(made.map(({ source }) => source)).toEqual([
      { kind: 'prometheus', gauge: { url, expr: 'x', above: 0.9, runs: 2, means: 'down', ...times } },
      {
        kind: 'prometheus',
        gauge: {
          url: 'https://192.0.2.1',
          expr: 'x',
          below: -1,
          runs: 3,
          means: 'degraded',
          intervalMs: 2000,
          timeoutMs: 2000,
        },
      },
    ]);
  });

  test('a Prometheus server that not everybody may ask: files count from the folder of the configuration', async () => {
    const made = await monitors(
      '{ name: a, prometheus: { url: "https://p.example", expr: "x", above: 1, login: { token-file: token }, trust: ca.pem } }',
      '{ name: b, prometheus: { url: "http://p.example", expr: "x", above: 1, login: { user: azimuth, password-file: /run/password } } }',
      '{ name: c, cluster: eu, load: { prometheus: { url: "https://p.example", expr: "x", certificate: { file: c.pem, key-file: c.key } } } }',
    );
    const [a, b, c] = made.map(({ source }) => source);
    const login = { kind: 'bearer', tokenFile: join(folder, 'token') };
    expect(a).toMatchObject({ gauge: { access: { login, trustFile: join(folder, 'ca.pem') } } });
    expect(b).toMatchObject({
      gauge: { access: { login: { kind: 'basic', user: 'azimuth', passwordFile: '/run/password' } } },
    });
    const certificate = { file: join(folder, 'c.pem'), keyFile: join(folder, 'c.key') };
    expect(c).toMatchObject({ from: { gauge: { access: { certificate } } } });
  });

  test('there need not be any', async () => {
    const file = join(folder, 'none.yaml');
    await writeFile(file, REST);
    const loaded = await loadConfig(file, {});
    expect(loaded.kind === 'ok' && loaded.config.declaration).not.toHaveProperty('monitors');
  });
});

const GAUGE = 'prometheus: { url: "http://192.0.2.5:9090", expr: "sum(rate(requests[1m]))" }';

describe('loads of clusters', () => {
  test('are pushed, or asked for', async () => {
    const [pushed, asked] = await monitors(
      '{ name: eu-load, cluster: eu, load: { external: {} } }',
      `{ name: us-load, cluster: us, load: { ${GAUGE} } }`,
    );
    expect(pushed).toEqual({
      name: 'eu-load',
      id: 'monitor:eu-load',
      source: { kind: 'load', cluster: 'eu', from: { kind: 'external', expiresMs: 60_000 } },
    });
    expect(asked?.source).toMatchObject({
      cluster: 'us',
      from: { kind: 'prometheus', gauge: { expr: 'sum(rate(requests[1m]))', intervalMs: 15_000, timeoutMs: 5_000 } },
    });
  });

  test.each([
    ['{ name: x, cluster: eu, load: {} }', 'monitors[0].load: expected either prometheus or external'],
    [`{ name: x, cluster: eu, load: { external: {}, ${GAUGE} } }`, 'monitors[0].load: expected either'],
    ['{ name: x, load: { external: {} } }', 'monitors[0]: expected the cluster whose load it tells'],
    ['{ name: x, cluster: eu, external: {} }', 'monitors[0].cluster: expected a load, which alone has it'],
  ])('%s is a mistake', async (entry, problem) => {
    expect((await problems(entry)).join('\n')).toContain(problem);
  });

  test('a cluster has one, and no monitor is made of it', async () => {
    const load = 'cluster: eu, load: { external: {} }';
    expect((await problems(`{ name: x, ${load} }`, `{ name: y, ${load} }`)).join('\n')).toContain(
      'monitors[1].cluster: expected one load of each cluster, found "eu" again',
    );
    expect((await problems(`{ name: x, ${load} }`, '{ name: y, not: x }')).join('\n')).toContain(
      'expected a monitor that can be up or down, found "x", which tells a load',
    );
  });
});

describe('mistakes', () => {
  const chain = Array.from({ length: 400 }, (_, at) => `{ name: m${at}, not: m${(at + 1) % 400} }`);
  test.each([
    [
      'an unknown member',
      ['{ name: c, all: [a, bb] }', ...LEAVES],
      ['monitors[0].all[1]: expected the name of a monitor, found "bb"; did you mean "b"?'],
    ],
    [
      'a circle',
      ['{ name: x, any: [a, y] }', '{ name: y, not: x }', ...LEAVES],
      ['monitors[0]: expected a monitor that is not made of itself, found x → y → x'],
    ],
    ['itself', ['{ name: x, not: x }'], ['monitors[0]: expected a monitor that is not made of itself, found x → x']],
    [
      'a name twice',
      [LEAVES[0]!, LEAVES[0]!],
      ['monitors[1].name: expected a name of a monitor that is used once, found "a" again'],
    ],
    [
      'a member twice',
      ['{ name: c, all: [a, a] }', ...LEAVES],
      ['monitors[0].all[1]: expected each monitor once, found "a" again'],
    ],
    [
      'nothing',
      ['{ name: x }'],
      ['monitors[0]: expected one of all, any, at-least, not, probe, external, prometheus, load, found none of them'],
    ],
    [
      'two things',
      ['{ name: x, all: [a], not: b }', ...LEAVES],
      [
        'monitors[0]: expected one of all, any, at-least, not, probe, external, prometheus, load, found "all" and "not"',
      ],
    ],
    [
      'more than there are',
      ['{ name: x, at-least: { count: 3, of: [a, b] } }', ...LEAVES],
      ['monitors[0].at-least.count: expected a count of at most the number of monitors, 2, found 3'],
    ],
    [
      'no member',
      ['{ name: x, all: [] }'],
      ['monitors[0].all: expected a list of 1 to 64 names of monitors, found an empty list'],
    ],
    [
      'a name that is none',
      ['{ name: A_b, not: a }', ...LEAVES],
      ['monitors[0].name: expected a name of at most 63 lower-case letters, digits and hyphens, found "A_b"'],
    ],
    [
      'a key of probes',
      ['{ name: x, not: a, interval: 5s }', ...LEAVES],
      ['monitors[0].interval: expected a probe, which alone has it, found none'],
    ],
    [
      'no host',
      ['{ name: x, probe: "https://192.0.2.1:443/" }'],
      ['monitors[0].host: expected the hostname that is asked for, found nothing'],
    ],
    [
      'a host for nothing',
      ['{ name: x, probe: "tcp://192.0.2.1:443", host: a.example }'],
      ['monitors[0].host: expected no host: tcp sends none, found "a.example"'],
    ],
    [
      'a name as an address',
      ['{ name: x, probe: "tcp://a.example:443" }'],
      [
        'monitors[0].probe: expected a probe of an IP address and a port like "https://192.0.2.10:443/cart" or "tcp://[2001:db8::1]:443", found "tcp://a.example:443"',
      ],
    ],
    [
      'a timeout over the interval',
      ['{ name: x, probe: "tcp://192.0.2.1:1", interval: 1s, timeout: 2s }'],
      [
        'monitors[0]: expected settings that go together, found probe-timeout 2s is longer than the interval of 1000ms, which is used; shorten the timeout or lengthen the interval',
      ],
    ],
    [
      'an unknown key',
      ['{ name: x, nott: a }'],
      ['monitors[0].nott: expected one of the keys', 'monitors[0]: expected one of'],
    ],
    [
      'no threshold',
      ['{ name: x, prometheus: { url: "http://a", expr: "x" } }'],
      ['monitors[0].prometheus: expected either above or below, found none of them'],
    ],
    [
      'two thresholds',
      ['{ name: x, prometheus: { url: "http://a", expr: "x", above: 1, below: 0 } }'],
      ['monitors[0].prometheus: expected either above or below, found both'],
    ],
    [
      'credentials in a URL',
      ['{ name: x, prometheus: { url: "http://u:p@a", expr: "x", above: 1 } }'],
      ['monitors[0].prometheus.url: expected a URL'],
    ],
    [
      'two logins',
      ['{ name: x, prometheus: { url: "http://a", expr: "x", above: 1, login: { token-file: t, user: u } } }'],
      [
        'monitors[0].prometheus.login: expected either token-file, or user and password-file, found "token-file" and "user"',
      ],
    ],
    [
      'half a login, of a load',
      ['{ name: x, cluster: eu, load: { prometheus: { url: "http://a", expr: "x", login: { user: u } } } }'],
      ['monitors[0].load.prometheus.login: expected either token-file, or user and password-file, found "user"'],
    ],
    [
      'a login without anything',
      ['{ name: x, prometheus: { url: "http://a", expr: "x", above: 1, login: {} } }'],
      ['monitors[0].prometheus.login: expected either token-file, or user and password-file, found none of them'],
    ],
    [
      'a password in its place',
      ['{ name: x, prometheus: { url: "http://a", expr: "x", above: 1, login: { user: u, pasword-file: p } } }'],
      ['monitors[0].prometheus.login.pasword-file: expected one of the keys token-file, user, password-file'],
    ],
    [
      'a user with a colon',
      ['{ name: x, prometheus: { url: "http://a", expr: "x", above: 1, login: { user: "u:p", password-file: p } } }'],
      ['monitors[0].prometheus.login.user: expected a name of 1 to 256 characters without a colon, found "u:p"'],
    ],
    [
      'an authority for a server without TLS',
      ['{ name: x, prometheus: { url: "http://a:9090", expr: "x", above: 1, trust: ca.pem } }'],
      [
        'monitors[0].prometheus.trust: expected a URL with https, which alone has a use for it, found "http://a:9090"; did you mean "https://a:9090"?',
      ],
    ],
    [
      'a certificate without its key',
      ['{ name: x, prometheus: { url: "https://a", expr: "x", above: 1, certificate: { file: a.pem } } }'],
      ['monitors[0].prometheus.certificate'],
    ],
    [
      'a query in a URL',
      ['{ name: x, prometheus: { url: "http://a/?x=1", expr: "x", above: 1 } }'],
      ['monitors[0].prometheus.url: expected a URL'],
    ],
    [
      'another protocol',
      ['{ name: x, prometheus: { url: "file:///etc", expr: "x", above: 1 } }'],
      ['monitors[0].prometheus.url: expected a URL'],
    ],
    [
      'no expression',
      ['{ name: x, prometheus: { url: "http://a", expr: "", above: 1 } }'],
      ['monitors[0].prometheus.expr: expected an expression'],
    ],
    [
      'silence that is something else',
      ['{ name: x, external: { when-expired: up } }'],
      ['monitors[0].external.when-expired: expected one of unseen, down'],
    ],
  ])('%s', async (_, entries, expected) => {
    const found = await problems(...entries);
    expect(found).toHaveLength(expected.length);
    for (const [index, words] of expected.entries()) expect(found[index]).toContain(words);
  });

  test('a circle of hundreds is found without a deep stack', async () => {
    const [found] = await problems(...chain);
    expect(found).toContain('m0 → m1 → m2');
  });

  test('too many', async () => {
    const many = Array.from({ length: 501 }, (_, at) => `{ name: m${at}, probe: "tcp://192.0.2.1:${at + 1}" }`);
    expect(await problems(...many)).toEqual(['monitors: expected a list of at most 500 monitors, found a list']);
    expect(await monitors(...many.slice(1))).toHaveLength(500);
  });
});
