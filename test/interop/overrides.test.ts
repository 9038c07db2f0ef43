/** Overrides of a real director, seen from outside: by DNS, through a `kill -9`, and until their time is over. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { shopFor } from './ask-once.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

const [EU, US] = CLUSTERS;

let running: RunningWorld;
/** The director that runs now. */
let director: OwnProcess;

beforeAll(async () => {
  running = await startWorld(28_953);
  ({ director } = running);
});

afterAll(async () => {
  await director?.stop();
  await running?.stop();
});

/** Whom a client near the first cluster is sent to. */
function answered(): Promise<string | undefined> {
  return shopFor(running.port, [192, 0, 2], 24);
}

async function azimuth(...args: readonly string[]): Promise<{ readonly code: unknown; readonly text: string }> {
  const command = startOwn('src/main.ts', [...args, '--config', running.world.config]);
  const [code] = await once(command.child, 'close');
  return { code, text: command.lines.join('\n') };
}

const set = (name: string, ...args: readonly string[]) =>
  azimuth('override', 'set', name, ...args, '--reason', 'kernel update');

describe('an override of a running director', () => {
  it('is in the answers when the command ends, and nothing is hidden', async () => {
    await eventually(async () => expect(await answered()).toBe(EU.address));
    expect(await set('work', '--cluster', 'eu-*', '--down')).toMatchObject({ code: 0 });
    expect(await answered()).toBe(US.address);
    expect((await azimuth('explain', 'shop.gslb.example')).text).toMatch(/eu-west .*down \(by work, measured up\)/);
  });

  it('is there after a kill -9, from the first answer on', async () => {
    director.child.kill('SIGKILL');
    await once(director.child, 'exit');
    director = startOwn('src/main.ts', ['run', '--config', running.world.config]);
    await director.waitFor((line) => logField(line, 'ready', 'listening'));
    expect(await answered()).toBe(US.address);
    expect((await azimuth('status')).text).toContain('override work  down  by local: kernel update');
  });

  it('tells which of its patterns fit nothing, and is taken all the same', async () => {
    const scope = ['--cluster', 'EU-West', '--cluster', 'us-eats', '--except-hostname', 'nobody.*'];
    const { code, text } = await set('typed', ...scope, '--weight', '7');
    expect(code).toBe(0);
    expect(text).toContain('Nothing that there is now fits "us-eats" (`clusters`): did you mean "us-east"?');
    expect(text).toContain('Nothing that there is now fits "nobody.*" (`except.hostnames`).');
    expect(await azimuth('override', 'clear', 'typed')).toMatchObject({ code: 0 });
  });

  it('is gone from the answers when the command that clears it ends', async () => {
    expect(await azimuth('override', 'clear', 'work')).toMatchObject({ code: 0, text: 'Override work is cleared.' });
    await eventually(async () => expect(await answered()).toBe(EU.address));
    expect(await azimuth('override', 'clear', 'work')).toMatchObject({ code: 1 });
  });

  it('ends by itself', async () => {
    expect(await set('brief', '--cluster', 'eu-*', '--drain', '--for', '3s')).toMatchObject({ code: 0 });
    await eventually(async () => expect(await answered()).toBe(EU.address));
    await eventually(async () => expect((await azimuth('override', 'list')).text).toBe('There is no override.'));
  });

  it('of two operators who set the same name, one after the other holds', async () => {
    const both = await Promise.all([
      set('same', '--cluster', 'eu-*', '--down'),
      set('same', '--cluster', 'us-*', '--down'),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const { items } = JSON.parse((await azimuth('override', 'list', '--json')).text);
    expect(items).toHaveLength(1);
    const [{ scope }] = items;
    const [wanted] = scope.clusters[0] === 'eu-*' ? [US.address] : [EU.address];
    await eventually(async () => expect(await answered()).toBe(wanted));
  });
});
