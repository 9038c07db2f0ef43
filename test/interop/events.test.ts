import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

const [, US] = CLUSTERS;

let running: RunningWorld;
let follower: OwnProcess;

beforeAll(async () => {
  running = await startWorld(26_733);
  follower = startOwn('src/main.ts', ['events', '--follow', '--json', '--config', running.world.config]);
  await follower.waitFor((line) => (typeof field(line, 'id') === 'string' ? line : undefined));
});

afterAll(async () => {
  await follower?.stop();
  await running?.stop();
});

/** The value of a field of an event, or undefined where the line is none. */
function field(line: string, name: string): unknown {
  try {
    return new Map(Object.entries(JSON.parse(line))).get(name);
  } catch {
    return undefined;
  }
}

const seen = (type: string, change: string) => (line: string) =>
  field(line, 'type') === type && field(line, 'change') === change ? line : undefined;

async function cli(...args: readonly string[]): Promise<number | null> {
  const command = startOwn('src/main.ts', [...args, '--config', running.world.config]);
  await once(command.child, 'exit');
  return command.child.exitCode;
}

it('who follows sees what operators order, that answers follow, and the director come back after a kill', async () => {
  expect(await cli('drain', US.name, '--reason', 'upgrade')).toBe(0);
  expect(await follower.waitFor(seen('override', 'set'))).toContain('upgrade');
  await follower.waitFor(seen('snapshot', 'published'));
  running.director.child.kill('SIGKILL');
  await once(running.director.child, 'exit');
  const again = startOwn('src/main.ts', ['run', '--config', running.world.config]);
  try {
    await again.waitFor((line) => logField(line, 'ready', 'listening'));
    await follower.waitFor((line) => (line.includes('some events are missing') ? line : undefined));
    expect(await cli('undrain', US.name)).toBe(0);
    await follower.waitFor(seen('override', 'cleared'));
  } finally {
    await again.stop();
  }
});
