/** Who follows events as a browser does, and saw none yet, is told that a director was killed and came back, and then misses nothing. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Followed, followEvents } from '../support/event-source.ts';
import { eventually } from '../support/eventually.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

const TOKEN = 'the-operators-token-for-events';
const CONFIG = `zones:
  - { name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53], ns2.gslb.example: [192.0.2.54] } }
clusters:
  - { name: eu-west, location: { country: DE }, source: { manifests: eu-west } }
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:0", tokens: { file: tokens.yaml } }
state: { directory: state }
`;

let folder = '';
let director: OwnProcess;
let followed: Followed;
let port = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-event-source-'));
  await mkdir(join(folder, 'eu-west'));
  await writeFile(join(folder, 'azimuth.yaml'), CONFIG);
  await writeFile(join(folder, 'tokens.yaml'), `- { name: ops, scope: operate, token: ${TOKEN} }\n`);
  await start();
});
afterAll(async () => {
  await followed?.close();
  await director?.stop();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  const listening = await director.waitFor((line) => logField(line, 'ready', 'listening'));
  port = Number(/"admin":.*?"port":(\d+)/.exec(JSON.stringify(listening))?.[1]);
}

async function drain(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/clusters/eu-west/drain`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: '{"reason":"proof"}',
  });
  return response.status;
}

it('is told of a gap after a kill, and of none after a connection that broke off', async () => {
  followed = await followEvents('/v1/events?types=override', { port: () => port, token: TOKEN });
  await eventually(() => expect(followed.opened()).toBe(1));
  director.child.kill('SIGKILL');
  await once(director.child, 'exit');
  await start();
  await eventually(() => expect(followed.seen).toEqual(['gap']));
  followed.cut();
  expect(await drain()).toBe(200);
  await eventually(() => expect(followed.seen).toEqual(['gap', 'override drain:eu-west']));
});
