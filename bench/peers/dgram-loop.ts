/**
 * A plain node:dgram loop that answers from the same table with the same lookup: what the portable engine is compared
 * with. It trusts every query to be one of the bench's. `node dgram-loop.ts ADDRESS PORT DATABASE`
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createAnswer, createQuestion, lookup } from '../../src/core/snapshot/lookup.ts';
import { placeIndex, placeOf4, prefixLength } from '../../src/core/snapshot/place-trie.ts';
import { readPlaces } from '../../src/geo/read-places.ts';
import { modelOf, snapshotOf } from '../model.ts';
import { CLUSTERS, hostnames } from '../world.ts';

const HEADER_OCTETS = 12;
/** Offsets from the end of the question: the OPT record with its data length, then the subnet option (RFC 7871 §6). */
const OPT_OCTETS = 11;
const SUBNET_SCOPE = OPT_OCTETS + 7;
const SUBNET_ADDRESS = OPT_OCTETS + 8;

const [host = '127.0.0.1', port = '0', database = ''] = process.argv.slice(2);
const { table } = snapshotOf(modelOf(hostnames(), CLUSTERS), {
  ...readPlaces(readFileSync(database)),
  source: database,
});
const question = createQuestion();
const answer = createAnswer();
const out = Buffer.alloc(4096);
question.type = 1;

const socket = createSocket({ type: 'udp4', lookup: (address, _options, done) => done(null, address, 4) });
socket.on('message', (query, peer) => {
  const length = respond(query, peer.address);
  // The kernel copies at once or queues: a buffer of its own keeps the answer either way.
  socket.send(Buffer.from(out.subarray(0, length)), peer.port, peer.address);
});
socket.bind(Number(port), host, () => socket.setRecvBufferSize(2 * 1024 * 1024));
process.once('SIGTERM', () => socket.close());

/** Writes the answer into `out` and returns its length. */
function respond(query: Buffer, source: string): number {
  const end = readName(query);
  const subnet = query.length > end + SUBNET_ADDRESS;
  const leaf = placeOf4(table.places.v4, subnet ? addressAt(query, end + SUBNET_ADDRESS) : addressOf(source));
  question.place = placeIndex(leaf);
  query.copy(out, 0, 0, end);
  lookup(table, question, out, end, out.length, answer);
  out[2] = 0x84;
  out[3] = answer.rcode;
  out.writeUInt16BE(answer.answers, 6);
  out.writeUInt16BE(answer.authorities, 8);
  out.writeUInt16BE(1, 10);
  query.copy(out, answer.end, end);
  if (subnet) out[answer.end + SUBNET_SCOPE] = prefixLength(leaf);
  return answer.end + query.length - end;
}

/** Reads the lower-case name into the question; returns the offset behind type and class. */
function readName(query: Buffer): number {
  let at = HEADER_OCTETS;
  while (query[at] !== 0) {
    const next = at + 1 + query[at]!;
    question.name[at - HEADER_OCTETS] = query[at]!;
    for (let i = at + 1; i < next; i++) {
      const octet = query[i]!;
      question.name[i - HEADER_OCTETS] = octet >= 65 && octet <= 90 ? octet | 32 : octet;
    }
    at = next;
  }
  question.name[at - HEADER_OCTETS] = 0;
  question.nameLength = at + 1 - HEADER_OCTETS;
  return at + 5;
}

/** The address of a /24. */
function addressAt(query: Buffer, at: number): number {
  return ((query[at]! << 24) | (query[at + 1]! << 16) | (query[at + 2]! << 8)) >>> 0;
}

function addressOf(text: string): number {
  return text.split('.').reduce((address, octet) => ((address << 8) | Number(octet)) >>> 0, 0);
}
