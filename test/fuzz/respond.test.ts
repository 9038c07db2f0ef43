/** Hostile octets through the whole answer path. FUZZ_SECONDS lengthens the run, FUZZ_SEED repeats one. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsTransport } from '../../src/core/dns-ports.ts';
import { createMessageBuffer } from '../../src/core/snapshot/message-buffer.ts';
import { createClientAddress } from '../../src/dns/client-address.ts';
import { createFramer } from '../../src/dns/framer.ts';
import { message, opt, option, QTYPE, query, question, record, subnet, u16 } from '../support/dns-message.ts';
import { createTestResponder } from '../support/dns-server.ts';
import { DIRTY, respondInto } from '../support/respond.ts';

const MILLISECONDS = Number(process.env['FUZZ_SECONDS'] ?? 1) * 1000;
const seed = process.env['FUZZ_SEED'];
const run = {
  numRuns: 1_000_000,
  interruptAfterTimeLimit: MILLISECONDS,
  markInterruptAsFailure: false,
  ...(seed === undefined ? {} : { seed: Number(seed) }),
};
/** A message that takes longer than this, each time it is tried, blocks everybody else's. */
const SLOW_MS = 20;
const TRIES = 3;

const { responder, counting } = createTestResponder({ now: () => 1_559_731_985_000 });
const client = createClientAddress();
const memory = createMessageBuffer(65_535);
const out = memory.octets;

const tsig = record(
  'key',
  QTYPE.TSIG,
  255,
  0,
  Buffer.concat([Buffer.from('0161000000000000012c', 'hex'), u16(0, 1, 0, 0)]),
);
const SEEDS: readonly Buffer[] = [
  query('shop.gslb.example', QTYPE.A),
  query('huge.gslb.example', QTYPE.TXT, { size: 4096, flags: 0x8000 }),
  query('x.wild.gslb.example', QTYPE.A, { options: [subnet(1, 24, [192, 0, 2]), option(3), option(11)] }),
  query('to-nowhere.gslb.example', QTYPE.A, { options: [option(10, Buffer.alloc(24, 1))] }),
  query('host.child.gslb.example', QTYPE.AAAA, { options: [subnet(2, 56, Array<number>(7).fill(32)), option(12)] }),
  message({ questions: [question('id.server', QTYPE.TXT, 3)], additionals: [opt(), tsig] }),
  message({
    flags: 5 << 11,
    questions: [question('gslb.example', QTYPE.SOA)],
    authorities: [record(Buffer.from('c00c', 'hex'), QTYPE.A, 1, 0, Buffer.alloc(4))],
  }),
];

type Edit = {
  readonly at: number;
  readonly kind: 'set' | 'insert' | 'delete' | 'cut' | 'repeat';
  readonly octet: number;
};

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'set', 'set', 'insert', 'delete', 'cut', 'repeat'),
  octet: fc.oneof(fc.constantFrom(0, 1, 0x3f, 0x40, 0xc0, 0xff), fc.integer({ min: 0, max: 255 })),
});

const EDITS: Record<Edit['kind'], (before: Buffer, after: Buffer, octet: number) => readonly Buffer[]> = {
  set: (before, after, octet) => [before, Buffer.of(octet), after.subarray(1)],
  insert: (before, after, octet) => [before, Buffer.of(octet), after],
  delete: (before, after) => [before, after.subarray(1)],
  cut: (before) => [before],
  repeat: (before, after, octet) => [before, after.subarray(0, octet), after],
};

function apply(octets: Buffer, { at, kind, octet }: Edit): Buffer {
  const place = octets.length === 0 ? 0 : at % octets.length;
  return Buffer.concat(EDITS[kind](octets.subarray(0, place), octets.subarray(place), octet));
}

const mutated = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([octets, edits]) => edits.reduce(apply, octets));
const noise = fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.from(octets));
const transport = fc.constantFrom<DnsTransport>('udp', 'tcp');

function dropped(): number {
  return counting.read().dropped.reduce((sum, { count }) => sum + count, 0);
}

function check(octets: Buffer, by: DnsTransport): void {
  out.fill(DIRTY, 0, 2000);
  const droppedBefore = dropped();
  const startedAt = performance.now();
  const length = respondInto(responder, octets, client, by, memory);
  if (performance.now() - startedAt > SLOW_MS) expectFast(octets, by);
  const isAnswerable = octets.length >= 12 && ((octets[2] ?? 0) & 0x80) === 0;
  expect(length > 0).toBe(isAnswerable);
  if (!isAnswerable) {
    expect(dropped()).toBeGreaterThan(droppedBefore);
    return;
  }
  expect(length).toBeLessThanOrEqual(by === 'udp' ? 1232 : 65_535);
  // Nothing is written behind the response.
  if (by === 'udp') expect(out[1300]).toBe(DIRTY);
  expect((out[2] ?? 0) & 0x80).toBe(0x80);
  expect(((out[2] ?? 0) ^ (octets[2] ?? 0)) & 0x79).toBe(0);
  expect(Buffer.from(out.subarray(0, 2))).toEqual(octets.subarray(0, 2));
  // A fault of ours would have come out as SERVFAIL.
  expect((out[3] ?? 0) & 0xf).not.toBe(2);
  expect(walk(out, length)).toBe(length);
}

/** The machine may have been busy: a message is slow only if it is slow whenever it is tried. */
function expectFast(octets: Buffer, by: DnsTransport): void {
  const other = createMessageBuffer(out.length);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES; i++) {
    const startedAt = performance.now();
    respondInto(responder, octets, client, by, other);
    best = Math.min(best, performance.now() - startedAt);
  }
  expect(best).toBeLessThan(SLOW_MS);
}

/** Walks all sections by their counts; returns the offset behind the last record. */
function walk(octets: Uint8Array, length: number): number {
  const view = Buffer.from(octets.buffer, octets.byteOffset, length);
  let at = 12;
  const skipName = (): void => {
    for (;;) {
      const label = view.readUInt8(at);
      if (label >= 0xc0) {
        at += 2;
        return;
      }
      at += label + 1;
      if (label === 0) return;
    }
  };
  for (let i = view.readUInt16BE(4); i > 0; i--) {
    skipName();
    at += 4;
  }
  for (let i = view.readUInt16BE(6) + view.readUInt16BE(8) + view.readUInt16BE(10); i > 0; i--) {
    skipName();
    at += 10 + view.readUInt16BE(at + 8);
  }
  return at;
}

describe('the answer path under hostile input', () => {
  it('answers every mutated query within its limits and drops only short messages and responses', () => {
    fc.assert(fc.property(mutated, transport, check), run);
  });

  it('does the same with noise', () => {
    fc.assert(fc.property(noise, transport, check), run);
  });

  it('reads 64 KiB of pointers, labels or empty records in no time', () => {
    const head = Buffer.concat([u16(1, 0, 1, 0, 0, 65535), question('gslb.example', QTYPE.A)]);
    const fillers = ['c00c', '01', '3f', '00', 'ff', '0000010001000000000000', '00002904d0000000000000'];
    for (const filler of fillers) {
      const rest = Buffer.alloc(65_535 - head.length, filler, 'hex');
      check(Buffer.concat([head, rest]), 'tcp');
    }
    const options = Buffer.alloc(65_000, '00080000', 'hex');
    check(query('gslb.example', QTYPE.A, { options: [options] }), 'tcp');
  });

  it('puts a stream together the same however it is cut', () => {
    const stream = Buffer.concat(SEEDS.map((octets) => Buffer.concat([u16(octets.length), octets])));
    const cuts = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (places) => {
        const framer = createFramer();
        const found: Buffer[] = [];
        let from = 0;
        for (const to of [...places.toSorted((a, b) => a - b), stream.length]) {
          framer.push(stream.subarray(from, to));
          from = to;
          for (let next = framer.next(); next !== undefined; next = framer.next()) found.push(Buffer.from(next));
        }
        expect(found).toEqual(SEEDS);
      }),
      { ...run, numRuns: 2000 },
    );
  });
});
