import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query, readResponse, subnet } from '../support/dns-message.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

const [EU] = CLUSTERS;

let running: RunningWorld;
/** The director that runs now. */
let director: OwnProcess;

beforeAll(async () => {
  running = await startWorld(26_453);
  ({ director } = running);
});

afterAll(async () => {
  await director?.stop();
  await running?.stop();
});

async function restart(): Promise<void> {
  director = startOwn('src/main.ts', ['run', '--config', running.world.config]);
  await director.waitFor((line) => logField(line, 'ready', 'listening'));
}

async function answerOf(name: string): Promise<readonly object[]> {
  const socket = createSocket('udp4');
  try {
    socket.send(query(name, 1, { options: [subnet(1, 24, [192, 0, 2])] }), running.port, '127.0.0.1');
    const [response] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    return readResponse(response).packet.answers ?? [];
  } finally {
    socket.close();
  }
}

/** What `azimuth status --json` says of the view of each cluster. */
async function views(): Promise<ReadonlyMap<string, { origin: string; ageSeconds: number }>> {
  const status = startOwn('src/main.ts', ['status', '--config', running.world.config, '--json']);
  await once(status.child, 'close');
  const { items }: { items: { name: string; view: { origin: string; ageSeconds: number } }[] } = JSON.parse(
    status.lines.join('\n'),
  );
  return new Map(items.map(({ name, view }) => [name, view]));
}

async function cliText(...args: readonly string[]): Promise<string> {
  const command = startOwn('src/main.ts', [...args, '--config', running.world.config]);
  await once(command.child, 'close');
  return command.lines.join('\n');
}

describe('a director that is killed and finds the manifests of a cluster gone', () => {
  const folder = () => join(running.world.folder, EU.name);
  const gone = () => join(running.world.folder, 'gone');

  it('answers as before, by the view that it had saved', async () => {
    expect(await answerOf('shop.gslb.example')).toMatchObject([{ type: 'A', data: EU.address }]);
    const saved = join(running.world.folder, 'state', 'pictures');
    await expect.poll(() => readdir(saved), { timeout: 10_000 }).toContain(`${EU.name}.jsonl`);
    director.child.kill('SIGKILL');
    await once(director.child, 'exit');
    await rename(folder(), gone());
    await restart();
    expect(await answerOf('shop.gslb.example')).toMatchObject([{ type: 'A', data: EU.address }]);
  });

  it('says so: in the log, in status, and in explain', async () => {
    await director.waitFor((line) => (line.includes(`picture-from-store: `) ? line : undefined));
    await director.waitFor((line) => (line.includes('manifest-unreadable: ') ? line : undefined));
    const told = await views();
    expect(told.get(EU.name)?.origin).toBe('store');
    expect(told.get(CLUSTERS[1].name)?.origin).toBe('source');
    expect(await cliText('status')).toMatch(/eu-west .*saved \d+ s/);
    expect(await cliText('explain', 'shop.gslb.example')).toMatch(/eu-west .*saved \d+ s/);
  });

  it('goes by the manifests again once they are back', async () => {
    await director.stop();
    await rename(gone(), folder());
    await restart();
    expect(await answerOf('shop.gslb.example')).toMatchObject([{ type: 'A', data: EU.address }]);
    expect((await views()).get(EU.name)?.origin).toBe('source');
    expect(director.lines.filter((line) => line.includes('picture-from-store'))).toEqual([]);
  });
});
