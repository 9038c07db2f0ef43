import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextFreeAddress } from '../../src/cli/free-port.ts';
import { query, readResponse, subnet } from '../support/dns-message.ts';
import { type OwnProcess, startOwn } from './director-process.ts';

const CLIENTS = [
  ['Frankfurt', [3, 120, 0], '127.0.0.2'],
  ['Virginia', [3, 80, 0], '127.0.0.3'],
  ['Tokyo', [13, 112, 0], '127.0.0.4'],
] as const;

/** Whether another demo runs already. */
const busy = (await nextFreeAddress({ host: '127.0.0.2', port: 8443 }, 'admin')).port !== 8443;

let demo: OwnProcess;
let port: number;

beforeAll(async () => {
  if (busy) return;
  demo = startOwn('src/main.ts', []);
  port = Number(await demo.waitFor((line) => /DNS on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]));
});

afterAll(async () => {
  await demo?.stop();
});

async function addresses(name: string, client?: readonly number[]): Promise<readonly string[]> {
  const socket = createSocket('udp4');
  try {
    const edns = client === undefined ? {} : { options: [subnet(1, 24, client)] };
    socket.send(query(name, 1, edns), port, '127.0.0.1');
    const [octets] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    const { answers = [] } = readResponse(octets).packet;
    return answers.flatMap((record) => (record.type === 'A' ? [record.data] : []));
  } finally {
    socket.close();
  }
}

describe.skipIf(busy)('npm start, into a pipe (skipped while the ports of the demo gateways are taken)', () => {
  it.each(CLIENTS)('sends %s to its own cluster by the embedded location data', async (_city, client, address) => {
    expect(await addresses('shop.gslb.example', client)).toEqual([address]);
  });

  it('answers weighted, failover, residency, wildcard and alias names', async () => {
    expect(['127.0.0.2', '127.0.0.3']).toContain((await addresses('api.gslb.example'))[0]);
    expect(await addresses('bank.gslb.example', [13, 112, 0])).toEqual(['127.0.0.2']);
    expect(await addresses('records.gslb.example', [3, 120, 0])).toEqual(['127.0.0.2']);
    expect(await addresses('any.apps.gslb.example', [13, 112, 0])).toEqual(['127.0.0.4']);
    expect(await addresses('www.gslb.example', [3, 80, 0])).toEqual(['127.0.0.3']);
  });

  it('prints what to try next, in structured log lines', () => {
    const messages = demo.lines
      .map((line): unknown => JSON.parse(line))
      .map((line) => new Map(Object.entries(Object(line))).get('msg'));
    const hints = ['dig @', 'kill ', 'npm run gateway -- eu-west'];
    const commands = ['explain', 'drain', 'undrain', 'drill start', 'drill watch'];
    for (const hint of [...hints, ...commands.map((command) => `npm run azimuth -- ${command} `)]) {
      const isHint = (message: unknown): boolean =>
        String(message)
          .replace(/^AZIMUTH_ADMIN_LISTEN=\S+ /, '')
          .startsWith(hint);
      expect(messages.filter(isHint), hint).not.toEqual([]);
    }
  });

  it('explains an answer by the CLI, and tells its status', async () => {
    const explain = startOwn('src/main.ts', ['explain', 'shop.gslb.example', '--from', '3.120.0.1'], admin());
    expect(await explain.waitFor((line) => (line.startsWith('answer: ') ? line : undefined))).toMatch(/scope \/\d+/);
    expect(explain.lines.join('\n')).toMatch(/eu-west\s+127\.0\.0\.2\s+up\s+100\s+0\s+\d+ km\s+\d+ s\s+answered/);
    const status = startOwn('src/main.ts', ['status', '--json'], admin());
    await once(status.child, 'exit');
    expect(JSON.parse(status.lines.join('\n'))).toMatchObject({ status: { ready: true, hostnames: 5 } });
  });

  it('notices a killed gateway and stays alive', async () => {
    const pid = Number(demo.lines.map((line) => /"kill (\d+)"/.exec(line)?.[1]).find((found) => found !== undefined));
    process.kill(pid);
    await demo.waitFor((line) => /gateway eu-west has ended/.exec(line)?.[0]);
    await demo.waitFor((line) => /127\.0\.0\.2:8443.*"from":"up","to":"down"/.exec(line)?.[0]);
    expect(await addresses('records.gslb.example', [13, 112, 0])).toHaveLength(1);
  });

  it('ends with exit code 0 and takes its gateways along', async () => {
    expect(await demo.stop()).toBe(0);
    await expect(fetch('http://127.0.0.3:8080/')).rejects.toThrow('fetch failed');
  });

  it('leaves no gateway behind where it is killed', async () => {
    const other = startOwn('src/main.ts', []);
    await other.waitFor((line) => /"msg":"ready"/.exec(line)?.[0]);
    const gateway = connect(8080, '127.0.0.3');
    await once(gateway, 'connect');
    other.child.kill('SIGKILL');
    await once(gateway.resume(), 'close');
    await expect(fetch('http://127.0.0.3:8080/')).rejects.toThrow('fetch failed');
  });
});

function admin(): NodeJS.ProcessEnv {
  const address = demo.lines.map((line) => /admin API on http:\/\/([\d.:]+)/.exec(line)?.[1]).find(Boolean);
  return { AZIMUTH_ADMIN_LISTEN: address };
}
