import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { GaugeSpec, NamedMonitor } from '../../../src/core/desired/model.ts';
import type { GaugeReading } from '../../../src/core/health/external-gauge.ts';
import type { Gauges } from '../../../src/core/ports.ts';
import { createGauges } from '../../../src/gauges/gauges.ts';
import { followFile } from '../../../src/prober/followed-file.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const NUMBER = JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '0.5'] } });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

/** Listens on a free port and returns the URL. */
async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
  });
  cleanups.push(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const http = (answer: RequestListener) => listen(createServer(answer));
const tcp = (behave: (socket: Socket) => void) => listen(createTcpServer(behave));

function named(url: string, more: Partial<GaugeSpec> = {}): NamedMonitor {
  const gauge = {
    url,
    expr: 'a > b',
    above: 1,
    runs: 1,
    means: 'down',
    intervalMs: 1000,
    timeoutMs: 300,
    ...more,
  } as const;
  return { name: 'load', id: 'monitor:load', source: { kind: 'prometheus', gauge } };
}

function start(...monitors: readonly NamedMonitor[]) {
  const clock = createManualClock(1_800_000_000_000);
  const readings: GaugeReading[] = [];
  const findings: (readonly Finding[])[] = [];
  const gauges: Gauges = createGauges({
    follow: followFile,
    clock,
    named: monitors,
    onFindings: (all) => findings.push(all),
    jitter: () => 0,
  });
  cleanups.push(() => gauges.close());
  gauges.start((reading) => readings.push(reading));
  return { clock, gauges, readings, findings };
}

describe('gauges', () => {
  it('ask the query API at once and on their interval, behind a path where there is one', async () => {
    const asked: (string | undefined)[] = [];
    const url = await http((request, response) => {
      asked.push(request.url);
      response.end(NUMBER);
    });
    const { clock, gauges, readings, findings } = start(named(`${url}/prom/`));
    await gauges.firstRound();
    expect(readings).toEqual([{ monitor: 'monitor:load', at: clock.now(), outcome: { kind: 'value', value: 0.5 } }]);
    await clock.advance(1000);
    await eventually(() => expect(readings).toHaveLength(2));
    expect(asked).toEqual(Array.from({ length: 2 }, () => '/prom/api/v1/query?query=a+%3E+b'));
    expect(findings).toEqual([]);
  });

  it('ask for the loads of clusters, too, and for none that is pushed', async () => {
    const url = await http((_request, response) => void response.end(NUMBER));
    const gauge = { url, expr: 'sum(rate(requests[1m]))', intervalMs: 1000, timeoutMs: 300 };
    const asked = { kind: 'load', cluster: 'eu', from: { kind: 'prometheus', gauge } } as const;
    const pushed = { kind: 'load', cluster: 'us', from: { kind: 'external', expiresMs: 1000 } } as const;
    const { gauges, readings } = start(
      { name: 'eu-load', id: 'monitor:eu-load', source: asked },
      { name: 'us-load', id: 'monitor:us-load', source: pushed },
    );
    await gauges.firstRound();
    expect(readings).toMatchObject([{ monitor: 'monitor:eu-load', outcome: { kind: 'value', value: 0.5 } }]);
  });

  it('tell of a trouble once, and when it is over', async () => {
    let isBroken = true;
    const url = await http((_request, response) => {
      if (isBroken) response.statusCode = 500;
      response.end(isBroken ? 'oops' : NUMBER);
    });
    const { clock, gauges, readings, findings } = start(named(url));
    await gauges.firstRound();
    await clock.advance(1000);
    await eventually(() => expect(readings).toHaveLength(2));
    expect(findings).toMatchObject([[{ code: 'gauge-unreadable', origin: { file: url, object: 'monitor load' } }]]);
    expect(findings[0]?.[0]?.message).toContain('status: "status 500"');
    isBroken = false;
    await clock.advance(1000);
    await eventually(() => expect(readings).toHaveLength(3));
    expect(findings.at(-1)).toEqual([]);
  });

  const flood = 'x'.repeat(16_384);
  const pour = (head: string) => (socket: Socket) => {
    const more = (): void => {
      while (socket.writable && socket.write(flood));
    };
    socket.write(head);
    socket.on('drain', more);
    more();
  };
  it.each<readonly [string, () => Promise<string>, string]>([
    ['accepts and never answers', () => tcp(() => undefined), 'timeout'],
    [
      'sends a header and no body',
      () => tcp((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n')),
      'timeout',
    ],
    ['sends one octet and waits', () => tcp((socket) => void socket.write('H')), 'timeout'],
    ['hangs up', () => tcp((socket) => void socket.end()), 'unreachable'],
    ['resets', () => tcp((socket) => void socket.resetAndDestroy()), 'unreachable'],
    ['sends a body without an end', () => tcp(pour('HTTP/1.1 200 OK\r\n\r\n')), 'too-large'],
    ['sends a header without an end', () => tcp(pour('HTTP/1.1 200 OK\r\na: ')), 'too-large'],
    ['speaks something else', () => tcp((socket) => void socket.end('SSH-2.0-OpenSSH\r\n')), 'malformed'],
    [
      'sends somewhere else',
      () => http((_request, response) => response.writeHead(302, { location: '/other' }).end()),
      'redirect',
    ],
    ['is not there', async () => 'http://127.0.0.1:1', 'unreachable'],
  ])('end in time with a server that %s', async (_, serve, failure) => {
    const { gauges, readings } = start(named(await serve()));
    await gauges.firstRound();
    expect(readings).toMatchObject([{ outcome: { kind: 'failure', failure } }]);
  });

  it('ask one at a time, and close while one is under way', async () => {
    let count = 0;
    const url = await http(() => {
      count += 1;
    });
    const { clock, gauges, readings, findings } = start(named(url, { timeoutMs: 20_000 }));
    await eventually(() => expect(count).toBe(1));
    await clock.advance(5000);
    expect(count).toBe(1);
    await gauges.close();
    await gauges.firstRound();
    expect([readings, findings]).toEqual([[], []]);
    expect(clock.pending()).toBe(0);
  });

  it('leave out what is no gauge', async () => {
    const source = { kind: 'external', expiresMs: 1000, whenExpired: 'unseen' } as const;
    const { gauges, readings } = start({ name: 'a', id: 'monitor:a', source });
    await gauges.firstRound();
    expect(readings).toEqual([]);
  });
});
