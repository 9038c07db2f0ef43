import type { AnswerTable } from './answer-table.ts';

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

/** What kind of answer it was, by name. */
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
  /** Index in `model.zones`, or -1 outside all zones. */
  zone: number;
  /** Index in `model.clusters` of the first cluster answered, or -1. */
  cluster: number;
};
