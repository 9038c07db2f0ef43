import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextFreeAddress } from '../../src/cli/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { shopFor } from './ask-once.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

const [EU, US, AP] = CLUSTERS;

let running: RunningWorld;
/** The director that runs now. */
let director: OwnProcess;

beforeAll(async () => {
  running = await startWorld(28_353);
  ({ director } = running);
});
afterAll(async () => {
  await director?.stop();
  await running?.stop();
});

async function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const command = startOwn('src/main.ts', args, env);
  const [code] = await once(command.child, 'close');
  return { code, text: command.lines.join('\n') };
}

const own = (...args: readonly string[]) => cli([...args, '--config', running.world.config]);
const state = () => join(running.world.folder, 'state');

async function killed(): Promise<void> {
  const exited = once(director.child, 'exit');
  director.child.kill('SIGKILL');
  await exited;
  director = startOwn('src/main.ts', ['run', '--config', running.world.config]);
  await director.waitFor((line) => logField(line, 'ready', 'listening'));
}

/** How many entries are in the record, which is whole. */
async function recorded(): Promise<number> {
  const { code, text } = await own('audit', 'verify');
  expect(code).toBe(0);
  return Number(/(\d+) entries/.exec(text)?.[1]);
}

/** The address that a client near a cluster is given. */
function answer(port: number, { subnet: near }: { readonly subnet: string }): Promise<string | undefined> {
  return shopFor(port, near.split('.').slice(0, 3).map(Number), 24);
}

describe('a director that is killed', () => {
  it('has in force what it acknowledged, and has recorded who ordered it', async () => {
    expect(await own('drain', EU.name, '--reason', 'fire')).toMatchObject({ code: 0 });
    await killed();
    const { text } = await own('status', '--json');
    const { items }: { items: { name: string; drain: object | null }[] } = JSON.parse(text);
    expect(items.find(({ name }) => name === EU.name)?.drain).toMatchObject({ by: 'local', reason: 'fire' });
    expect((await own('undrain', EU.name)).code).toBe(0);
    await killed();
    const listed = await own('audit', 'list');
    expect(listed.text).toMatch(
      /local +127\.0\.0\.1 +cluster\.undrain +eu-west +done\n.*cluster\.drain +eu-west +done/,
    );
    expect(await own('audit', 'verify')).toMatchObject({ code: 0, text: expect.stringContaining('2 entries') });
  });

  it('does not hide that somebody changed the record', async () => {
    const file = join(state(), 'audit', '00000001.jsonl');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"who":"local"', '"who":"ghost"'));
    const verified = await cli(['audit', 'verify', '--directory', state()]);
    expect(verified).toMatchObject({ code: 1, text: expect.stringContaining('line 2') });
    await writeFile(file, text);
  });
});

describe('a second director with the same state directory', () => {
  it('answers, refuses orders, says why, and hurts nothing', async () => {
    const dns = await nextFreeAddress({ host: '127.0.0.1', port: 28_553 }, 'dns');
    const admin = await nextFreeAddress({ host: '127.0.0.1', port: 31_253 }, 'admin');
    const env = { AZIMUTH_DNS_LISTEN: `127.0.0.1:${dns.port}`, AZIMUTH_ADMIN_LISTEN: `127.0.0.1:${admin.port}` };
    const second = startOwn('src/main.ts', ['run', '--config', running.world.config], env);
    try {
      await second.waitFor((line) => (line.includes('state-in-use: ') ? line : undefined));
      await second.waitFor((line) => logField(line, 'ready', 'listening'));
      const refused = await cli(['drain', EU.name, '--reason', 'x', '--config', running.world.config], env);
      expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('not-saved') });
    } finally {
      await second.stop();
    }
    expect((await own('drain', EU.name, '--reason', 'x')).code).toBe(0);
    expect((await own('undrain', EU.name)).code).toBe(0);
    expect(await own('audit', 'verify')).toMatchObject({ code: 0, text: expect.stringContaining('4 entries') });
  });
});

/** Where one listens that runs beside the one of the configuration. */
async function otherPorts(): Promise<{ readonly env: NodeJS.ProcessEnv; readonly port: number }> {
  const dns = await nextFreeAddress({ host: '127.0.0.1', port: 28_753 }, 'dns');
  const admin = await nextFreeAddress({ host: '127.0.0.1', port: 31_453 }, 'admin');
  const env = { AZIMUTH_DNS_LISTEN: `127.0.0.1:${dns.port}`, AZIMUTH_ADMIN_LISTEN: `127.0.0.1:${admin.port}` };
  return { env, port: dns.port };
}

describe.each(['SIGTERM', 'SIGKILL'] as const)('a second director, when the first one ends by %s', (signal) => {
  it('has what that one acknowledged in force, takes orders, and goes on with its record', async () => {
    const before = await recorded();
    const { env, port } = await otherPorts();
    const at = (...args: readonly string[]) => cli([...args, '--config', running.world.config], env);
    const second = startOwn('src/main.ts', ['run', '--config', running.world.config], env);
    try {
      await second.waitFor((line) => (line.includes('state-in-use: ') ? line : undefined));
      await second.waitFor((line) => logField(line, 'ready', 'listening'));
      expect(await answer(port, EU)).toBe(EU.address);
      // It goes by what the first one is told.
      expect((await own('drain', EU.name, '--reason', 'x')).code).toBe(0);
      await eventually(async () => expect(await answer(port, EU)).not.toBe(EU.address));
      const refused = await at('undrain', EU.name);
      expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('another process') });
      expect((await own('undrain', EU.name)).code).toBe(0);
      const drill = ['--drain', '--cluster', AP.name, '--for', '10m', '--reason', 'x', '--force'];
      expect((await own('drill', 'start', `by-${signal.toLowerCase()}`, ...drill)).code).toBe(0);
      await eventually(async () => expect(await answer(running.port, AP)).not.toBe(AP.address));
      const last = ['--reason', 'the last thing that it was told', '--force'];
      expect((await own('drain', US.name, ...last)).code).toBe(0);
      const exited = once(director.child, 'exit');
      director.child.kill(signal);
      await exited;
      await second.waitFor((line) => (line.includes('"event":"state-taken-over"') ? line : undefined));
      await eventually(async () => expect(await answer(port, US)).not.toBe(US.address));
      expect(await answer(port, EU)).toBe(EU.address);
      // A drill ends with the director that ran it.
      expect(await answer(port, AP)).toBe(AP.address);
      const drills = await at('drill', 'show', `by-${signal.toLowerCase()}`);
      expect(drills.text).toContain('interrupted');
      const text = (await at('status', '--json')).text;
      const { items }: { items: { name: string; drain: object | null }[] } = JSON.parse(text);
      expect(items.filter(({ drain }) => drain !== null)).toMatchObject([
        { name: US.name, drain: { by: 'local', reason: 'the last thing that it was told' } },
      ]);
      await second.waitFor((line) => (line.includes('no more: state-in-use') ? line : undefined));
      expect(await at('undrain', US.name)).toMatchObject({ code: 0 });
      expect(await answer(port, US)).toBe(US.address);
    } finally {
      await second.stop();
    }
    // What the second one was told is there for the next.
    director = startOwn('src/main.ts', ['run', '--config', running.world.config]);
    await director.waitFor((line) => logField(line, 'ready', 'listening'));
    expect(await answer(running.port, US)).toBe(US.address);
    expect((await recorded()) - before).toBe(5);
  }, 120_000);
});
