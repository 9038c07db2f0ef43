import type { Exchange } from './exchange.ts';
import {
  CLASS,
  copyOctets,
  HEADER_OCTETS,
  MAX_LABEL_OCTETS,
  MAX_NAME_OCTETS,
  RCODE,
  read16,
  read32,
  TYPE,
  write16,
  write32,
} from './wire.ts';

/** Time signed (6) and fudge (2), between the algorithm and the MAC size (RFC 8945 §4.2). */
const TIME_OCTETS = 8;
/** Original ID, error, other length: what follows the MAC. */
const TAIL_OCTETS = 6;
const RECORD_FIXED_OCTETS = 10;

/** Offset behind the algorithm name of the query's TSIG record, or -1 where the record is malformed. */
export function algorithmEnd(exchange: Exchange): number {
  const { query, tsig } = exchange;
  // RFC 8945 §4.2: class ANY and TTL 0.
  if (read16(query, tsig.ownerEnd + 2) !== CLASS.any || read32(query, tsig.ownerEnd + 4) !== 0) return -1;
  if (!isEchoable(exchange)) return -1;
  const start = tsig.ownerEnd + RECORD_FIXED_OCTETS;
  let at = start;
  for (;;) {
    const label = query[at] ?? 0;
    // RFC 8945 §4.2: the algorithm name is not compressed.
    if (at >= tsig.end || label > MAX_LABEL_OCTETS) return -1;
    at += label + 1;
    if (at - start > MAX_NAME_OCTETS) return -1;
    if (label === 0) break;
  }
  const macEnd = at + TIME_OCTETS + 2 + read16(query, at + TIME_OCTETS);
  if (macEnd + TAIL_OCTETS > tsig.end) return -1;
  return macEnd + TAIL_OCTETS + read16(query, macEnd + 4) === tsig.end ? at : -1;
}

/** The owner is echoed as it is, so a pointer in it may only lead to a label of the question, which is echoed too. */
function isEchoable(exchange: Exchange): boolean {
  const { query, tsig } = exchange;
  let at = tsig.start;
  while (at < tsig.ownerEnd) {
    const label = query[at] ?? 0;
    if (label > MAX_LABEL_OCTETS) return isQuestionLabel(exchange, read16(query, at) & 0x3fff);
    at += label + 1;
  }
  return true;
}

function isQuestionLabel(exchange: Exchange, target: number): boolean {
  const { query, question } = exchange;
  let at = HEADER_OCTETS;
  while (at < HEADER_OCTETS + question.nameLength) {
    if (at === target) return true;
    at += (query[at] ?? 0) + 1;
  }
  return false;
}

/** Octets of the TSIG record in the response. */
export function tsigOctets(exchange: Exchange, algorithmEnd: number): number {
  return algorithmEnd - exchange.tsig.start + TIME_OCTETS + 2 + TAIL_OCTETS;
}

/**
 * Writes the unsigned TSIG that answers an unknown key: BADKEY, empty MAC (RFC 8945 §5.2.1, §5.3.2). Azimuth has no
 * keys, so every key is unknown. Returns the offset behind it.
 */
export function writeBadKey(exchange: Exchange, at: number, algorithmEnd: number): number {
  const { query, out, tsig } = exchange;
  const algorithm = tsig.ownerEnd + RECORD_FIXED_OCTETS;
  let end = copyOctets(query, tsig.start, tsig.ownerEnd, out, at);
  end = write16(out, end, TYPE.tsig);
  end = write16(out, end, CLASS.any);
  end = write32(out, end, 0);
  end = write16(out, end, algorithmEnd - algorithm + TIME_OCTETS + 2 + TAIL_OCTETS);
  end = copyOctets(query, algorithm, algorithmEnd + TIME_OCTETS, out, end);
  end = write16(out, end, 0);
  end = write16(out, end, read16(query, 0));
  end = write16(out, end, RCODE.badKey);
  return write16(out, end, 0);
}
