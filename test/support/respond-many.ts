/**
 * A thread that answers many queries of many kinds as a worker of the native engine does, and says what it allocated
 * meanwhile. `workerData`: `queries` to answer in each of so many `windows` after the warm-up, and `extra`: whether each
 * query also allocates a little.
 */
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { createMessageBuffer } from '../../src/core/snapshot/message-buffer.ts';
import { createClientAddress } from '../../src/dns/client-address.ts';
import { createCoarseClock } from '../../src/dns/coarse-clock.ts';
import { option, QTYPE, query, subnet } from './dns-message.ts';
import { createTestResponder } from './dns-server.ts';

/** Until then functions are compiled and what is kept was made. */
const WARM_UP_QUERIES = 500_000;
const KINDS = [
  query('shop.gslb.example', QTYPE.A, { options: [subnet(1, 24, [192, 0, 2])] }),
  query('shop.gslb.example', QTYPE.AAAA, { options: [subnet(2, 56, [0x20, 0x01, 0x0d, 0xb8, 0, 2, 0])] }),
  query('api.gslb.example', QTYPE.A, { options: [subnet(1, 24, [203, 0, 113]), option(10, Buffer.alloc(8, 1))] }),
  query('all.gslb.example', QTYPE.A),
  query('x.apps.gslb.example', QTYPE.A, { options: [option(3)] }),
  query('to-steered.gslb.example', QTYPE.A, {}),
  query('static.gslb.example', QTYPE.A),
  query('missing.gslb.example', QTYPE.A, {}),
  query('big.gslb.example', QTYPE.TXT),
  query('www.example.org', QTYPE.A, {}),
].map((octets) => {
  const message = createMessageBuffer(octets.length);
  message.octets.set(octets);
  return { message, length: octets.length };
});

const { responder } = createTestResponder({ now: createCoarseClock() });
const client = createClientAddress();
const out = createMessageBuffer(1232);
/** Something that is seen from outside: the compiler cannot leave it out. */
const kept: { extra: readonly number[] } = { extra: [] };

function respondMany(count: number, extra: boolean): void {
  for (let i = 0; i < count; i++) {
    const { message, length } = KINDS[i % KINDS.length]!;
    responder.respond(message, length, client, 'udp', out);
    if (extra) kept.extra = [i];
  }
}

const { queries, windows, extra }: { queries: number; windows: number; extra: boolean } = workerData;
respondMany(WARM_UP_QUERIES, extra);
const allocated = Array.from({ length: windows }, () => {
  const before = getHeapStatistics().total_allocated_bytes;
  respondMany(queries, extra);
  return getHeapStatistics().total_allocated_bytes - before;
});
parentPort?.postMessage({ allocated, kept: kept.extra.length }, []);
