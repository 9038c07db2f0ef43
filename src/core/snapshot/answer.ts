/**
 * One question as the lookup wants it. A server keeps one and fills it again for each query: nothing is allocated.
 */
export type Question = {
  /** Lower-case wire form of the name, without compression; 255 octets are reserved. */
  readonly name: Uint8Array;
  nameLength: number;
  type: number;
  /** Index in the place table of the client's place. */
  place: number;
  /** 32 bits, unsigned; evenly spread over the questions. Decides where weights do. */
  dice: number;
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
  /** Index in `model.zones` of the zone of the question's name, or -1 outside all zones. */
  zone: number;
  /** Index in `model.clusters` of the first cluster answered, or -1. */
  cluster: number;
};

/** Longest wire name in octets (RFC 1035 §3.1). */
const MAX_NAME_OCTETS = 255;

/** A question to fill: the root, type 0, the unknown place. */
export function createQuestion(): Question {
  return { name: new Uint8Array(MAX_NAME_OCTETS), nameLength: 1, type: 0, place: 0, dice: 0 };
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
  answer.zone = -1;
  answer.cluster = -1;
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
    zone: -1,
    cluster: -1,
  };
}
