import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { shopFor } from './ask-once.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

const [EU, US, AP] = CLUSTERS;
/** Clients near the first cluster, of which the second one will be pinned. */
const NEAR = [192, 0, 2, 1];
const PINNED = [192, 0, 2, 65];

let running: RunningWorld;
/** The director that runs now. */
let director: OwnProcess;

beforeAll(async () => {
  running = await startWorld(28_653);
  ({ director } = running);
});

afterAll(async () => {
  await director?.stop();
  await running?.stop();
});

function answerFor(client: readonly number[]): Promise<string | undefined> {
  return shopFor(running.port, client, 32);
}

async function override(...args: readonly string[]): Promise<string> {
  const command = startOwn('src/main.ts', ['override', ...args, '--config', running.world.config]);
  const [code] = await once(command.child, 'close');
  const text = command.lines.join('\n');
  expect(code, text).toBe(0);
  return text;
}

function pin(cluster: string, ...nets: readonly string[]): Promise<string> {
  const options = ['--hostname', 'shop.*', '--pin', cluster, '--reason', 'a customer asked for it'];
  return override('set', 'vip', ...options, ...nets.flatMap((net) => ['--net', net]));
}

describe('a pin', () => {
  it('sends the clients of its network to its cluster, and nobody else', async () => {
    expect([await answerFor(NEAR), await answerFor(PINNED)]).toEqual([EU.address, EU.address]);
    await pin(AP.name, '192.0.2.64/26');
    await eventually(async () => expect(await answerFor(PINNED)).toBe(AP.address));
    expect(await answerFor(NEAR)).toBe(EU.address);
    expect(await override('list')).toMatch(/vip +pin to ap-northeast .*in-force/);
  });

  it('is in the first answer of a director that was killed', async () => {
    director.child.kill('SIGKILL');
    await once(director.child, 'exit');
    director = startOwn('src/main.ts', ['run', '--config', running.world.config]);
    await director.waitFor((line) => logField(line, 'ready', 'listening'));
    expect([await answerFor(NEAR), await answerFor(PINNED)]).toEqual([EU.address, AP.address]);
  });

  it('is changed without letting go of its clients, and cleared at once', async () => {
    const seen = new Set<string | undefined>();
    await pin(US.name, '192.0.2.64/26', '2001:db8:1::/48');
    await eventually(async () => {
      seen.add(await answerFor(PINNED));
      expect([...seen]).toContain(US.address);
    });
    expect([...seen]).not.toContain(EU.address);
    await override('clear', 'vip');
    expect(await answerFor(PINNED)).toBe(EU.address);
  });

  it('holds while its cluster is up', async () => {
    await pin(AP.name, '192.0.2.64/26');
    await eventually(async () => expect(await answerFor(PINNED)).toBe(AP.address));
    running.world.gateways.get(AP.name)!.process.child.kill('SIGKILL');
    await eventually(async () => expect(await answerFor(PINNED)).toBe(EU.address));
    await running.world.revive(AP.name);
    await eventually(async () => expect(await answerFor(PINNED)).toBe(AP.address));
  });
});
