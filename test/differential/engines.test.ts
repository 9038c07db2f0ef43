/**
 * The same random questions through the native engine, the portable one, TCP and `explain`. DIFFERENTIAL_QUESTIONS asks
 * more of them, DIFFERENTIAL_SEED repeats a run. Clock and dice are pinned; all else must agree.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../src/core/snapshot/explain.ts';
import { placeOfAddress } from '../../src/core/snapshot/place-trie.ts';
import { NO_SUBNET, subnetOfAddress } from '../../src/core/snapshot/subnet.ts';
import { readResponse } from '../support/dns-message.ts';
import { createPinnedClock } from '../support/dns-pinned-clock.ts';
import { NATIVE, startServers, type TestServers } from '../support/dns-server.ts';
import { type Lane, tcpLane, udpLane } from './lanes.ts';
import { createRandom, type SoundQuestion, soundQuestion, unsoundMessage } from './questions.ts';

const QUESTIONS = Number(process.env['DIFFERENTIAL_QUESTIONS'] ?? 20_000);
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
/** Small enough for every socket buffer, and below the ids. */
const WINDOW = 48;
/** Under this nothing is answered, and a TCP connection ends. */
const HEADER_OCTETS = 12;
const GOLDEN_RATIO = 0x9e3779b9;
/** Over UDP a server may take less than TCP. */
const LONGEST_DATAGRAM = 1344;
/** `explain` as the clients of these tests, who all are 127.0.0.1. */
const OURSELVES = '127.0.0.1';

const clock = createPinnedClock(1_559_731_985_000);
const servers: TestServers[] = [];
let portable: Lane;
let native: Lane;
let tcp: Lane;

// Each lane has a responder of its own, so that the dice of all fall alike.
describe.skipIf(NATIVE.engine !== 'native')(`engines, seed ${SEED} (native: ${NATIVE.reason})`, () => {
  beforeAll(async () => {
    servers.push(await startServers({ engine: 'native', clock }), await startServers({ engine: 'portable', clock }));
    native = await udpLane(servers[0]!.udp);
    tcp = await tcpLane(servers[0]!.tcp);
    portable = await udpLane(servers[1]!.udp);
  });
  afterAll(async () => {
    for (const lane of [native, portable, tcp]) lane.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  it('answer sound questions alike, and as explained', { timeout: 600_000 }, async () => {
    const random = createRandom(SEED);
    let dice = 0;
    let sameAsTcp = 0;
    for (let done = 0; done < QUESTIONS / 2; done += WINDOW) {
      const asked = Array.from({ length: WINDOW }, (_, id) => soundQuestion(random, id));
      const messages = asked.map(({ octets }) => octets);
      const [byNative, byPortable, byTcp] = await Promise.all(
        [native, portable, tcp].map((lane) => lane.ask(messages)),
      );
      for (const [id, each] of asked.entries()) {
        dice = (dice + GOLDEN_RATIO) >>> 0;
        const answer = byPortable!.get(id);
        expect({ query: hex(each.octets), answer: hex(byNative!.get(id)) }).toEqual({
          query: hex(each.octets),
          answer: hex(answer),
        });
        const overTcp = byTcp!.get(id);
        if (answer === undefined || overTcp === undefined) throw new Error(`no answer to ${hex(each.octets)}`);
        expectExplained(each, answer, dice);
        if (answer.equals(overTcp)) sameAsTcp += 1;
        else expectDifferenceForLength(each, answer, overTcp);
      }
      // The sentinel rolled them, too.
      dice = (dice + GOLDEN_RATIO) >>> 0;
    }
    // Most answers are short: else the comparison with TCP says little.
    expect(sameAsTcp / QUESTIONS).toBeGreaterThan(0.3);
  });

  it('answer unsound messages alike', { timeout: 600_000 }, async () => {
    const random = createRandom(SEED + 1);
    let answered = 0;
    for (let done = 0; done < QUESTIONS / 2; done += WINDOW) {
      const asked = Array.from({ length: WINDOW }, (_, id) => unsoundMessage(random, id)).filter(
        (octets) => octets.length <= LONGEST_DATAGRAM,
      );
      const streamed = asked.filter((octets) => octets.length >= HEADER_OCTETS);
      const [byNative, byPortable, byTcp] = await Promise.all([
        native.ask(asked),
        portable.ask(asked),
        tcp.ask(streamed),
      ]);
      for (const octets of streamed) {
        const id = octets.readUInt16BE(0);
        const seen = { query: hex(octets), native: hex(byNative.get(id)) };
        expect(seen).toEqual({ query: hex(octets), native: hex(byPortable.get(id)) });
        // Over TCP there may be more to say, but never nothing instead of something.
        expect({ query: hex(octets), answered: byTcp.has(id) }).toEqual({
          query: hex(octets),
          answered: byNative.has(id),
        });
        if (byTcp.get(id)?.equals(byNative.get(id) ?? Buffer.alloc(0))) answered += 1;
      }
      expect(byNative.size).toBe(byPortable.size);
    }
    expect(answered / QUESTIONS).toBeGreaterThan(0.2);
  });

  it('have counted alike', () => {
    const [ofNative, ofPortable] = servers.map((server) => server.counting.read());
    const byUdp = <T extends { readonly transport: string }>(all: readonly T[]): readonly T[] =>
      all.filter(({ transport }) => transport === 'udp');
    expect(byUdp(ofNative!.responses)).toEqual(byUdp(ofPortable!.responses));
    expect(byUdp(ofNative!.queries)).toEqual(byUdp(ofPortable!.queries));
    expect(ofNative!.dropped.filter(({ reason }) => reason === 'short')).toEqual(
      ofPortable!.dropped.filter(({ reason }) => reason === 'short'),
    );
    expect(ofNative!.responses.some(({ rcode, count }) => rcode === 'SERVFAIL' && count > 0)).toBe(false);
  });
});

function expectExplained({ octets, name, type, client, prefix }: SoundQuestion, answer: Buffer, dice: number): void {
  const { snapshot } = servers[0]!;
  const from = prefix === 0 ? OURSELVES : (client ?? OURSELVES);
  const place = placeOfAddress(snapshot.places, from) ?? { place: 0, prefix: 0 };
  const ours = subnetOfAddress(OURSELVES) ?? NO_SUBNET;
  const explained = explain(snapshot, {
    name,
    type,
    place: place.place,
    prefix: prefix === 0 ? 0 : place.prefix,
    subnet: prefix === 0 ? { ...ours, prefix: 0 } : (subnetOfAddress(from, prefix) ?? ours),
    dice,
  });
  const response = readResponse(answer);
  const scope = response.opt?.options.get(8)?.slice(6, 8);
  const seen = {
    query: hex(octets),
    rcode: response.rcode,
    aa: response.aa === 1,
    scope: scope === undefined || response.tc === 1 ? 0 : Number.parseInt(scope, 16),
  };
  const { rcode, authoritative: aa, scope: expected } = explained;
  expect(seen).toEqual({
    query: hex(octets),
    rcode,
    aa,
    scope: seen.scope === 0 && scope === undefined ? 0 : response.tc === 1 ? 0 : expected,
  });
  expect({ query: hex(octets), agreement: explained.agreement }).toEqual({ query: hex(octets), agreement: 'same' });
  if (response.tc === 1) return;
  const addresses = (response.packet.answers ?? []).flatMap((each) =>
    each.type === 'A' || each.type === 'AAAA' ? [each.data] : [],
  );
  expect({ query: hex(octets), addresses }).toEqual({ query: hex(octets), addresses: explained.addresses });
}

/** TCP says more where UDP has no room, and only it speaks of keepalive (RFC 7828 §3.3.2). */
function expectDifferenceForLength({ octets, keepalive }: SoundQuestion, answer: Buffer, overTcp: Buffer): void {
  const [udp, full] = [readResponse(answer), readResponse(overTcp)];
  const hasReason = keepalive || udp.tc === 1 || udp.counts[3]! < full.counts[3]!;
  expect({ query: hex(octets), hasReason }).toEqual({ query: hex(octets), hasReason: true });
  expect({ query: hex(octets), rcode: udp.rcode, aa: udp.aa }).toEqual({
    query: hex(octets),
    rcode: full.rcode,
    aa: full.aa,
  });
  if (udp.tc === 0) expect(udp.packet.answers).toEqual(full.packet.answers);
}

function hex(octets: Buffer | undefined): string {
  return octets?.toString('hex') ?? 'silence';
}
