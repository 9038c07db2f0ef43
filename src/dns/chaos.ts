import type { Exchange } from './exchange.ts';
import { CLASS, copyOctets, HEADER_OCTETS, TYPE, write16, write32 } from './wire.ts';

/** Names that ask which server this is, in wire form: `id.server` (RFC 4892 §3) and the older `hostname.bind`. */
const IDENTITY_NAMES = [
  Uint8Array.from([2, ...ascii('id'), 6, ...ascii('server'), 0]),
  Uint8Array.from([8, ...ascii('hostname'), 4, ...ascii('bind'), 0]),
];

/** Octets of the longest identity: it must fit into a response of 512 octets with everything else. */
export const MAX_IDENTITY_OCTETS = 64;

function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Whether the question asks for the server's identity as text. */
export function asksIdentity(exchange: Exchange): boolean {
  const { type } = exchange.question;
  if (type !== TYPE.txt && type !== TYPE.any) return false;
  return IDENTITY_NAMES.some((name) => isAsked(exchange, name));
}

function isAsked(exchange: Exchange, name: Uint8Array): boolean {
  const { question } = exchange;
  if (question.nameLength !== name.length) return false;
  return name.every((octet, i) => question.name.octets[i] === octet);
}

/** Answers with the identity as one TXT record of class CH and TTL 0 (RFC 4892 §3). */
export function answerIdentity(exchange: Exchange, identity: Uint8Array): void {
  const { out, answer } = exchange;
  // The owner is a pointer to the question's name.
  let at = write16(out, answer.end, 0xc000 | HEADER_OCTETS);
  at = write16(out, at, TYPE.txt);
  at = write16(out, at, CLASS.chaos);
  at = write32(out, at, 0);
  at = write16(out, at, identity.length + 1);
  out[at++] = identity.length;
  answer.end = copyOctets(identity, 0, identity.length, out, at);
  answer.answers = 1;
  answer.authoritative = true;
}
