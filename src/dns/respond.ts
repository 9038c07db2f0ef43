import type { DnsTransport } from '../core/dns-ports.ts';
import type { MessageBuffer } from '../core/snapshot/message-buffer.ts';
import type { ClientAddress } from './client-address.ts';
import { createExchange, type Exchange, resetAnswer, resetExchange } from './exchange.ts';
import { readMessage } from './message.ts';
import { readOptions } from './options.ts';
import { finishResponse, startResponse } from './response.ts';
import { type ResponderOptions, type ResponderSettings, settle } from './settings.ts';
import { walk } from './steps.ts';
import { HEADER_OCTETS, RCODE } from './wire.ts';

/** Answers queries, whatever brought them. */
export type Responder = {
  /**
   * Writes the response to the first `length` octets of `query` into `out` and returns its length, or 0 where nothing is to be sent: for
   * a message under 12 octets and for a response (RFC 1035 §4.1.1, QR). `out` must not share memory with `query` and
   * holds 65,535 octets for TCP, `udpSize` for UDP. Synchronous, never throws, allocates nothing.
   */
  respond(
    query: MessageBuffer,
    length: number,
    client: ClientAddress,
    transport: DnsTransport,
    out: MessageBuffer,
  ): number;
};

const QUERY_OR_RESPONSE = 0x80;

/** A responder for one thread. Throws a RangeError where an option is out of its bounds. */
export function createResponder(options: ResponderOptions): Responder {
  const { table, counting } = options;
  const settings = settle(options);
  let exchange: Exchange | undefined;

  const respond: Responder['respond'] = (query, length, client, transport, out) => {
    if (length < HEADER_OCTETS) return drop('short');
    // Answering answers would let two servers talk for ever.
    if ((query.octets[2]! & QUERY_OR_RESPONSE) !== 0) return drop('response');
    const said = table();
    exchange ??= startingAt(createExchange(said), options.diceStart);
    exchange.table = said;
    exchange.asked = query;
    exchange.query = query.octets;
    exchange.length = length;
    exchange.client = client;
    exchange.transport = transport;
    exchange.response = out;
    exchange.out = out.octets;
    const end = answer(exchange, settings);
    counting.response(exchange);
    return end;
  };

  const drop = (reason: 'short' | 'response'): number => {
    counting.drop(reason);
    return 0;
  };

  return { respond };
}

function startingAt(exchange: Exchange, dice: number): Exchange {
  exchange.question.dice = dice | 0;
  return exchange;
}

function answer(exchange: Exchange, settings: ResponderSettings): number {
  try {
    resetExchange(exchange);
    readMessage(exchange);
    const { edns } = exchange;
    if (edns.state === 'good' && edns.version === 0 && !readOptions(exchange)) edns.state = 'bad';
    resetAnswer(exchange);
    startResponse(exchange);
    walk(exchange, settings);
    return finishResponse(exchange, settings);
  } catch {
    return answerFault(exchange);
  }
}

/**
 * A fault of ours must not leave the client without an answer (RFC 8906 §3): SERVFAIL, header only; it is counted, by the
 * zone as well where it was found.
 */
function answerFault(exchange: Exchange): number {
  const { query, out, answer } = exchange;
  const { zone } = answer;
  exchange.rcode = RCODE.servFail;
  exchange.questionEnd = HEADER_OCTETS;
  resetAnswer(exchange);
  answer.zone = zone;
  out.fill(0, 0, HEADER_OCTETS);
  out[0] = query[0] ?? 0;
  out[1] = query[1] ?? 0;
  out[2] = QUERY_OR_RESPONSE | ((query[2] ?? 0) & 0x79);
  out[3] = RCODE.servFail;
  return HEADER_OCTETS;
}
