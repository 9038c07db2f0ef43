import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextFreeAddress } from '../../src/cli/free-port.ts';
import { ask } from '../support/dns-client.ts';
import { QTYPE, query, RD, type Response } from '../support/dns-message.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

const UNBOUND = ['/usr/sbin/unbound', '/usr/bin/unbound'].find((path) => existsSync(path));
const HOST = '127.0.0.1';

let running: RunningWorld;
let unbound: ChildProcess;
let resolver: { readonly host: string; readonly port: number };

/** As strict as unbound can be: 0x20, QNAME minimisation, RFC 8020. */
function unboundConfig(dns: number, folder: string): string {
  return `server:
  interface: ${HOST}@${resolver.port}
  directory: "${folder}"
  pidfile: ""
  chroot: ""
  username: ""
  use-syslog: no
  do-daemonize: no
  do-not-query-localhost: no
  module-config: "iterator"
  use-caps-for-id: yes
  qname-minimisation-strict: yes
  harden-below-nxdomain: yes
  verbosity: 1
stub-zone:
  name: "gslb.example"
  stub-addr: ${HOST}@${dns}
remote-control:
  control-enable: no
`;
}

beforeAll(async () => {
  if (UNBOUND === undefined) return;
  running = await startWorld(27_353);
  resolver = await nextFreeAddress({ host: HOST, port: 24_753 }, 'dns');
  const { folder } = running.world;
  const config = join(folder, 'unbound.conf');
  await writeFile(config, unboundConfig(running.port, folder));
  unbound = spawn(UNBOUND, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const lines: string[] = [];
  createInterface({ input: unbound.stderr! }).on('line', (line) => {
    lines.push(line);
    if (line.includes('start of service')) resolve();
  });
  unbound.once('exit', () => reject(new Error(`unbound ended: ${lines.join('\n')}`)));
  await promise;
});

afterAll(async () => {
  if (UNBOUND === undefined) return;
  unbound.kill();
  await once(unbound, 'exit');
  await running.stop();
});

function resolve(name: string, type: number): Promise<Response> {
  return ask(resolver, query(name, type, {}, { flags: RD }));
}

describe.skipIf(UNBOUND === undefined)('behind a strict resolver (skipped without unbound)', () => {
  it('a steered name resolves to one cluster', async () => {
    const { rcode, packet } = await resolve('shop.gslb.example', QTYPE.A);
    expect(rcode).toBe(0);
    const addresses = packet.answers?.flatMap((record) => (record.type === 'A' ? [record.data] : []));
    expect(addresses).toHaveLength(1);
    expect(CLUSTERS.map(({ address }): string => address)).toContain(addresses?.[0]);
  });

  it('what does not exist, and a type that a name lacks, is denied with the SOA', async () => {
    for (const [name, type, rcode] of [
      ['missing.gslb.example', QTYPE.A, 3],
      ['deep.below.missing.gslb.example', QTYPE.A, 3],
      ['shop.gslb.example', QTYPE.AAAA, 0],
    ] as const) {
      const response = await resolve(name, type);
      expect(response.rcode, name).toBe(rcode);
      expect(response.packet.answers, name).toEqual([]);
      expect(
        response.packet.authorities?.map((record) => record.type),
        name,
      ).toEqual(['SOA']);
    }
  });

  it('the zone itself resolves', async () => {
    const { packet } = await resolve('gslb.example', QTYPE.NS);
    expect(packet.answers).toMatchObject([{ type: 'NS', data: 'ns1.gslb.example' }]);
  });
});
