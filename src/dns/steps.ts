/**
 * What happens to a query: `walk` has the order. Each step reads and changes the exchange, synchronously and without
 * allocating; the first that returns 'done' ends the walk, and what the exchange holds then is the response. The order is
 * part of the behaviour: a test walks it.
 */
import { OWNER_OCTETS } from '../core/snapshot/layout.ts';
import { lookup } from '../core/snapshot/lookup.ts';
import { answerIdentity, asksIdentity } from './chaos.ts';
import { placeClient } from './client-subnet.ts';
import { type Exchange, resetAnswer } from './exchange.ts';
import { reservedOctets, responseLimit } from './response.ts';
import type { ResponderSettings } from './settings.ts';
import { algorithmEnd } from './tsig.ts';
import { CLASS, OPCODE, RCODE, read16, TYPE } from './wire.ts';

/** Whether the response stands. */
type StepResult = 'next' | 'done';

/** Fractional part of the golden ratio in 32 bits: multiples of it spread evenly, also over short runs. */
const GOLDEN_RATIO = 0x9e3779b9;
/** Extended DNS Error "Not Authoritative" (RFC 8914 §4.21). */
const NOT_AUTHORITATIVE = 20;

function end(exchange: Exchange, rcode: number): StepResult {
  exchange.rcode = rcode;
  return 'done';
}

/** IQUERY (RFC 3425), STATUS, DSO (RFC 8490 §5.1.1) and whatever comes: NOTIMP, even where the rest cannot be read. */
function refuseUnknownOpcode(exchange: Exchange): StepResult {
  const { opcode } = exchange;
  const known = opcode === OPCODE.query || opcode === OPCODE.notify || opcode === OPCODE.update;
  return known ? 'next' : end(exchange, RCODE.notImp);
}

/** RFC 1035 §4.1.1: the server was unable to interpret the query. */
function refuseBrokenMessage(exchange: Exchange): StepResult {
  return exchange.form === 'whole' ? 'next' : end(exchange, RCODE.formErr);
}

/** RFC 6891 §6.1.3: a version that we do not speak is BADVERS, before anything in the OPT is understood. */
function refuseEdnsVersion(exchange: Exchange): StepResult {
  return exchange.edns.version === 0 ? 'next' : end(exchange, RCODE.badVers);
}

/** RFC 6891 §7: what is wrong with the OPT record or its options is FORMERR. */
function refuseBrokenOpt(exchange: Exchange): StepResult {
  return exchange.edns.state === 'bad' ? end(exchange, RCODE.formErr) : 'next';
}

/** We share no key with anybody, so every key is unknown (RFC 8945 §5.2.1). */
function refuseTsig(exchange: Exchange): StepResult {
  const { tsig } = exchange;
  if (tsig.start === 0) return 'next';
  const end8945 = algorithmEnd(exchange);
  if (end8945 < 0) return end(exchange, RCODE.formErr);
  tsig.algorithmEnd = end8945;
  return end(exchange, RCODE.notAuth);
}

/** NOTIFY (RFC 1996) and UPDATE (RFC 2136 §3.1): not for our zones; of other zones we know nothing. */
function refuseNotifyAndUpdate(exchange: Exchange): StepResult {
  if (exchange.opcode === OPCODE.query) return 'next';
  if (exchange.questions === 0) return end(exchange, RCODE.formErr);
  return end(exchange, isApexOfOurs(exchange) ? RCODE.refused : RCODE.notAuth);
}

function isApexOfOurs(exchange: Exchange): boolean {
  const { question, answer, out, response, questionEnd, table } = exchange;
  if (exchange.questionClass !== CLASS.internet) return false;
  const { type } = question;
  question.type = TYPE.soa;
  lookup(table, question, response, questionEnd, out.length, answer);
  question.type = type;
  // An alias answers too, but with a CNAME: the type stands behind the owner's pointer.
  const isApex = answer.outcome === 'answer' && read16(out, questionEnd + OWNER_OCTETS) === TYPE.soa;
  resetAnswer(exchange);
  return isApex;
}

/** A query without a question asks for a server cookie (RFC 7873 §5.4), or makes no sense. */
function answerWithoutQuestion(exchange: Exchange, settings: ResponderSettings): StepResult {
  if (exchange.questions > 0) return 'next';
  if (exchange.options.cookie === 0) return end(exchange, RCODE.formErr);
  const state = settings.cookies.judge(exchange, settings.nowSeconds());
  return end(exchange, state === 'invalid' ? RCODE.badCookie : RCODE.noError);
}

/** Class CH tells who we are, if we may (RFC 4892); other classes than IN and ANY are not ours. */
function answerOtherClasses(exchange: Exchange, settings: ResponderSettings): StepResult {
  const { questionClass } = exchange;
  if (questionClass === CLASS.internet || questionClass === CLASS.any) return 'next';
  if (questionClass !== CLASS.chaos || settings.identity.length === 0 || !asksIdentity(exchange)) {
    return end(exchange, RCODE.refused);
  }
  answerIdentity(exchange, settings.identity);
  return end(exchange, RCODE.noError);
}

/** Types that are no data (RFC 6895 §3.1): transfers are refused, the rest is an error of the client's. */
function refuseMetaTypes(exchange: Exchange): StepResult {
  switch (exchange.question.type) {
    // RFC 5936 §2.2.1 and RFC 1995: nobody is allowed to transfer a zone from us.
    case TYPE.axfr:
    case TYPE.ixfr:
      return end(exchange, RCODE.refused);
    // RFC 6891 §6.1.1, RFC 8945 §4.2 and RFC 9824 §3.4: records of a message, never of a question.
    case TYPE.opt:
    case TYPE.tsig:
    case TYPE.nxname:
      return end(exchange, RCODE.formErr);
    case TYPE.tkey:
    case TYPE.mailb:
    case TYPE.maila:
      return end(exchange, RCODE.notImp);
    default:
      return 'next';
  }
}

/** Where the client is. */
function place(exchange: Exchange): void {
  placeClient(exchange);
}

/** What the answer table says. */
function lookUp(exchange: Exchange, settings: ResponderSettings): void {
  const { question, answer, response, questionEnd, table } = exchange;
  question.dice = (question.dice + GOLDEN_RATIO) | 0;
  const limit = responseLimit(exchange, settings) - reservedOctets(exchange, settings);
  lookup(table, question, response, questionEnd, limit, answer);
  if (answer.outcome === 'refused') exchange.extendedError = NOT_AUTHORITATIVE;
  // RFC 1035 §6.2: a response to QCLASS * can never be authoritative.
  if (exchange.questionClass === CLASS.any) answer.authoritative = false;
  exchange.rcode = answer.rcode;
}

/**
 * The walk of a query that was read. Written out, because a loop over functions would cost a tenth of the whole query.
 */
export function walk(exchange: Exchange, settings: ResponderSettings): void {
  if (refuseUnknownOpcode(exchange) === 'done') return;
  if (refuseBrokenMessage(exchange) === 'done') return;
  if (refuseEdnsVersion(exchange) === 'done') return;
  if (refuseBrokenOpt(exchange) === 'done') return;
  if (refuseTsig(exchange) === 'done') return;
  if (refuseNotifyAndUpdate(exchange) === 'done') return;
  if (answerWithoutQuestion(exchange, settings) === 'done') return;
  if (answerOtherClasses(exchange, settings) === 'done') return;
  if (refuseMetaTypes(exchange) === 'done') return;
  place(exchange);
  lookUp(exchange, settings);
}
