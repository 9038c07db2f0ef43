/** The binary answer table: its layout is drawn in `layout.ts`. Every part is replaced whole and never written again. */
import type { PlaceTable } from './place-table.ts';

/** 32-bit words in shared memory. */
export type Words = Int32Array<SharedArrayBuffer>;
/** Octets in shared memory. */
export type Octets = Uint8Array<SharedArrayBuffer>;

/** Which names exist and what is said of them where health plays no part. */
export type NamesPart = {
  readonly slots: Words;
  readonly nodes: Words;
  readonly sets: Words;
  readonly links: Words;
  readonly zones: Words;
  readonly octets: Octets;
  /** The same memory as words: names begin at one. */
  readonly words: Words;
  /** Most labels of a name, the root not counted. */
  readonly deepest: number;
};

/** The addresses of steered names. */
export type TargetsPart = { readonly targets: Words; readonly endpoints: Words };

/** Which clients are alike to a steered name, and what must be known of them. 16 bits per place unless the orders are many. */
export type ClassesPart = {
  readonly base: Words;
  readonly orderOf: Uint16Array<SharedArrayBuffer> | Uint32Array<SharedArrayBuffer>;
  readonly orders: Uint16Array<SharedArrayBuffer>;
  /** Whether any hostname asks for the client's subnet. */
  readonly subnets: boolean;
};

/** Whom steered names are answered with, by fence. */
export type DecisionsPart = { readonly rowOf: Words; readonly pool: Words };

/** All a server needs to answer. Structured clones share its memory, so it can be posted to workers. */
export type AnswerTable = {
  /** SOA serial of all zones. Of all that is said of names it alone changes with every model, so it is laid over. */
  readonly serial: number;
  readonly names: NamesPart;
  readonly targets: TargetsPart;
  readonly classes: ClassesPart;
  readonly decisions: DecisionsPart;
  readonly places: PlaceTable;
};

/** A copy in shared memory of what was collected. */
export function sharedWords(values: ArrayLike<number>): Words {
  const words = new Int32Array(new SharedArrayBuffer(values.length * Int32Array.BYTES_PER_ELEMENT));
  words.set(values);
  return words;
}

/** The same for octets; their memory ends at a whole word. */
export function sharedOctets(values: ArrayLike<number>): Octets {
  const octets = new Uint8Array(new SharedArrayBuffer((values.length + 3) & ~3));
  octets.set(values);
  return octets;
}
