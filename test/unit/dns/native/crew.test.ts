import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListenAddress } from '../../../../src/core/ports.ts';
import { workerFindings } from '../../../../src/dns/native/worker-findings.ts';
import { ask } from '../../../support/dns-client.ts';
import { createCrew } from '../../../support/dns-crew.ts';
import { QTYPE, query } from '../../../support/dns-message.ts';
import { NATIVE } from '../../../support/dns-server.ts';
import { ASK_MS, startQueryStream } from '../../../support/dns-stream.ts';
import { lentSockets } from '../../../support/lent-sockets.ts';
import { threadsNow, threadTimeOver } from '../../../support/thread-time.ts';

const V4 = { host: '127.0.0.1', port: 0 };
const V6 = { host: '::1', port: 0 };
/** Longer than any wait for a restart but a failed worker's. */
const STEADY_MS = 60_000;

type Crew = ReturnType<typeof createCrew>;
const running: Crew[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ server }) => server.close()));
});

async function start(...[listen, native]: Parameters<typeof createCrew>) {
  const crew = createCrew(listen, native);
  running.push(crew);
  return { ...crew, bound: await crew.server.listen() };
}

const soa = (): Buffer => query('gslb.example', QTYPE.SOA);
const states = (running: number, restarting: number, failed: number) => ({ starting: 0, running, restarting, failed });

/** Each from a port of its own, so that the system spreads them over all sockets of the address. */
async function answeredEverywhere(bound: readonly ListenAddress[]): Promise<boolean> {
  const answers = await Promise.all(bound.flatMap((at) => Array.from({ length: 24 }, () => ask(at, soa()))));
  return answers.every(({ aa }) => aa === 1);
}

describe.skipIf(NATIVE.engine !== 'native')(`the crew of the native server (${NATIVE.reason})`, () => {
  it('answers on the sockets of dead workers by the portable engine, and gives them back', async () => {
    const { bound, server, clock, stoodIn, kill, workers, until, told } = await start([V4, V6], { workers: 2 });
    expect(await answeredEverywhere(bound)).toBe(true);
    expect(stoodIn()).toBe(0);
    const lent = lentSockets();
    await kill();
    await until(() => expect(workers()).toEqual([states(0, 2, 0), states(0, 2, 0)]));
    // No worker comes before the clock goes on: whatever is answered now, the portable engine answers.
    expect(await answeredEverywhere(bound)).toBe(true);
    expect(stoodIn()).toBe(48);
    expect(lentSockets()).toBe(lent + 4);
    expect(server.listeners().map(({ engine }) => engine)).toEqual(['portable', 'portable']);
    expect(told).toHaveLength(4);

    await clock.advance(250);
    await until(() => expect(workers()).toEqual([states(2, 0, 0), states(2, 0, 0)]));
    await until(() => expect(lentSockets()).toBe(lent));
    expect(await answeredEverywhere(bound)).toBe(true);
    expect(stoodIn()).toBe(48);
    expect(server.listeners()).toMatchObject([
      { engine: 'native', restarts: 2, lastTrouble: { message: expect.stringContaining('started again in 0.25 s') } },
      { engine: 'native', restarts: 2, address: bound[1]! },
    ]);
  });

  it('leaves no address unanswered for a second while all its workers die, on IPv4 and IPv6', async () => {
    const { bound, clock, kill, workers, until } = await start([V4, V6], { workers: 2 });
    const streams = bound.map((at) => startQueryStream(at, soa));
    try {
      for (let round = 0; round < 3; round++) {
        await kill();
        await until(() => expect(workers()).toEqual([states(0, 2, 0), states(0, 2, 0)]));
        await clock.advance(1000);
        await until(() => expect(workers()).toEqual([states(2, 0, 0), states(2, 0, 0)]));
      }
    } finally {
      for (const stream of streams) stream.stop();
    }
    for (const { answered, longestSilence } of streams.map((stream) => stream.seen())) {
      expect(answered).toBeGreaterThan(20);
      expect(longestSilence * ASK_MS).toBeLessThan(1000);
    }
  });

  it('starts a worker that dies at once again and again less and less often, and answers all the while', async () => {
    const { bound, clock, next, kill, spawned, workers, until, server, stoodIn, told } = await start([V4], {
      workers: 2,
    });
    next('dies-at-once');
    await kill();
    await until(() => expect(workers()).toEqual([states(0, 2, 0)]));
    for (const [deaths, wait] of [250, 500, 1000, 2000].entries()) {
      expect(spawned()).toBe(2 + 2 * deaths);
      await clock.advance(wait - 1);
      expect(spawned()).toBe(2 + 2 * deaths);
      await clock.advance(1);
      expect(spawned()).toBe(4 + 2 * deaths);
      await until(() => expect(told).toHaveLength(4 + 2 * deaths));
      expect(await answeredEverywhere(bound)).toBe(true);
    }
    expect(workers()).toEqual([states(0, 0, 2)]);
    expect(stoodIn()).toBe(96);
    expect(workerFindings(server.listeners())).toMatchObject([
      { code: 'dns-worker-down', message: expect.stringMatching(/^2 of 2 DNS workers do not run \(2 failed\)/) },
    ]);
    await clock.advance(59_999);
    expect(spawned()).toBe(10);

    next('sound');
    await clock.advance(1);
    await until(() => expect(workers()).toEqual([states(2, 0, 0)]));
    expect(workerFindings(server.listeners())).toEqual([]);
    expect(await answeredEverywhere(bound)).toBe(true);
  });

  it('keeps calling a worker failed that dies right after it was tried, and forgives one that served a minute', async () => {
    const { clock, next, kill, workers, until, told } = await start([V4]);
    next('dies-at-once');
    await kill();
    await until(() => expect(workers()).toEqual([states(0, 1, 0)]));
    for (const [deaths, wait] of [250, 500, 1000, 2000].entries()) {
      await clock.advance(wait);
      await until(() => expect(told).toHaveLength(2 + deaths));
    }
    next('sound');
    for (const [served, then] of [
      [STEADY_MS - 1, states(0, 0, 1)],
      [STEADY_MS, states(0, 1, 0)],
    ] as const) {
      await clock.advance(60_000);
      await until(() => expect(workers()).toEqual([states(1, 0, 0)]));
      await clock.advance(served);
      await kill();
      await until(() => expect(workers()).toEqual([then]));
    }
  });

  it('starts on the portable engine where no thread can be had, unless the native one is insisted on', async () => {
    for (const kind of ['dies-at-once', 'not-to-be-had'] as const) {
      const crew = createCrew([V4, V6], { start: 'as-can' });
      running.push(crew);
      crew.next(kind);
      const bound = await crew.server.listen();
      expect(await answeredEverywhere(bound)).toBe(true);
      crew.next('sound');
      await crew.clock.advance(250);
      await crew.until(() => expect(crew.workers()).toEqual([states(1, 0, 0), states(1, 0, 0)]));
      const strict = createCrew([V4], { start: 'insist' });
      strict.next(kind);
      await expect(strict.server.listen()).rejects.toThrow(
        /^The DNS worker of .* did not start: (it is broken|no thread)/,
      );
    }
  });

  it('stops while a worker waits for its restart, and gives the port back', async () => {
    const { bound, server, kill, workers, until, clock } = await start([V4]);
    await kill();
    await until(() => expect(workers()).toEqual([states(0, 1, 0)]));
    await server.close();
    expect(clock.pending()).toBe(0);
    const free = createSocket('udp4').bind(bound[0]!.port, '127.0.0.1');
    await once(free, 'listening');
    free.close();
  });

  it('counts the errors of the system calls, and tells each once', async () => {
    const crew = createCrew([V4]);
    running.push(crew);
    crew.next('deaf');
    await crew.server.listen();
    const { server, told } = crew;
    await crew.until(() => {
      const [error] = server.listeners()[0]!.socketErrors;
      expect(error).toMatchObject({ call: 'recvmmsg', error: 'EBADF' });
      expect(error!.count).toBeGreaterThan(10);
    });
    expect(told).toEqual([expect.stringMatching(/^The DNS worker of .*: recvmmsg says EBADF$/)]);
    expect(server.listeners()[0]!.lastTrouble).toEqual({ at: expect.any(Number), message: told[0]! });
  });

  it('never lets others share its port, neither while the portable engine stands in nor afterwards', async () => {
    const { bound, clock, kill, workers, until } = await start([V4]);
    const refused = async (): Promise<void> => {
      const other = createSocket({ type: 'udp4', reuseAddr: true });
      const failed = once(other, 'listening');
      other.bind(bound[0]!.port, bound[0]!.host);
      await expect(failed).rejects.toMatchObject({ code: 'EADDRINUSE' });
      other.close();
    };
    await kill();
    await until(() => expect(workers()).toEqual([states(0, 1, 0)]));
    expect(await answeredEverywhere(bound)).toBe(true);
    await refused();
    await clock.advance(250);
    await until(() => expect(workers()).toEqual([states(1, 0, 0)]));
    await refused();
  });

  it('costs no processor while nobody asks: new workers, started again ones, and a socket that only fails', async () => {
    const others = threadsNow();
    const fresh = await start([V4], { workers: 2 });
    const again = await start([V4], { workers: 2 });
    await again.kill();
    await again.until(() => expect(again.workers()).toEqual([states(0, 2, 0)]));
    await again.clock.advance(250);
    await again.until(() => expect(again.workers()).toEqual([states(2, 0, 0)]));
    const deaf = createCrew([V4]);
    running.push(deaf);
    deaf.next('deaf');
    await deaf.server.listen();
    expect(await answeredEverywhere([...fresh.bound, ...again.bound])).toBe(true);
    // Any of them that did not sleep would use all of the second that it gets.
    const { busiestMs, threads } = await threadTimeOver(1000, others);
    expect(threads).toBeGreaterThanOrEqual(5);
    expect(busiestMs).toBeLessThan(100);
  });
});
