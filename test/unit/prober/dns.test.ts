import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Monitor, ProbeExpectation } from '../../../src/core/desired/model.ts';
import { MAX_ANSWER_BYTES } from '../../../src/prober/dns-message.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';
import { type RawServer, startTcp } from './servers.ts';

const RESPONSE = { type: 'response', flags: 0x0400 } as const;
const TC = 0x0200;

let udp: UdpSocket;
let port = 0;
let seen: Packet[] = [];
let reply: (query: Packet, raw: Buffer) => readonly Buffer[];

beforeEach(async () => {
  seen = [];
  udp = createSocket('udp4');
  udp.on('message', (raw, from) => {
    const query = decode(raw);
    seen.push(query);
    for (const message of reply(query, raw)) udp.send(message, from.port, from.address);
  });
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  port = udp.address().port;
});
afterEach(() => void udp.close());

const a = (data: string): Answer => ({ type: 'A', name: 'www.example', ttl: 30, data });
/** dns-packet takes the RCODE with the flags. */
const answer = (query: Packet, answers: readonly Answer[], rcode = 0, flags = 0): Buffer =>
  encode({
    ...RESPONSE,
    id: query.id ?? 0,
    flags: RESPONSE.flags | rcode | flags,
    questions: query.questions ?? [],
    answers: [...answers],
  });

const monitor = (given: Partial<Monitor> = {}): Monitor =>
  monitorOf({ protocol: 'dns', address: '127.0.0.1', port, host: '', path: 'www.example?type=A', ...given });
const probe = (given: Partial<Monitor> = {}) => probeOnce(monitor(given));

describe('a dns probe', () => {
  it('asks its question once over UDP and is content with an answer', async () => {
    reply = (query) => [answer(query, [a('192.0.2.1')])];
    const result = await probe();
    expect(verdictOf(result)).toBe('success');
    expect(seen).toHaveLength(1);
    expect(seen[0]?.questions).toMatchObject([{ name: 'www.example', type: 'A', class: 'IN' }]);
    expect(Object.keys(result.phases ?? {})).toEqual(['firstByteMs']);
  });

  it('asks for the hostname where the question names nothing, and for the root', async () => {
    reply = (query) => [answer(query, [a('192.0.2.1')])];
    expect(verdictOf(await probe({ path: '?type=AAAA', host: 'shop.gslb.example' }))).toBe('success');
    expect(verdictOf(await probe({ path: '.?type=NS' }))).toBe('success');
    expect(seen.map(({ questions }) => questions?.map(({ name, type }) => `${name} ${type}`))).toEqual([
      ['shop.gslb.example AAAA'],
      ['. NS'],
    ]);
  });

  it.each([
    ['no answer', 0, 'answer', 'NOERROR without an answer'],
    ['SERVFAIL', 2, 'status', 'SERVFAIL'],
    ['NXDOMAIN', 3, 'status', 'NXDOMAIN'],
    ['REFUSED', 5, 'status', 'REFUSED'],
  ] as const)('fails on %s', async (_what, rcode, failure, detail) => {
    reply = (query) => [answer(query, [], rcode)];
    expect((await probe()).outcome).toEqual({ kind: 'failure', failure, detail });
  });

  it('is content with the codes that are expected, and with no others', async () => {
    const expect_: ProbeExpectation = { kind: 'rcode', codes: ['NXDOMAIN', 'REFUSED'] };
    reply = (query) => [answer(query, [], 3)];
    expect(verdictOf(await probe({ expect: expect_ }))).toBe('success');
    reply = (query) => [answer(query, [a('192.0.2.1')])];
    expect((await probe({ expect: expect_ })).outcome).toMatchObject({ failure: 'status', detail: 'NOERROR' });
  });

  it.each<[Answer, string, string]>([
    [a('192.0.2.7'), '192.0.2.7', 'success'],
    [a('192.0.2.7'), '192.0.2.70', 'answer'],
    [{ type: 'AAAA', name: 'www.example', data: '2001:db8:0:0::1' }, '2001:DB8::1', 'success'],
    [{ type: 'CNAME', name: 'www.example', data: 'Edge.example' }, 'edge.example.', 'success'],
    [{ type: 'MX', name: 'www.example', data: { preference: 10, exchange: 'mx.example' } }, '10 mx.example', 'success'],
    [{ type: 'TXT', name: 'www.example', data: ['ready=', 'yes'] }, 'ready=yes', 'success'],
    [{ type: 'SRV', name: 'www.example', data: { port: 443, target: 'a.example' } }, '0 0 443 a.example', 'success'],
  ])('finds the data %j as %s: %s', async (record, text, verdict) => {
    reply = (query) => [answer(query, [a('192.0.2.200'), record])];
    expect(verdictOf(await probe({ expect: { kind: 'answer', text } }))).toBe(verdict);
  });

  it('passes over messages that are no answer to it, and takes the one that is', async () => {
    reply = (query, raw) => [
      Buffer.from('x'),
      raw,
      answer({ ...query, id: ((query.id ?? 0) + 1) & 0xffff }, [], 2),
      answer(query, [a('192.0.2.1')]),
    ];
    expect(verdictOf(await probe())).toBe('success');
  });

  it('calls an answer to another question, or one that does not parse, a fault of protocol', async () => {
    reply = (query) => [answer({ ...query, questions: [{ type: 'A', name: 'other.example' }] }, [a('192.0.2.1')])];
    expect(verdictOf(await probe())).toBe('protocol');
    reply = (query) => [answer({ ...query, questions: [] }, [a('192.0.2.1')])];
    expect(verdictOf(await probe())).toBe('protocol');
    reply = (query) => [answer(query, [a('192.0.2.1')]).subarray(0, 40)];
    expect(verdictOf(await probe())).toBe('protocol');
  });

  it('is a timeout where nothing comes, and refused where the port is closed', async () => {
    reply = () => [];
    const result = await probe({ timeoutMs: 200 });
    expect(result.outcome).toMatchObject({ failure: 'timeout', detail: expect.stringContaining('waiting') });
    expect(result.durationMs).toBeLessThan(600);
    const closed = createSocket('udp4').bind(0, '127.0.0.1');
    await once(closed, 'listening');
    const free = closed.address().port;
    closed.close();
    expect(verdictOf(await probe({ port: free }))).toBe('refused');
  });

  it('never looks a name up', async () => {
    expect((await probe({ address: 'localhost' })).outcome).toMatchObject({ failure: 'internal' });
    expect(seen).toEqual([]);
  });
});

describe('a truncated answer', () => {
  let tcp: RawServer;
  let octets: (query: Packet) => Buffer;

  beforeEach(async () => {
    tcp = await startTcp((socket) => {
      socket.once('data', (chunk: Buffer) => socket.write(octets(decode(chunk.subarray(2)))));
    });
    udp.close();
    udp = createSocket('udp4').on('message', (raw, from) => {
      udp.send(answer(decode(raw), [], 0, TC), from.port, from.address);
    });
    udp.bind(tcp.port, '127.0.0.1');
    await once(udp, 'listening');
    port = tcp.port;
  });
  afterEach(() => tcp.stop());

  const framed = (message: Buffer, length = message.length): Buffer =>
    Buffer.concat([Buffer.of(length >> 8, length & 0xff), message]);

  it('is asked for again over TCP', async () => {
    octets = (query) => framed(answer(query, [a('192.0.2.1'), a('192.0.2.2')]));
    const result = await probe({ expect: { kind: 'answer', text: '192.0.2.2' } });
    expect(verdictOf(result)).toBe('success');
    expect(result.phases?.connectMs).toBeGreaterThan(0);
  });

  it.each([
    ['longer than the limit', (query: Packet) => framed(answer(query, []), MAX_ANSWER_BYTES + 1), 'protocol'],
    [
      'to another query',
      (query: Packet) => framed(answer({ ...query, id: 0xffff & ~(query.id ?? 0) }, [])),
      'protocol',
    ],
    ['that never ends', (query: Packet) => framed(answer(query, []), 1000), 'timeout'],
  ] as const)('fails over TCP where the answer is one %s', async (_what, say, failure) => {
    octets = say;
    expect(verdictOf(await probe({ timeoutMs: 300 }))).toBe(failure);
  });
});
