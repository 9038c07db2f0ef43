import type { DnsTransport } from '../core/dns-ports.ts';
import type { AnswerTable } from '../core/snapshot/answer-table.ts';
import { type Answer, clearAnswer, createAnswer, createQuestion, type Question } from '../core/snapshot/lookup.ts';
import { createMessageBuffer, type MessageBuffer } from '../core/snapshot/message-buffer.ts';
import { type ClientAddress, createClientAddress } from './client-address.ts';

/** What the query's OPT record says (RFC 6891 §6.1). */
type EdnsRequest = {
  /** `bad`: there, but against the rules; such a query is FORMERR and its response still has an OPT. */
  state: 'absent' | 'good' | 'bad';
  version: number;
  /** Octets that the client takes over UDP. */
  udpSize: number;
  dnssecOk: boolean;
  /** Where its options lie in the query. */
  start: number;
  end: number;
};

/** Where the options we understand lie in the query: offsets of their data, or 0 where absent. */
type EdnsOptions = {
  /** Client Subnet (RFC 7871 §6), checked. */
  subnet: number;
  /** Cookie (RFC 7873 §4): 8 or 16–40 octets. */
  cookie: number;
  cookieLength: number;
  nsid: boolean;
  keepalive: boolean;
};

/** Where the query's TSIG record lies (RFC 8945 §4.2); `start` is 0 where absent. */
type TsigRequest = {
  start: number;
  ownerEnd: number;
  end: number;
  /** Offset behind the algorithm name; above 0 the response ends with a TSIG that says BADKEY. */
  algorithmEnd: number;
};

/**
 * One query on its way to a response. A responder keeps one and fills it again for each message. Offsets are into
 * `query` unless they say otherwise; the question lies at the same offset in both messages.
 */
export type Exchange = {
  query: Uint8Array;
  /** The query's memory; `query` is its octets. */
  asked: MessageBuffer;
  length: number;
  client: ClientAddress;
  transport: DnsTransport;
  table: AnswerTable;
  /** Written to: the response. `out` is its octets. */
  response: MessageBuffer;
  out: Uint8Array;

  opcode: number;
  questions: number;
  readonly question: Question;
  /** Offset behind the question section; 12 where there is none that can be echoed. */
  questionEnd: number;
  questionClass: number;
  /** `broken`: the message is against RFC 1035 §4 somewhere. */
  form: 'whole' | 'broken';
  readonly edns: EdnsRequest;
  readonly options: EdnsOptions;
  readonly tsig: TsigRequest;

  /** 12 bits: the upper eight go to the OPT record (RFC 6891 §6.1.3). */
  rcode: number;
  /** INFO-CODE of an Extended DNS Error (RFC 8914 §4), or -1. */
  extendedError: number;
  readonly answer: Answer;
  /** Prefix length for the Client Subnet scope, used if the answer depends on the place. */
  placePrefix: number;
  /** Prefix length of the client's subnet, used if the answer depends on that. */
  subnetPrefix: number;
};

/** An exchange with room for any query. */
export function createExchange(table: AnswerTable): Exchange {
  const nothing = createMessageBuffer(0);
  return {
    asked: nothing,
    query: nothing.octets,
    length: 0,
    client: createClientAddress(),
    transport: 'udp',
    table,
    response: nothing,
    out: nothing.octets,
    opcode: 0,
    questions: 0,
    question: createQuestion(),
    questionEnd: 0,
    questionClass: 0,
    form: 'whole',
    edns: { state: 'absent', version: 0, udpSize: 0, dnssecOk: false, start: 0, end: 0 },
    options: { subnet: 0, cookie: 0, cookieLength: 0, nsid: false, keepalive: false },
    tsig: { start: 0, ownerEnd: 0, end: 0, algorithmEnd: 0 },
    rcode: 0,
    extendedError: -1,
    answer: createAnswer(),
    placePrefix: 0,
    subnetPrefix: 0,
  };
}

/** Makes the exchange forget the query before. */
export function resetExchange(exchange: Exchange): void {
  const { edns, options, tsig, answer } = exchange;
  // A fault before the lookup is of no zone.
  answer.zone = -1;
  exchange.questionEnd = 12;
  exchange.questionClass = 0;
  exchange.question.type = 0;
  exchange.question.nameLength = 0;
  exchange.form = 'whole';
  exchange.rcode = 0;
  exchange.extendedError = -1;
  exchange.placePrefix = 0;
  exchange.subnetPrefix = 0;
  edns.state = 'absent';
  edns.version = 0;
  edns.udpSize = 0;
  edns.dnssecOk = false;
  options.subnet = 0;
  options.cookie = 0;
  options.cookieLength = 0;
  options.nsid = false;
  options.keepalive = false;
  tsig.start = 0;
  tsig.algorithmEnd = 0;
}

/** Takes back whatever was answered, so that the response is header, question and OPT. */
export function resetAnswer(exchange: Exchange): void {
  clearAnswer(exchange.answer, exchange.questionEnd);
}
