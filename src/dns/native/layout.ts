/**
 * The memory that recvmmsg and sendmmsg work on: one ArrayBuffer, laid out by hand for 64-bit little-endian Linux (glibc
 * and musl agree there) and filled once. Afterwards only single words are stored. Sizes and offsets in octets:
 *
 *     mmsghdr 64   name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48, msg_len 56
 *     iovec 16     base 0, len 8
 *     sockaddr 32  in: family 0, port 2, address 4 (16 in all); in6: family 0, port 2, address 8, scope 24 (28 in all)
 *     control 64   cmsghdr: len 0, level 8, type 12, data 16; in_pktinfo: ifindex 16, spec_dst 20, addr 24;
 *                  in6_pktinfo: addr 16, ifindex 32
 *
 * A message is received into one slot and answered in another of the same number. The header that sends it names the
 * sender's address and the control data where the receive put them.
 */
import { type MessageBuffer, messageBufferAt } from '../../core/snapshot/message-buffer.ts';
import type { ClientAddress } from '../client-address.ts';

/** Messages taken and sent by one system call. Above 64 the gain is small, and so is the wait for the last answer. */
export const MAX_BATCH = 64;
/** Octets from one message header to the next. */
export const HEADER_STRIDE = 64;

const ALIGNMENT = 64;
const NAME_STRIDE = 32;
const CONTROL_STRIDE = 64;
const IOVEC_STRIDE = 16;
const MSG_TRUNC = 0x20;

const NAME = 0;
const NAME_LENGTH = 8;
const IOVEC = 16;
const IOVEC_COUNT = 24;
const CONTROL = 32;
const CONTROL_LENGTH = 40;
const FLAGS = 48;
const MESSAGE_LENGTH = 56;
const VECTOR_LENGTH = 8;

const SLOTS = Array.from({ length: MAX_BATCH }, (_, slot) => slot);

/** What differs between the families: socket address and packet info (ip(7), ipv6(7), RFC 3542 §6.2). */
const FAMILY = {
  4: { number: 2, nameLength: 16, addressAt: 4, controlLength: 32, infoLength: 28, level: 0, type: 8 },
  6: { number: 10, nameLength: 28, addressAt: 8, controlLength: 40, infoLength: 36, level: 41, type: 50 },
} as const;

/** The batch of one socket. Slots count from 0; nothing is allocated after it was made. */
export type Batch = {
  /** Address of the headers to receive with. */
  readonly receiveAt: number;
  /** Address of the headers to send with; slot `n` is `n * HEADER_STRIDE` behind it. */
  readonly sendAt: number;
  /** The slots that messages are received into, and those that answers are written to. */
  readonly queries: readonly MessageBuffer[];
  readonly responses: readonly MessageBuffer[];
  /** Who sent the message of a slot: views of the socket addresses. */
  readonly clients: readonly ClientAddress[];
  length(slot: number): number;
  /** Whether the datagram was longer than its slot. */
  isCut(slot: number): boolean;
  sourcePort(slot: number): number;
  /** Makes a slot's peer somebody on this port; the address is written through `clients`. */
  setPeer(slot: number, port: number): void;
  /** Makes the answer of so many octets in `responses` ready to be sent to whoever asked. */
  answer(slot: number, length: number): void;
  /** Makes the first `count` slots ready to receive again. */
  clear(count: number): void;
};

/** What a batch is made for. */
export type BatchOptions = {
  readonly family: 4 | 6;
  /** Whether answers leave from the address that was asked: needed on a wildcard address, where the system tells it. */
  readonly packetInfo: boolean;
  /** Octets of a slot. */
  readonly slotOctets: number;
  readonly addressOf: (buffer: ArrayBuffer) => number;
};

/** The memory of a batch, seen as words and as octets. */
type Memory = {
  readonly words: Int32Array;
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Address of the first of them. */
  readonly base: number;
  readonly area: Areas;
};

/** Lays out a batch. */
export function createBatch(options: BatchOptions): Batch {
  const { family, packetInfo, slotOctets } = options;
  const { number, nameLength, addressAt, controlLength } = FAMILY[family];
  const memory = fill(options);
  const { words, octets, base, area } = memory;

  const clear = (count: number): void => {
    for (let slot = 0; slot < count; slot++) {
      const header = area.received + slot * HEADER_STRIDE;
      words[(header + NAME_LENGTH) >> 2] = nameLength;
      if (packetInfo) words[(header + CONTROL_LENGTH) >> 2] = controlLength;
    }
  };
  clear(MAX_BATCH);

  const view = (at: number, length: number): Uint8Array => octets.subarray(at, at + length);
  const message = (at: number): MessageBuffer => messageBufferAt(octets.buffer, octets.byteOffset + at, slotOctets);
  return {
    receiveAt: base + area.received,
    sendAt: base + area.sent,
    queries: SLOTS.map((slot) => message(area.queries + slot * slotOctets)),
    responses: SLOTS.map((slot) => message(area.responses + slot * slotOctets)),
    clients: SLOTS.map((slot) => ({ family, octets: view(area.names + slot * NAME_STRIDE + addressAt, 16) })),
    length: (slot) => words[(area.received + slot * HEADER_STRIDE + MESSAGE_LENGTH) >> 2]!,
    isCut: (slot) => (words[(area.received + slot * HEADER_STRIDE + FLAGS) >> 2]! & MSG_TRUNC) !== 0,
    sourcePort: (slot) => {
      const at = area.names + slot * NAME_STRIDE + 2;
      return (octets[at]! << 8) | octets[at + 1]!;
    },
    setPeer(slot, port) {
      octets.set([number, 0, port >> 8, port & 0xff], area.names + slot * NAME_STRIDE);
    },
    answer(slot, length) {
      words[(area.sentVectors + slot * IOVEC_STRIDE + VECTOR_LENGTH) >> 2] = length;
      if (packetInfo)
        words[(area.sent + slot * HEADER_STRIDE + CONTROL_LENGTH) >> 2] = returnInfo(memory, family, slot);
    },
    clear,
  };
}

/** All that stays as it is. */
function fill({ family, packetInfo, slotOctets, addressOf }: BatchOptions): Memory {
  const area = areas(slotOctets);
  const buffer = new ArrayBuffer(area.end + ALIGNMENT);
  const address = addressOf(buffer);
  const start = (ALIGNMENT - (address % ALIGNMENT)) % ALIGNMENT;
  const words = new Int32Array(buffer, start, area.end / Int32Array.BYTES_PER_ELEMENT);
  const base = address + start;

  const storePointer = (at: number, to: number): void => {
    words[at >> 2] = (base + to) | 0;
    words[(at + 4) >> 2] = Math.floor((base + to) / 2 ** 32);
  };
  const prepare = (header: number, vector: number, packet: number, slot: number): void => {
    storePointer(header + NAME, area.names + slot * NAME_STRIDE);
    words[(header + NAME_LENGTH) >> 2] = FAMILY[family].nameLength;
    storePointer(header + IOVEC, vector);
    words[(header + IOVEC_COUNT) >> 2] = 1;
    if (packetInfo) storePointer(header + CONTROL, area.controls + slot * CONTROL_STRIDE);
    storePointer(vector, packet);
    words[(vector + VECTOR_LENGTH) >> 2] = slotOctets;
  };
  for (const slot of SLOTS) {
    const [header, vector, packet] = [slot * HEADER_STRIDE, slot * IOVEC_STRIDE, slot * slotOctets];
    prepare(area.received + header, area.receivedVectors + vector, area.queries + packet, slot);
    prepare(area.sent + header, area.sentVectors + vector, area.responses + packet, slot);
  }
  return { words, octets: new Uint8Array(buffer, start, area.end), base, area };
}

/** Octets of control data for the answer: the packet info as it came, without the interface; 0 where none came. */
function returnInfo({ words, octets, area }: Memory, family: 4 | 6, slot: number): number {
  const { controlLength, infoLength, level, type } = FAMILY[family];
  const control = area.controls + slot * CONTROL_STRIDE;
  const came = words[(area.received + slot * HEADER_STRIDE + CONTROL_LENGTH) >> 2]!;
  if (came < infoLength || words[(control + 8) >> 2] !== level || words[(control + 12) >> 2] !== type) return 0;
  // Routing chooses the interface. But a link-local address means nothing without it (RFC 4007 §6).
  if (family === 4) words[(control + 16) >> 2] = 0;
  else if (octets[control + 16] !== 0xfe || (octets[control + 17]! & 0xc0) !== 0x80) words[(control + 32) >> 2] = 0;
  return controlLength;
}

type Areas = ReturnType<typeof areas>;

/** Offsets of the areas, one behind the other. All but the last are multiples of the alignment. */
function areas(slotOctets: number) {
  const received = 0;
  const sent = received + MAX_BATCH * HEADER_STRIDE;
  const receivedVectors = sent + MAX_BATCH * HEADER_STRIDE;
  const sentVectors = receivedVectors + MAX_BATCH * IOVEC_STRIDE;
  const names = sentVectors + MAX_BATCH * IOVEC_STRIDE;
  const controls = names + MAX_BATCH * NAME_STRIDE;
  const queries = controls + MAX_BATCH * CONTROL_STRIDE;
  const responses = queries + MAX_BATCH * slotOctets;
  return {
    received,
    sent,
    receivedVectors,
    sentVectors,
    names,
    controls,
    queries,
    responses,
    end: responses + MAX_BATCH * slotOctets,
  };
}
