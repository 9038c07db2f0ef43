import { Packet } from 'dns2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askMany, askTcp } from '../support/dns-client.ts';
import { AD, CD, LONGEST_NAME, QTYPE, query, question, RD, wireName } from '../support/dns-message.ts';
import { onEveryEngine, type TestServers } from '../support/dns-server.ts';
import { SERIAL, SOA_MINIMUM, VIP } from '../support/world.ts';

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const about = (name: string, type: number, flags = 0) => ask(servers.udp, query(name, type, undefined, { flags }));

  describe('header and question', () => {
    it('RFC 1035 §4.1.1: a name in the zone is answered with QR, AA and its id', async () => {
      const response = await ask(servers.udp, query('static.gslb.example', QTYPE.A, undefined, { id: 0xbeef }));
      expect(response).toMatchObject({ id: 0xbeef, qr: 1, opcode: 0, aa: 1, tc: 0, rcode: 0, z: 0 });
      expect(response.packet.answers?.map((record) => record.type === 'A' && record.data)).toEqual([
        '192.0.2.1',
        '192.0.2.2',
      ]);
    });

    it('RFC 1035 §4.1.1: RD is copied and RA is 0', async () => {
      expect(await about('static.gslb.example', QTYPE.A, RD)).toMatchObject({ rd: 1, ra: 0 });
      expect(await about('static.gslb.example', QTYPE.A)).toMatchObject({ rd: 0, ra: 0 });
    });

    it('RFC 1035 §4.1.1: AA, TC, RA, Z and RCODE of the query change nothing', async () => {
      expect(await about('static.gslb.example', QTYPE.A, 0x06cf)).toMatchObject({
        aa: 1,
        tc: 0,
        ra: 0,
        z: 0,
        rcode: 0,
        counts: [1, 2, 0, 0],
      });
    });

    it('RFC 4035 §3.1.6: AD is never set and CD is cleared', async () => {
      expect(await about('static.gslb.example', QTYPE.A, AD | CD)).toMatchObject({ ad: 0, cd: 0, rcode: 0 });
    });

    it('RFC 4343 §4.1: the name matches in any case and the question comes back as it was sent', async () => {
      const asked = question('sTaTiC.GsLb.eXaMpLe', QTYPE.A);
      const response = await ask(servers.udp, query('sTaTiC.GsLb.eXaMpLe', QTYPE.A));
      expect(response.body.subarray(0, asked.length)).toEqual(asked);
      expect(response.counts).toEqual([1, 2, 0, 0]);
    });

    it('RFC 5452 §9.1: the question section equals that of the query, whatever the answer', async () => {
      for (const name of ['static.gslb.example', 'Missing.gslb.example', 'www.EXAMPLE.org', 'x.child.gslb.example']) {
        const asked = question(name, QTYPE.TXT);
        const response = await about(name, QTYPE.TXT);
        expect(response.body.subarray(0, asked.length)).toEqual(asked);
      }
    });

    it('RFC 2181 §11: any octet is legal in a label', async () => {
      const name = Buffer.concat([Buffer.of(11), Buffer.from('odd\0\xff.label', 'latin1'), wireName('gslb.example')]);
      const response = await ask(servers.udp, query(name, QTYPE.TXT));
      expect(response).toMatchObject({ rcode: 0, aa: 1, counts: [1, 1, 0, 0] });
    });

    it('RFC 1035 §2.3.4: a name of 255 octets is answered', async () => {
      expect(wireName(LONGEST_NAME).length).toBe(255);
      expect(await about(LONGEST_NAME, QTYPE.A)).toMatchObject({ rcode: 3, aa: 1 });
    });
  });

  describe('positive answers', () => {
    it('RFC 3596 §2.2: AAAA rdata is 16 octets', async () => {
      const response = await about('v6.gslb.example', QTYPE.AAAA);
      expect(response.octets.subarray(-18).toString('hex')).toBe('001020010db8000000000000000000000001');
    });

    it('RFC 2181 §5.2: one TTL per RRset', async () => {
      for (const name of ['static.gslb.example', 'all.gslb.example']) {
        const { packet } = await about(name, QTYPE.A);
        const ttls = packet.answers?.map((record) => ('ttl' in record ? record.ttl : undefined)) ?? [];
        expect(ttls.length).toBeGreaterThan(1);
        expect(new Set(ttls).size).toBe(1);
      }
    });

    it('RFC 1035 §3.3: NS, SOA, MX, TXT, SRV and CNAME are served', async () => {
      const [ns, soa, mx, txt, srv, cname] = await Promise.all([
        about('gslb.example', QTYPE.NS),
        about('gslb.example', QTYPE.SOA),
        about('gslb.example', QTYPE.MX),
        about('text.gslb.example', QTYPE.TXT),
        about('_sip._tcp.gslb.example', QTYPE.SRV),
        about('www.gslb.example', QTYPE.CNAME),
      ]);
      expect(ns.packet.answers?.map((record) => record.type === 'NS' && record.data)).toEqual([
        'ns1.gslb.example',
        'ns2.gslb.example',
      ]);
      expect(soa.packet.answers).toMatchObject([{ type: 'SOA', data: { serial: SERIAL, minimum: SOA_MINIMUM } }]);
      expect(mx.packet.answers).toMatchObject([{ data: { preference: 10, exchange: 'mail.gslb.example' } }]);
      expect(txt.packet.answers).toMatchObject([{ data: [Buffer.from('one'), Buffer.from('two')] }]);
      expect(srv.packet.answers).toMatchObject([{ data: { port: 5060, target: 'static.gslb.example' } }]);
      expect(cname.packet.answers).toMatchObject([{ type: 'CNAME', data: 'static.gslb.example' }]);
    });

    it('RFC 8659 §4.1: CAA is served and unknown tags are kept', async () => {
      const { packet } = await about('caa.gslb.example', QTYPE.CAA);
      expect(packet.answers).toMatchObject([
        { type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.example.net' } },
        { type: 'CAA', data: { flags: 128, tag: 'tbs', value: 'unknown' } },
      ]);
    });

    it('RFC 2182 §5: the apex has two name servers', async () => {
      const { packet } = await about('gslb.example', QTYPE.NS);
      expect(packet.answers).toHaveLength(2);
      expect(packet.additionals?.length).toBeGreaterThanOrEqual(3);
    });

    it('RFC 1034 §3.6.2: a CNAME is followed within our zones', async () => {
      const { packet, rcode, aa } = await about('www.gslb.example', QTYPE.A);
      expect([rcode, aa]).toEqual([0, 1]);
      expect(packet.answers?.map((record) => record.type)).toEqual(['CNAME', 'A', 'A']);
      const steered = await about('to-steered.gslb.example', QTYPE.A);
      expect(steered.packet.answers?.map((record) => record.type)).toEqual(['CNAME', 'A']);
    });

    it('RFC 1034 §3.6.2: a CNAME loop ends and a CNAME that leads outside is answered alone', async () => {
      const [loop, outside] = await Promise.all([
        about('loop-a.gslb.example', QTYPE.A),
        about('to-outside.gslb.example', QTYPE.A),
      ]);
      expect(loop.rcode).toBe(0);
      expect(outside).toMatchObject({ rcode: 0, aa: 1, counts: [1, 1, 0, 0] });
    });

    it('RFC 6604 §3: the RCODE after a CNAME is that of the last name', async () => {
      const response = await about('to-nowhere.gslb.example', QTYPE.A);
      expect(response).toMatchObject({ rcode: 3, aa: 1, counts: [1, 1, 1, 0] });
    });

    it('RFC 1035 §4.1: another decoder, dns2, reads the same answer', async () => {
      const { octets } = await about('shop.gslb.example', QTYPE.A);
      const packet = Packet.parse(octets);
      expect(packet.errors).toEqual([]);
      const vips = Object.values(VIP).map((vip) => vip.v4);
      expect(vips).toContain(packet.answers[0]?.address);
    });

    it('RFC 7766 §5: the answer over TCP is that over UDP', async () => {
      const octets = query('static.gslb.example', QTYPE.A, undefined, { id: 7 });
      const [udp, tcp] = await Promise.all([ask(servers.udp, octets), askTcp(servers.tcp, octets)]);
      expect(tcp.octets).toEqual(udp.octets);
    });
  });

  describe('negative answers', () => {
    it('RFC 2308 §3: NXDOMAIN and NODATA carry the SOA with the TTL min(SOA TTL, MINIMUM)', async () => {
      for (const [name, rcode] of [
        ['missing.gslb.example', 3],
        ['static.gslb.example', 0],
      ] as const) {
        const response = await about(name, QTYPE.TXT);
        expect(response).toMatchObject({ rcode, aa: 1, counts: [1, 0, 1, 0] });
        expect(response.packet.authorities).toMatchObject([{ type: 'SOA', name: 'gslb.example', ttl: SOA_MINIMUM }]);
      }
    });

    it('RFC 4074 §4.2: AAAA of a name with only A is NODATA', async () => {
      expect(await about('static.gslb.example', QTYPE.AAAA)).toMatchObject({ rcode: 0, aa: 1, counts: [1, 0, 1, 0] });
      expect(await about('api.gslb.example', QTYPE.AAAA)).toMatchObject({ rcode: 0, aa: 1, counts: [1, 0, 1, 0] });
    });

    it('RFC 3597 §2: a type that nobody knows is NODATA at a name that exists', async () => {
      for (const type of [65280, 0, 129, 200, 32768, 65535]) {
        expect(await about('static.gslb.example', type)).toMatchObject({ rcode: 0, counts: [1, 0, 1, 0] });
      }
    });

    it('RFC 9460 §2: HTTPS and SVCB are NODATA where there are none', async () => {
      expect(await about('shop.gslb.example', QTYPE.HTTPS)).toMatchObject({ rcode: 0, counts: [1, 0, 1, 0] });
      expect(await about('shop.gslb.example', 64)).toMatchObject({ rcode: 0, counts: [1, 0, 1, 0] });
    });

    it('RFC 8020 §2: an empty non-terminal is NODATA, below a missing name all is NXDOMAIN', async () => {
      for (const name of ['ent.gslb.example', 'deep.ent.gslb.example']) {
        expect(await about(name, QTYPE.A)).toMatchObject({ rcode: 0, counts: [1, 0, 1, 0] });
      }
      for (const name of ['missing.gslb.example', 'a.missing.gslb.example', 'a.b.static.gslb.example']) {
        expect(await about(name, QTYPE.A)).toMatchObject({ rcode: 3, counts: [1, 0, 1, 0] });
      }
    });

    it('RFC 9156 §2.3: NS and A asked at an empty non-terminal are NODATA', async () => {
      for (const type of [QTYPE.NS, QTYPE.A]) {
        expect(await about('_tcp.gslb.example', type)).toMatchObject({ rcode: 0, aa: 1, counts: [1, 0, 1, 0] });
      }
    });

    it('RFC 4592 §2.2: a wildcard answers with the name that was asked', async () => {
      const response = await about('Some.Thing.wild.gslb.example', QTYPE.A);
      expect(response).toMatchObject({ rcode: 0, aa: 1, counts: [1, 1, 0, 0] });
      expect(response.packet.answers?.[0]?.name.toLowerCase()).toBe('some.thing.wild.gslb.example');
      expect(await about('x.wild.gslb.example', QTYPE.AAAA)).toMatchObject({ rcode: 0, counts: [1, 0, 1, 0] });
      expect(await about('x.apps.gslb.example', QTYPE.A)).toMatchObject({ rcode: 0, counts: [1, 1, 0, 0] });
    });

    it('RFC 4592 §2.2.2: the wildcard itself can be asked for and its parent is an empty non-terminal', async () => {
      expect(await about('*.wild.gslb.example', QTYPE.A)).toMatchObject({ rcode: 0, counts: [1, 1, 0, 0] });
      expect(await about('wild.gslb.example', QTYPE.A)).toMatchObject({ rcode: 0, counts: [1, 0, 1, 0] });
    });

    it('RFC 8906 §2: a name outside our zones is REFUSED without RA and without records', async () => {
      for (const name of ['www.example.org', 'example', '', 'xgslb.example']) {
        expect(await about(name, QTYPE.A, RD)).toMatchObject({ rcode: 5, aa: 0, ra: 0, rd: 1, counts: [1, 0, 0, 0] });
      }
    });
  });

  describe('referrals', () => {
    it('RFC 1034 §4.3.2: a delegation is answered with its NS and without AA', async () => {
      const response = await about('host.child.gslb.example', QTYPE.A);
      expect(response).toMatchObject({ rcode: 0, aa: 0, counts: [1, 0, 1, 1] });
      expect(response.packet.authorities).toMatchObject([{ type: 'NS', data: 'ns.child.gslb.example' }]);
    });

    it('RFC 9471 §3: a referral holds the in-domain glue', async () => {
      const { packet } = await about('child.gslb.example', QTYPE.NS);
      expect(packet.additionals).toMatchObject([{ type: 'A', name: 'ns.child.gslb.example', data: '192.0.2.99' }]);
    });

    it('RFC 4035 §3.1.4.1: DS is answered by the parent', async () => {
      const response = await about('child.gslb.example', QTYPE.DS);
      expect(response).toMatchObject({ rcode: 0, aa: 1, counts: [1, 1, 0, 0] });
    });
  });

  describe('size', () => {
    it('RFC 2181 §9: TC is set only where an RRset was cut, and then no part of it comes', async () => {
      const cut = await about('big.gslb.example', QTYPE.TXT);
      expect(cut).toMatchObject({ tc: 1, counts: [1, 0, 0, 0] });
      expect(cut.octets.length).toBeLessThanOrEqual(512);
      expect(await about('static.gslb.example', QTYPE.A)).toMatchObject({ tc: 0 });
    });

    it('RFC 7766 §3: what is cut over UDP comes whole over TCP', async () => {
      const whole = await askTcp(servers.tcp, query('big.gslb.example', QTYPE.TXT));
      expect(whole).toMatchObject({ tc: 0, counts: [1, 9, 0, 0] });
      const huge = await askTcp(servers.tcp, query('huge.gslb.example', QTYPE.TXT));
      expect(huge).toMatchObject({ tc: 0, counts: [1, 250, 0, 0] });
      expect(huge.octets.length).toBeGreaterThan(60_000);
    });

    it('RFC 9715 §3: no UDP answer is longer than 1232 octets', async () => {
      const names = ['big.gslb.example', 'huge.gslb.example', 'gslb.example', 'all.gslb.example'];
      const queries = names.map((name) => query(name, QTYPE.TXT, { size: 65535 }));
      for (const { octets } of await askMany(servers.udp, queries)) expect(octets.length).toBeLessThanOrEqual(1232);
    });
  });
});
