import { describe, expect, it } from 'vitest';
import { createDnsTotals } from '../../../src/dns/counters.ts';
import { type AnswerSocket, createAnswers } from '../../../src/dns/udp.ts';
import { ask, askMany } from '../../support/dns-client.ts';
import { QTYPE, query, subnet } from '../../support/dns-message.ts';
import { onEveryEngine } from '../../support/dns-server.ts';
import { VIP } from '../../support/world.ts';

const IN_FLIGHT = 256;

type Sent = (error: Error | null) => void;

/** Answers over a system made by hand, which takes them at once or makes them wait, and fails as it is told. */
function answering() {
  const counting = createDnsTotals({ zones: [], clusters: [] });
  const system = { takes: 'at once' as 'at once' | 'later', fails: false };
  const waiting: Uint8Array[] = [];
  const sent: number[] = [];
  const socket: AnswerSocket = {
    send(octets, _port, _address, done?: Sent) {
      if (system.takes === 'later') waiting.push(octets);
      else sent.push(octets[0]!);
      done?.(system.fails ? new Error('EPERM') : null);
    },
    getSendQueueCount: () => waiting.length,
  };
  const answers = createAnswers(socket, counting);
  const answer = (octet: number, length = 1): 'sent' | 'dropped' => {
    const room = answers.take();
    if (room === undefined) return 'dropped';
    room.octets.fill(octet, 0, length);
    answers.send(length, 5353, '192.0.2.1');
    return 'sent';
  };
  const dropped = (reason: string): number | undefined =>
    counting.read().dropped.find((each) => each.reason === reason)?.count;
  return { system, waiting, sent, answer, dropped, answers };
}

describe('the answers of the portable engine', () => {
  it('leave one after the other through the same memory', () => {
    const { answers, answer, sent } = answering();
    const first = answers.take();
    for (let i = 0; i < 10; i++) expect(answer(i, 1 + (i % 3))).toBe('sent');
    expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(answers.take()).toBe(first);
  });

  it('are not written over while they wait for the system', () => {
    const { system, waiting, answer } = answering();
    system.takes = 'later';
    for (let i = 0; i < 10; i++) answer(i, 20);
    system.takes = 'at once';
    answer(99, 20);
    expect(waiting.map((octets) => [...new Set(octets)])).toEqual([[0], [1], [2], [3], [4], [5], [6], [7], [8], [9]]);
    expect(waiting.every((octets) => octets.length === 20)).toBe(true);
  });

  it('are dropped and counted while too many wait, and go on when the system has taken them', () => {
    const { system, waiting, answer, dropped } = answering();
    system.takes = 'later';
    for (let i = 0; i < IN_FLIGHT; i++) expect(answer(1)).toBe('sent');
    expect([answer(1), answer(1), waiting.length, dropped('busy')]).toEqual(['dropped', 'dropped', IN_FLIGHT, 2]);
    waiting.length = 0;
    expect([answer(1), dropped('busy')]).toEqual(['sent', 2]);
  });

  it('are counted one by one where they fail, from the first and as long as they do', () => {
    const { system, answer, dropped } = answering();
    system.fails = true;
    for (let i = 0; i < 5000; i++) answer(1);
    expect(dropped('send-failed')).toBe(5000);
  });

  it('that begin to fail after a million went well are noticed within a few, and all counted from then on', () => {
    const { system, answer, dropped } = answering();
    for (let i = 0; i < 1_000_000; i++) answer(1);
    system.fails = true;
    for (let i = 0; i < 1000; i++) answer(1);
    expect(dropped('send-failed')).toBeGreaterThan(980);
  });

  it('survive a system that refuses with an exception', () => {
    const counting = createDnsTotals({ zones: [], clusters: [] });
    const refuse = (): never => {
      throw new Error('not running');
    };
    const answers = createAnswers({ send: refuse, getSendQueueCount: () => 0 }, counting);
    expect(answers.take()).toBeDefined();
    expect(() => answers.send(1, 5353, '192.0.2.1')).not.toThrow();
    expect(counting.read().dropped).toContainEqual({ reason: 'send-failed', count: 1 });
  });
});

onEveryEngine((start) => {
  it('answers thousands of queries over IPv6, each rightly by its own client subnet', async () => {
    const server = await start({ host: '::1' });
    try {
      expect(server.udp.host).toBe('::1');
      const places = [
        { option: subnet(2, 48, [0x20, 0x01, 0x0d, 0xb8, 0, 1]), address: VIP['eu-west'] },
        { option: subnet(2, 56, [0x20, 0x01, 0x0d, 0xb8, 0, 2, 0]), address: VIP['us-east'] },
        { option: subnet(1, 24, [203, 0, 113]), address: VIP['ap-northeast'] },
      ];
      for (let window = 0; window < 40; window++) {
        const asked = Array.from({ length: 150 }, (_, i) => {
          const place = places[(window + i) % places.length]!;
          const [type, address] = i % 2 === 0 ? [QTYPE.A, place.address.v4] : [QTYPE.AAAA, place.address.v6];
          const id = window * 150 + i;
          return { id, address, octets: query('shop.gslb.example', type, { options: [place.option] }, { id }) };
        });
        const answers = await askMany(
          server.udp,
          asked.map(({ octets }) => octets),
        );
        const seen = new Map(answers.map(({ id, rcode, packet }) => [id, { rcode, records: packet.answers ?? [] }]));
        for (const { id, address } of asked) {
          expect(seen.get(id)).toMatchObject({ rcode: 0, records: [{ name: 'shop.gslb.example', data: address }] });
        }
      }
      const responses = server.counting.read().responses.filter(({ count }) => count > 0);
      expect(responses).toEqual([{ transport: 'udp', rcode: 'NOERROR', count: 6000 }]);
      expect(await ask(server.udp, query('static.gslb.example', QTYPE.A))).toMatchObject({ aa: 1 });
    } finally {
      await server.close();
    }
  });
});
