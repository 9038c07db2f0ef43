import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextFreeAddress } from '../../src/cli/free-port.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { startQueryStream } from './query-stream.ts';
import { CLUSTERS, createWorld, type World } from './world.ts';

const [EU, US, AP] = CLUSTERS;
/** Where the control target is. */
const CONTROL = '127.0.1.9';

let world: World;
let director: OwnProcess;
let control: Server;
let controlPort: number;
let port: number;
let admin: string;

beforeAll(async () => {
  control = await listen(0);
  controlPort = portOf(control);
  const dns = await nextFreeAddress({ host: '127.0.0.1', port: 24_353 }, 'dns');
  const api = await nextFreeAddress({ host: '127.0.0.1', port: 24_553 }, 'admin');
  port = dns.port;
  admin = `http://127.0.0.1:${api.port}`;
  world = await createWorld(`127.0.0.1:${dns.port}`, `127.0.0.1:${api.port}`);
  const text = await readFile(world.config, 'utf8');
  const guarded = text.replace('prober: { ', `prober: { control: ["tcp://${CONTROL}:${controlPort}"], `);
  expect(guarded).not.toBe(text);
  await writeFile(world.config, guarded);
  director = startOwn('src/main.ts', ['run', '--config', world.config]);
  await director.waitFor((line) => logField(line, 'ready', 'listening'));
});

afterAll(async () => {
  control?.close();
  await director?.stop();
  await world?.stop();
  await rm(world.folder, { recursive: true });
});

async function listen(wanted: number): Promise<Server> {
  const server = createServer((socket) => void socket.on('error', () => undefined).end());
  await once(server.listen(wanted, CONTROL), 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function get(path: string): Promise<string> {
  const token = (await readFile(join(world.folder, 'state/admin-token'), 'utf8')).trim();
  const response = await fetch(`${admin}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return response.text();
}

/** Resolves when the breaker looks like this. */
async function breakerIs(wanted: Readonly<Record<string, unknown>>): Promise<void> {
  const looks = (shown: Readonly<Record<string, unknown>>): boolean =>
    Object.entries(wanted).every(([key, value]) => shown[key] === value);
  while (!looks(JSON.parse(await get('/v1/breaker')))) await pause(100);
}

describe('a director that loses its uplink, from outside', () => {
  it('keeps its answers, says that it is blind, and believes what it sees when it can see again', async () => {
    await breakerIs({ state: 'trusting', withheld: 0 });
    const stream = await startQueryStream(port, 'shop.gslb.example', [192, 0, 2]);
    expect((await stream.until(() => true)).addresses).toEqual([EU.address]);

    control.close();
    const finding = await director.waitFor((line) => (line.includes('"msg":"prober-blind:') ? line : undefined));
    expect(finding).toContain(`1 of 1 control targets fail, control:tcp://${CONTROL}:${controlPort} (refused)`);
    for (const { name } of CLUSTERS) world.gateways.get(name)!.process.child.kill('SIGKILL');
    await breakerIs({ state: 'blind', cause: 'controls', withheld: 3 });
    const metrics = await get('/metrics');
    expect(metrics).toMatch(/^azimuth_prober_blind 1$/m);
    expect(metrics).toMatch(/^azimuth_withheld_verdicts 3$/m);
    expect(metrics).toMatch(/^azimuth_control_targets\{state="failing"\} 1$/m);
    const blindAt = Date.now();
    const answer = await stream.until(({ askedAt }) => askedAt > blindAt);
    expect(answer.addresses).toEqual([EU.address]);

    // Two come back with the sight; the third is really gone.
    await Promise.all([world.revive(US.name), world.revive(AP.name)]);
    control = await listen(controlPort);
    await breakerIs({ state: 'trusting', withheld: 0 });
    const moved = await stream.until(({ addresses, askedAt }) => askedAt > blindAt && addresses[0] !== EU.address);
    expect(moved.addresses).toEqual([US.address]);
    expect(await get('/v1/findings?code=prober-blind')).toContain('"items":[]');
    await stream.finish(1);
    const said = new Set(stream.answered.flatMap(({ addresses }) => addresses));
    expect([...said]).toEqual([EU.address, US.address]);
  });
});
