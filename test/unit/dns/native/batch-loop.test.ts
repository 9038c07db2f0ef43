import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type BatchLoopOptions, runBatches } from '../../../../src/dns/native/batch-loop.ts';
import { createBatch, HEADER_STRIDE, MAX_BATCH } from '../../../../src/dns/native/layout.ts';
import { QTYPE, query } from '../../../support/dns-message.ts';
import { createTestResponder } from '../../../support/dns-server.ts';

const { EAGAIN, EINTR, ENOBUFS, EPERM } = constants.errno;

/** What one receive brings: messages, or a negated errno. */
type Arrival = number | readonly { readonly octets: Buffer; readonly port?: number; readonly cut?: boolean }[];

/** The loop on a system made by hand; it stops when all arrivals were worked off. */
function run(arrivals: readonly Arrival[], send: (first: number, count: number) => number) {
  const { responder, counting } = createTestResponder();
  const sends: (readonly [first: number, count: number])[] = [];
  const troubles: string[] = [];
  let pauses = 0;
  let idles = 0;
  let next = 0;
  let now: Arrival = [];
  const laidOut = createBatch({ family: 4, packetInfo: false, slotOctets: 1344, addressOf: () => 4096 });
  const messages = () => (typeof now === 'number' ? [] : now);
  const options: BatchLoopOptions = {
    fd: 0,
    responder,
    counting,
    batch: {
      ...laidOut,
      length: (slot) => messages()[slot]!.octets.length,
      isCut: (slot) => messages()[slot]!.cut === true,
      sourcePort: (slot) => messages()[slot]!.port ?? 5353,
    },
    calls: {
      receive() {
        now = arrivals[next++]!;
        messages().forEach(({ octets }, slot) => {
          laidOut.queries[slot]!.octets.set(octets);
        });
        return typeof now === 'number' ? now : now.length;
      },
      send(_fd, headers, count) {
        const first = (headers - laidOut.sendAt) / HEADER_STRIDE;
        sends.push([first, count]);
        return send(first, count);
      },
    },
    takeNews: () => (next < arrivals.length ? 'go' : 'stop'),
    onIdle: () => void idles++,
    onTrouble: (call, error) => void troubles.push(`${call} ${error}`),
    pause: () => void pauses++,
  };
  runBatches(options);
  const dropped = Object.fromEntries(counting.read().dropped.map(({ reason, count }) => [reason, count]));
  const answered = counting.read().responses.reduce((sum, { count }) => sum + count, 0);
  return { sends, troubles, dropped, answered, pauses, idles };
}

const good = { octets: query('static.gslb.example', QTYPE.A) };
const short = { octets: Buffer.alloc(5) };
const all = (_first: number, count: number): number => count;

describe('the batch loop', () => {
  it('sends one batch by one call, and the batch of a stop as well', () => {
    const full = Array.from({ length: MAX_BATCH }, () => good);
    expect(run([full, [good, good]], all)).toMatchObject({
      sends: [
        [0, MAX_BATCH],
        [0, 2],
      ],
      answered: MAX_BATCH + 2,
    });
  });

  it('splits the send where a message gets no answer, and counts why', () => {
    const batch = [short, good, good, { ...good, port: 0 }, good, { ...good, cut: true }];
    expect(run([batch], all)).toMatchObject({
      sends: [
        [1, 2],
        [4, 1],
      ],
      dropped: { short: 1, 'source-port': 1, oversize: 1, 'send-failed': 0 },
      answered: 3,
    });
  });

  it('skips a message that cannot be sent, and only it', () => {
    const refuseTwo = (first: number, count: number): number => (first === 2 ? -EPERM : first < 2 ? 2 - first : count);
    expect(run([[good, good, good, good, good]], refuseTwo)).toMatchObject({
      sends: [
        [0, 5],
        [2, 3],
        [3, 2],
      ],
      dropped: { 'send-failed': 1 },
      troubles: [`sendmmsg ${-EPERM}`],
    });
  });

  it('drops the rest of a batch where the way out is full, without waiting', () => {
    for (const errno of [EAGAIN, ENOBUFS]) {
      expect(run([[good, good, good]], (first) => (first === 0 ? 1 : -errno))).toMatchObject({
        sends: [
          [0, 3],
          [1, 2],
        ],
        dropped: { busy: 2 },
        troubles: [],
      });
    }
  });

  it('repeats a send that a signal interrupted', () => {
    let interrupted = false;
    const interruptOnce = (_first: number, count: number): number => {
      if (interrupted) return count;
      interrupted = true;
      return -EINTR;
    };
    expect(run([[good]], interruptOnce)).toMatchObject({
      sends: [
        [0, 1],
        [0, 1],
      ],
      dropped: { 'send-failed': 0 },
    });
  });

  it('survives every errno of receive and send, and answers what comes afterwards', () => {
    for (let errno = 1; errno <= 133; errno++) {
      // A send that is interrupted for ever is repeated for ever.
      if (errno === EINTR) continue;
      const seen = run([-errno, [good], [good]], (first, count) => (first === 0 ? -errno : count));
      const isOrdinary = errno === EAGAIN;
      expect({ errno, answered: seen.answered, idles: seen.idles }).toEqual({
        errno,
        answered: 2,
        idles: errno === EAGAIN ? 1 : 0,
      });
      expect(seen.troubles.includes(`recvmmsg ${-errno}`)).toBe(!isOrdinary);
    }
  });

  it('waits between receives that only fail, so that a broken socket costs no processor', () => {
    expect(run([...Array<number>(20).fill(-9), [good]], all)).toMatchObject({ pauses: 12, answered: 1 });
    expect(run([...Array<number>(20).fill(-EAGAIN), [good]], all)).toMatchObject({ pauses: 0, idles: 20 });
  });
});
