import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import { checkListener } from '../../../src/dns/self-check.ts';
import { createTcpServer } from '../../../src/dns/tcp.ts';
import { createUdpServer } from '../../../src/dns/udp.ts';
import { createTestResponder, startServers, type TestServers } from '../../support/dns-server.ts';

let servers: TestServers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.close());

describe('the self-check', () => {
  it('is ok where the listener serves the zone', async () => {
    expect(await checkListener(servers.udp, 'gslb.example')).toBe('ok');
  });

  it('says why it is not', async () => {
    expect(await checkListener(servers.udp, 'example.org')).toBe('the SOA of example.org was answered with RCODE 5');
    expect(await checkListener(servers.udp, 'x.wild.gslb.example')).toContain('no SOA came');
    const silent = createSocket('udp4');
    const listening = once(silent, 'listening');
    silent.bind(0, '127.0.0.1');
    await listening;
    const reason = await checkListener({ host: '127.0.0.1', port: silent.address().port }, 'gslb.example');
    silent.close();
    expect(reason).toContain('timed out');
  });

  it('reaches a listener on the wildcard address', async () => {
    const wildcard = await startServers({ host: '0.0.0.0' });
    expect(await checkListener(wildcard.udp, 'gslb.example')).toBe('ok');
    await wildcard.close();
  });
});

describe('listening', () => {
  it('rejects with the system error where an address is taken, and lets go of what it had', async () => {
    const responding = createTestResponder();
    const free = { host: '127.0.0.1', port: 0 };
    const udp = createUdpServer({ ...responding, listen: [free, servers.udp] });
    await expect(udp.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const limits = { clock: SYSTEM_CLOCK, maxConnections: 1, idleMs: 1000 };
    const tcp = createTcpServer({ ...responding, ...limits, listen: [free, servers.tcp] });
    await expect(tcp.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('closes twice without harm', async () => {
    const twice = await startServers();
    await twice.close();
    await twice.close();
  });
});
