import { subnetOctets, writeSubnet } from './client-subnet.ts';
import { COOKIE_OPTION_OCTETS } from './cookie.ts';
import { OPT_OCTETS, OPTION_HEADER_OCTETS, udpLimit, writeOpt, writeOption, writeOptionHeader } from './edns.ts';
import type { Exchange } from './exchange.ts';
import type { ResponderSettings } from './settings.ts';
import { tsigOctets, writeBadKey } from './tsig.ts';
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS, OPTION, write16 } from './wire.ts';

/** RFC 7828 §3.1: two octets of timeout. */
const KEEPALIVE_OCTETS = OPTION_HEADER_OCTETS + 2;
/** RFC 8914 §2 without text. */
const EXTENDED_ERROR_OCTETS = OPTION_HEADER_OCTETS + 2;

/** Octets that the response may have. */
export function responseLimit(exchange: Exchange, settings: ResponderSettings): number {
  const limit = exchange.transport === 'tcp' ? MAX_MESSAGE_OCTETS : udpLimit(exchange, settings.udpSize);
  return Math.min(limit, exchange.out.length);
}

/**
 * Octets that the lookup must leave free for the OPT record with all that can come into it. At most 145 (an NSID of 64
 * octets, an IPv6 subnet, a cookie, keepalive, an error): with the longest question that still fits 512.
 */
export function reservedOctets(exchange: Exchange, settings: ResponderSettings): number {
  const { edns, options } = exchange;
  if (edns.state === 'absent') return 0;
  let octets = OPT_OCTETS + EXTENDED_ERROR_OCTETS + subnetOctets(exchange);
  if (options.cookie > 0) octets += COOKIE_OPTION_OCTETS;
  if (options.nsid) octets += OPTION_HEADER_OCTETS + settings.identity.length;
  if (options.keepalive) octets += KEEPALIVE_OCTETS;
  return octets;
}

/** Copies what the response repeats: the header and the question with its case (RFC 1035 §4.1.1, RFC 4343 §4.1). */
export function startResponse(exchange: Exchange): void {
  const from = exchange.asked.words;
  const to = exchange.response.words;
  const words = (exchange.questionEnd + 3) >> 2;
  // What is copied behind the question is written over, or not sent.
  for (let i = 0; i < words; i++) to[i] = from[i]!;
}

/** Writes OPT, TSIG and the header over what the steps left, and returns the length of the response. */
export function finishResponse(exchange: Exchange, settings: ResponderSettings): number {
  const { answer, edns, tsig } = exchange;
  let end = answer.end;
  let additionals = answer.additionals;
  if (edns.state !== 'absent') {
    // RFC 6891 §6.1.1: an OPT in the query asks for one in the response.
    end = writeOptWithOptions(exchange, end, settings);
    additionals += 1;
  }
  if (tsig.algorithmEnd > 0) {
    if (end + tsigOctets(exchange, tsig.algorithmEnd) > responseLimit(exchange, settings)) answer.truncated = true;
    else {
      end = writeBadKey(exchange, end, tsig.algorithmEnd);
      additionals += 1;
    }
  }
  writeHeader(exchange, additionals);
  return end;
}

/** RFC 1035 §4.1.1: id, opcode and RD come back; RA, AD, CD (RFC 4035 §3.1.6) and Z are 0. */
function writeHeader(exchange: Exchange, additionals: number): void {
  const { query, out, response, answer, opcode } = exchange;
  const { view } = response;
  const recursionDesired = query[2]! & 1;
  out[2] = 0x80 | (opcode << 3) | (answer.authoritative ? 4 : 0) | (answer.truncated ? 2 : 0) | recursionDesired;
  out[3] = exchange.rcode & 0xf;
  const questions = exchange.questionEnd > HEADER_OCTETS ? 1 : 0;
  view.setInt32(4, (questions << 16) | answer.answers);
  view.setInt32(8, (answer.authorities << 16) | additionals);
}

function writeOptWithOptions(exchange: Exchange, start: number, settings: ResponderSettings): number {
  const { out, options, edns } = exchange;
  const data = writeOpt(exchange, start, settings.udpSize);
  // Options of an OPT that was not understood get no answer.
  if (edns.state === 'bad' || edns.version !== 0) return data;
  let end = data;
  if (options.subnet > 0) end = writeSubnet(exchange, end);
  if (options.cookie > 0) end = settings.cookies.write(exchange, end, settings.nowSeconds());
  if (options.nsid && settings.identity.length > 0) end = writeOption(out, end, OPTION.nsid, settings.identity);
  // RFC 7828 §3.3.2: over UDP the option is ignored.
  if (options.keepalive && exchange.transport === 'tcp') {
    end = write16(out, writeOptionHeader(out, end, OPTION.tcpKeepalive, 2), settings.keepalive);
  }
  if (exchange.extendedError >= 0) {
    end = write16(out, writeOptionHeader(out, end, OPTION.extendedError, 2), exchange.extendedError);
  }
  write16(out, data - 2, end - data);
  return end;
}
