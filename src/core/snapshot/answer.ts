import { copyName, createNameBuffer, type NameBuffer } from './name-words.ts';

/**
 * One question as the lookup wants it. A server keeps one and fills it again for each query: nothing is allocated.
 */
export type Question = {
  /** Lower-case wire form of the name, without compression; written by `readName` or `setName` alone. */
  readonly name: NameBuffer;
  nameLength: number;
  /** Of the name, as `name-words.ts` makes it. */
  nameHash: number;
  type: number;
  /** Index in the place table of the client's place. */
  place: number;
  /** 32 bits of the client's subnet (`subnet.ts`); read where the table has sticky hostnames. */
  subnet: number;
  /**
   * 32 bits, signed or not: as signed ones they never become a number on the heap. Evenly spread over the questions;
   * decides where weights do.
   */
  dice: number;
  /** The dice among the clients of one group of a rollout; set by the lookup. */
  groupDice: number;
};

/** What kind of answer it was, by name; after CNAMEs that of the last name (RFC 6604). */
export type Outcome = 'answer' | 'nodata' | 'nxdomain' | 'referral' | 'refused';

/** The result of one lookup; like the question it is kept and filled again. */
export type Answer = {
  outcome: Outcome;
  /** The RCODE for the header: 0, 3 (NXDOMAIN) or 5 (REFUSED). */
  rcode: number;
  /** AA. */
  authoritative: boolean;
  /** TC: a needed RRset did not fit; no record was written. */
  truncated: boolean;
  answers: number;
  authorities: number;
  additionals: number;
  /** Offset behind the last octet written. */
  end: number;
  /** Whether the answer depends on the client's place: only then an ECS scope is above 0. */
  placed: boolean;
  /** Whether it depends on the client's subnet: then an ECS scope is at least as long as the prefix that was hashed. */
  sticky: boolean;
  /** Index in `model.zones` of the zone of the question's name, or -1 outside all zones. */
  zone: number;
  /** Slot, else index in `model.clusters`, of the first cluster answered; or -1. */
  cluster: number;
  /** Index in `model.hostnames` of the hostname that was steered; or -1. */
  target: number;
  /**
   * Index in `DECISION_REASONS` of how a steered answer came about. 0 as well for all that is not steered, and where the
   * decision names somebody, but no address of the family that was asked for.
   */
  reason: number;
};

/** A question to fill: the root, type 0, the unknown place. */
export function createQuestion(): Question {
  return { name: createNameBuffer(), nameLength: 1, nameHash: 0, type: 0, place: 0, subnet: 0, dice: 0, groupDice: 0 };
}

/** Takes the name of `length` octets (1–255) that begins at a word of a message. Its labels were checked. */
export function readName(question: Question, words: Int32Array, first: number, length: number): void {
  question.nameLength = length;
  question.nameHash = copyName(words, first, length, question.name.words);
}

/** Takes a whole wire name of at most 255 octets. */
export function setName(question: Question, wire: Uint8Array): void {
  question.name.octets.set(wire);
  readName(question, question.name.words, 0, wire.length);
}

/** Makes an answer forget its records: nothing is written behind `end`. Outcome and RCODE stay. */
export function clearAnswer(answer: Answer, end: number): void {
  answer.authoritative = false;
  answer.truncated = false;
  answer.answers = 0;
  answer.authorities = 0;
  answer.additionals = 0;
  answer.end = end;
  answer.placed = false;
  answer.sticky = false;
  answer.zone = -1;
  answer.cluster = -1;
  answer.target = -1;
  answer.reason = 0;
}

/** An answer to be filled by `lookup`. */
export function createAnswer(): Answer {
  return {
    outcome: 'refused',
    rcode: 0,
    authoritative: false,
    truncated: false,
    answers: 0,
    authorities: 0,
    additionals: 0,
    end: 0,
    placed: false,
    sticky: false,
    zone: -1,
    cluster: -1,
    target: -1,
    reason: 0,
  };
}
