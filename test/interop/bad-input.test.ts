import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query, readResponse, subnet } from '../support/dns-message.ts';
import { type OwnProcess, startOwn } from './director-process.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS, type World } from './world.ts';

const [EU] = CLUSTERS;

let running: RunningWorld;
let world: World;
let director: OwnProcess;
let port: number;

beforeAll(async () => {
  running = await startWorld(26_353);
  ({ world, director, port } = running);
});

afterAll(async () => {
  await running?.stop();
});

async function askOnce(octets: Buffer): Promise<ReturnType<typeof readResponse>> {
  const socket = createSocket('udp4');
  try {
    socket.send(octets, port, '127.0.0.1');
    const [response] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    return readResponse(response);
  } finally {
    socket.close();
  }
}

async function expectGoodAnswer(): Promise<void> {
  const { packet, rcode } = await askOnce(query('shop.gslb.example', 1, { options: [subnet(1, 24, [192, 0, 2])] }));
  expect(rcode).toBe(0);
  expect(packet.answers).toMatchObject([{ type: 'A', data: EU.address }]);
}

/** Resolves when the director has logged a finding of the code; returns where it points. */
function findingLogged(code: string): Promise<{ file: string; line?: number }> {
  return director.waitFor((line) => {
    if (!line.includes(`"msg":"${code}:`)) return undefined;
    const parsed: { file: string; line?: number } = JSON.parse(line);
    return parsed;
  });
}

describe('a running director and bad input', () => {
  it('broken YAML is a finding with file and line, and the last good answers stay', async () => {
    await writeFile(join(world.folder, EU.name, 'shop.yaml'), 'apiVersion: v1\nkind: Gateway\nmetadata: [\n');
    const origin = await findingLogged('manifest-syntax');
    expect(origin.file).toMatch(/eu-west\/shop\.yaml$/);
    expect(origin.line).toBeGreaterThanOrEqual(3);
    await expectGoodAnswer();
  });

  it('a corrupt location database is a finding, and the last good one stays', async () => {
    const file = join(world.folder, 'city.mmdb');
    await writeFile(`${file}.new`, 'no database at all');
    await rename(`${file}.new`, file);
    expect((await findingLogged('places-unreadable')).file).toBe(file);
    await expectGoodAnswer();
  });

  it('malformed packets get a proper error or nothing, over UDP and TCP, and hurt nobody', async () => {
    const garbage = query('shop.gslb.example', 1).subarray(0, 20);
    expect((await askOnce(garbage)).rcode).toBe(1);
    const socket = createSocket('udp4');
    for (let length = 0; length < 64; length++) socket.send(Buffer.alloc(length, 0xff), port, '127.0.0.1');
    await expectGoodAnswer();
    socket.close();
    const tcp = connect(port, '127.0.0.1');
    tcp.write(Buffer.from([0, 3, 1, 2, 3]));
    tcp.resume();
    await once(tcp, 'close');
    await expectGoodAnswer();
  });

  it('a bad configuration refuses to start and names the key, the line and what was expected', async () => {
    const file = join(world.folder, 'bad.yaml');
    await writeFile(file, 'zones:\n  - name: gslb.example\n    nameserver: {}\nclusters: []\n');
    const started = startOwn('src/main.ts', ['run', '--config', file]);
    const [code] = await once(started.child, 'close');
    expect(code).toBe(2);
    expect(started.lines.join('\n')).toMatch(
      /bad\.yaml:3: zones\[0\]\.nameserver: expected .*; did you mean "nameservers"\?/,
    );
  });

  it('a port that is taken refuses to start and says so', async () => {
    const started = startOwn('src/main.ts', ['run', '--config', world.config]);
    const [code] = await once(started.child, 'close');
    expect(code).toBe(1);
    expect(started.lines.at(-1)).toMatch(
      /^azimuth: cannot listen on 127\.0\.0\.1 port \d+: another program has it\. Stop that one, or change .*EADDRINUSE/,
    );
    await expectGoodAnswer();
  });
});
