import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOG_EVENTS } from '../../src/core/log-events.ts';
import { makeTestCertificates } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

/** Everything that nobody but its owner may read. */
const SECRETS = {
  operator: 'operator-token-that-is-secret',
  wrong: 'wrong-token-that-is-secret',
  cookie: 'cookie-that-is-secret',
  inQuery: 'token-in-a-query-that-is-secret',
  header: 'header-of-a-probe-that-is-secret',
  unparsed: 'header-without-a-name-that-is-secret',
  kubeconfig: 'token-of-a-kubeconfig-that-is-secret',
  prometheus: 'password-of-prometheus-that-is-secret',
} as const;

let folder = '';
const servers: Server[] = [];
let director: OwnProcess;
let admin = 0;
/** What the servers that the director asks were shown. */
const shown = new Set<string>();

type Line = Readonly<Record<string, unknown>>;
const lines = (): readonly Line[] => director.lines.map((line) => ({ ...JSON.parse(line) }));
const eventsOf = (code: string) => lines().filter(({ event }) => event === code);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-log-'));
  const answer: RequestListener = (asked, response) => {
    const { authorization = '', 'x-probe': probe = '' } = asked.headers;
    shown.add(authorization).add(String(probe));
    // A server that says back what it was sent, wherever a client could quote it.
    const said = `no: ${authorization} ${String(probe)}`;
    response.writeHead(403, said, { 'content-type': 'application/json', 'www-authenticate': said });
    const status = { kind: 'Status', apiVersion: 'v1', status: 'error', reason: 'Forbidden', code: 403 };
    response.end(JSON.stringify({ ...status, message: said, error: said, errorType: said }));
  };
  const { good } = await makeTestCertificates(folder, 'localhost');
  servers.push(createServer(answer), createTlsServer(good, answer));
  const ports = await Promise.all(servers.map(listen));
  await writeFiles(ports[0] ?? 0, ports[1] ?? 0);
  director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  const listening = await director.waitFor((line) => logField(line, 'ready', 'listening'));
  admin = Number(/"admin":.*?"port":(\d+)/.exec(JSON.stringify(listening))?.[1]);
});

afterAll(async () => {
  await director?.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function writeFiles(port: number, tlsPort: number): Promise<void> {
  await mkdir(join(folder, 'eu'));
  const files = {
    'azimuth.yaml': `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters:
  - { name: eu, location: { country: DE }, source: { manifests: eu } }
  - { name: us, location: { country: US }, source: { kubeconfig: kubeconfig } }
monitors:
  - name: load
    prometheus: { url: "http://127.0.0.1:${port}", expr: load, above: 1, login: { user: azimuth, password-file: password } }
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:0", tokens: { file: tokens.yaml } }
prober: { interval: 1s, timeout: 1s, allow: [127.0.0.0/8], headers: [{ hosts: ["*.gslb.example"], file: headers.txt }] }
log: { level: trace }
`,
    'tokens.yaml': `- { name: ops, scope: operate, token: ${SECRETS.operator} }\n`,
    'headers.txt': `X-Probe: ${SECRETS.header}\n${SECRETS.unparsed}\n`,
    password: `${SECRETS.prometheus}\n`,
    kubeconfig: `apiVersion: v1
kind: Config
current-context: c
clusters: [{ name: k, cluster: { server: "https://localhost:${tlsPort}", certificate-authority: ca.pem } }]
users: [{ name: u, user: { token: ${SECRETS.kubeconfig} } }]
contexts: [{ name: c, context: { cluster: k, user: u } }]
`,
    'eu/shop.yaml': `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web, annotations: { azimuth.dev/monitors: load } }
spec:
  gatewayClassName: example
  listeners: [{ name: http, protocol: HTTP, port: ${port}, hostname: shop.gslb.example }]
status: { addresses: [{ type: IPAddress, value: 127.0.0.1 }] }
`,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

/** The status of a request to the admin API, from an address of 127.0.0.0/8. */
function ask(path: string, headers: Readonly<Record<string, string>>, localAddress = '127.0.0.1'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request({ host: '127.0.0.1', port: admin, path, headers, localAddress, agent: false }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode ?? 0));
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

describe('the log of a run', () => {
  it('has no secret in it, whoever was shown one', async () => {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}`, cookie: `session=${SECRETS.cookie}` });
    expect(await ask('/v1/status', bearer(SECRETS.operator))).toBe(200);
    expect(await ask('/v1/status', bearer(SECRETS.wrong))).toBe(401);
    expect(await ask(`/v1/findings?token=${SECRETS.inQuery}`, {})).toBe(401);
    expect(await ask(`/${SECRETS.inQuery}?token=${SECRETS.inQuery}`, bearer(SECRETS.operator))).toBe(404);
    const login = `Basic ${Buffer.from(`azimuth:${SECRETS.prometheus}`).toString('base64')}`;
    await eventually(() => {
      const known = [`Bearer ${SECRETS.kubeconfig}`, login, SECRETS.header];
      expect([...shown]).toEqual(expect.arrayContaining(known));
      expect(eventsOf('admin-refused').map(({ code }) => code)).toEqual(['token-wrong', 'token-missing']);
      const findings = [...eventsOf('finding-error'), ...eventsOf('finding-warning')].map(({ code }) => code);
      expect(findings).toEqual(expect.arrayContaining(['gauge-unreadable']));
      expect(findings.filter((code) => String(code).startsWith('cluster-')).length).toBeGreaterThan(0);
      expect(findings.filter((code) => code === 'probe-header-refused').length).toBeGreaterThan(0);
      expect(eventsOf('published').length).toBeGreaterThan(0);
    });
    const own = (await readFile(join(folder, 'state', 'admin-token'), 'utf8')).trim();
    expect(own.length).toBeGreaterThan(20);
    const written = director.lines.join('\n');
    expect([...Object.values(SECRETS), login, own].filter((secret) => written.includes(secret))).toEqual([]);
  });

  it('masks the addresses of clients', async () => {
    expect(await ask('/v1/status', {}, '127.5.6.7')).toBe(401);
    await eventually(() => expect(eventsOf('admin-refused').at(-1)).toMatchObject({ address: '127.5.6.0/24' }));
    expect(director.lines.join('\n')).not.toContain('127.5.6.7');
  });

  it('is bounded when everybody knocks, and tells how much is not in it', async () => {
    const before = eventsOf('admin-refused').length;
    const startedAt = Date.now();
    const knocks = 600;
    for (let n = 0; n < knocks; n++) expect(await ask('/v1/status', {}, `127.9.${n >> 4}.${(n & 15) + 1}`)).toBe(401);
    expect(await director.stop()).toBe(0);
    const written = eventsOf('admin-refused').length - before;
    const left = eventsOf('log-lines-left-out').filter(({ of }) => of === 'admin-refused');
    expect(left.reduce((sum, each) => sum + Number(each['lines']), 0) + written).toBe(knocks);
    // Sixteen of each network, of which ten are written; in one more window where a minute ends in between.
    const windows = 2 + Math.floor((Date.now() - startedAt) / 60_000);
    expect(written).toBeLessThanOrEqual(Math.ceil(knocks / 16) * 10 * windows);
    expect(left.length).toBeGreaterThan(0);
  }, 60_000);

  it('is lines of JSON from the first to the last, each of an event of the table', () => {
    const all = lines();
    expect(all.length).toBeGreaterThan(20);
    const table = new Map<unknown, readonly unknown[]>(Object.entries(LOG_EVENTS));
    for (const line of all) {
      const [level, , fields] = table.get(line['event']) ?? [];
      expect(line).toMatchObject({ level, name: 'azimuth', msg: expect.stringMatching(/./) });
      expect(line['time']).toBe(new Date(String(line['time'])).toISOString());
      const known = ['level', 'time', 'name', 'event', 'msg', ...Object.keys(Object(fields))];
      expect(Object.keys(line).filter((field) => !known.includes(field))).toEqual([]);
      const { address = '' } = line;
      expect(typeof address === 'string' ? isIP(address) : -1).toBe(0);
    }
    expect(all.at(-1)).toMatchObject({ event: 'stopped' });
  });
});

/** A module with a log of its own on the standard output; `body` writes to it. */
const moduleOf = (body: string): string => `
  import { createLog } from '${join(import.meta.dirname, '../../src/log/log.ts')}';
  const clock = { now: () => Date.now(), after: (ms, task) => { const t = setTimeout(task, ms); return () => clearTimeout(t); } };
  const { log, close } = createLog({ level: 'info', format: 'json', clientAddresses: 'none', clock });
  const say = (text) => process.stderr.write(text + '\\n');
  ${body}
`;

/** Writes 12 MB by six events, of which no pipe takes all. */
const MUCH = `
  const codes = ['stopping', 'note', 'finding-info', 'finding-gone', 'monitor-changed', 'breaker-closed'];
  for (let n = 0; n < 500; n++) {
    const text = n + 'x'.repeat(3900);
    const about = { signal: text, line: text, monitor: text, relief: text, message: text, text };
    for (const event of codes) log(event, { ...about, code: text, file: text, from: text, to: text, withheld: n });
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  say('written');
`;

function runModule(body: string, stdout: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, ['--input-type=module', '-e', moduleOf(body)], {
    stdio: ['pipe', stdout, 'pipe'],
  });
  child.stdout?.pause();
  return child;
}

describe('other runs', () => {
  it('one that cannot start says so in the log, as text where that is wanted', async () => {
    const file = join(folder, 'text.yaml');
    const whole = await readFile(join(folder, 'azimuth.yaml'), 'utf8');
    const broken = whole.replace('tokens.yaml', 'none.yaml').replace('log: { level: trace }', 'log: { format: text }');
    await writeFile(file, `${broken}state: { directory: state-2 }\n`);
    const own = startOwn('src/main.ts', ['run', '--config', file], { AZIMUTH_LOG_LEVEL: 'error' });
    const line = await own.waitFor((each) => (each.includes('start-failed') ? each : undefined));
    expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z ERROR start-failed the start has failed: .*none\.yaml/);
    await eventually(() => expect(own.child.exitCode).toBe(1));
    const levels = own.lines.flatMap((each) => /^\d{4}\S+Z (\w+) /.exec(each)?.[1] ?? []);
    expect(new Set(levels)).toEqual(new Set(['ERROR']));
  });

  it('one that has a fault tells it as its last words', async () => {
    const file = join(folder, 'crash.yaml');
    await writeFile(file, `${await readFile(join(folder, 'azimuth.yaml'), 'utf8')}state: { directory: state-3 }\n`);
    const fault = `process.once('SIGUSR2', () => { throw new TypeError('Bearer ${SECRETS.wrong} is at fault'); })`;
    const own = startOwn('src/main.ts', ['run', '--config', file], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}`,
    });
    await own.waitFor((line) => logField(line, 'ready', 'listening'));
    own.child.kill('SIGUSR2');
    const line = await own.waitFor((each) => (each.includes('"event":"crashed"') ? each : undefined));
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      error: { type: 'TypeError', message: 'Bearer [redacted] is at fault', stack: expect.stringContaining('at ') },
    });
    await eventually(() => expect(own.child.exitCode).not.toBeNull());
  });

  it('a reader of the log who hangs holds nobody up, and learns what he missed', async () => {
    const child = runModule(`${MUCH}
      process.stdin.once('data', () => { log('stopped', {}); close(); process.stdin.unref(); });
    `);
    const [said] = await once(child.stderr!, 'data');
    expect(String(said)).toBe('written\n');
    let output = '';
    let isTold = false;
    child.stdout!.on('data', (more) => {
      output += String(more);
      if (isTold || !output.slice(-100_000).includes('"log-lines-lost"')) return;
      isTold = true;
      child.stdin!.write('go on\n');
    });
    child.stdout!.resume();
    await once(child, 'close');
    const all: Line[] = output.split('\n').flatMap((line) => (line === '' ? [] : [{ ...JSON.parse(line) }]));
    const told = all.filter(({ event }) => event === 'log-lines-lost');
    const lost = told.reduce((sum, each) => sum + Number(each['lines']), 0);
    expect(lost).toBeGreaterThan(0);
    expect(all.filter(({ event }) => event !== 'stopped').length - told.length + lost).toBe(3_000);
    expect(all.at(-1)).toMatchObject({ event: 'stopped' });
  });

  it('nor does he hold up the end of the process', async () => {
    const child = runModule(`${MUCH} close();`);
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    child.stdout?.destroy();
  });

  it('a reader who is gone, and a full disk, hold nobody up', async () => {
    const few = "for (let n = 0; n < 5; n++) { log('note', { line: 'x' + n }); await null; } say('written'); close();";
    const gone = runModule(`process.stdin.once('data', async () => { ${few} process.stdin.unref(); });`);
    gone.stdout?.destroy();
    gone.stdin?.write('go on\n');
    const full = await open('/dev/full', 'w');
    for (const child of [gone, runModule(few, full.fd)]) {
      expect(await Promise.all([text(child.stderr!), once(child, 'exit')])).toEqual(['written\n', [0, null]]);
    }
    await full.close();
  });
});
