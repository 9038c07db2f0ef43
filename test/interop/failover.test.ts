import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OwnProcess } from './director-process.ts';
import { startQueryStream } from './query-stream.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS, PROBE, type World } from './world.ts';

const run = promisify(execFile);
const [EU, US] = CLUSTERS;
const QUERIES = 10_000;

let running: RunningWorld;
let world: World;
let director: OwnProcess;
let port: number;

beforeAll(async () => {
  running = await startWorld(25_353);
  ({ world, director, port } = running);
});

afterAll(async () => {
  await running?.stop();
});

describe('the whole line, from outside', () => {
  it.skipIf(!existsSync('/usr/bin/dig'))(
    'dig +subnet (skipped without dig): each client gets its own cluster, with the prefix that the answer is for',
    async () => {
      for (const { subnet, address } of CLUSTERS) {
        const args = ['@127.0.0.1', '-p', String(port), `+subnet=${subnet}`, 'shop.gslb.example', 'A'];
        const { stdout } = await run('dig', args);
        expect(stdout).toContain('status: NOERROR');
        expect(stdout).toMatch(/flags: qr aa rd;/);
        expect(stdout).toMatch(new RegExp(`^shop\\.gslb\\.example\\.\\s+30\\s+IN\\s+A\\s+${address}$`, 'm'));
        expect(stdout).toContain(`CLIENT-SUBNET: ${subnet}/${subnet.split('/')[1]}`);
      }
    },
  );

  it('a killed gateway loses its clients in time, every query is answered, and they return when it is back', async () => {
    const stream = await startQueryStream(port, 'shop.gslb.example', [192, 0, 2]);
    const first = await stream.until(() => true);
    expect(first.addresses).toEqual([EU.address]);

    const killedAt = Date.now();
    world.gateways.get(EU.name)!.process.child.kill('SIGKILL');
    const moved = await stream.until(({ addresses }) => addresses[0] === US.address);
    const failover = (moved.at - killedAt) / 1000;
    expect(failover).toBeLessThanOrEqual(PROBE.fall * PROBE.interval + PROBE.timeout + 1);

    await world.revive(EU.name);
    const revivedAt = Date.now();
    const back = await stream.until(({ addresses }) => addresses[0] === EU.address);
    expect((back.at - revivedAt) / 1000).toBeLessThanOrEqual(PROBE.rise * PROBE.interval + 1);

    await stream.finish(QUERIES);
    expect(stream.asked()).toBeGreaterThanOrEqual(QUERIES);
    expect(stream.answered).toHaveLength(stream.asked());
    for (const { addresses } of stream.answered) expect(addresses).toHaveLength(1);
    const late = stream.answered.filter(
      ({ askedAt, addresses }) => askedAt > moved.at + 1000 && askedAt < revivedAt && addresses[0] === EU.address,
    );
    expect(late).toEqual([]);
  });

  it('stops within its bound and with exit code 0 on SIGTERM', async () => {
    const before = Date.now();
    expect(await director.stop()).toBe(0);
    expect(Date.now() - before).toBeLessThan(5_000);
  });
});
