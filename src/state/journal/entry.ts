/**
 * One line of a journal: a JSON object whose last member is a checksum over all octets in front of it.
 *
 *     {"seq":7,"at":1767225600000,"kind":"override","put":[["eu-west",{…}]],"drop":["us-east"],"sum":"0123456789abcdef"}
 *
 * A line is written whole or it counts for nothing, so what belongs together stands in one.
 */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';

/** Values of one kind that are new, and those that are gone. `at`: ms since the epoch. Values are JSON texts. */
export type JournalChange = {
  readonly kind: string;
  readonly at: number;
  readonly put: readonly (readonly [key: string, text: string])[];
  readonly drop: readonly string[];
};

/** A change with its number: each is one higher than that of the line before. */
export type JournalEntry = JournalChange & { readonly seq: number };

const MARK = ',"sum":"';
/** 64 bits of SHA-256 in hexadecimal: enough against accidents, and it is no seal against people. */
const SUM_CHARACTERS = 16;
/** Octets from the mark to the end of the line. */
const TRAILER = MARK.length + SUM_CHARACTERS + '"}'.length;

const LINE = Type.Object({
  seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  at: Type.Number(),
  kind: Type.String(),
  put: Type.Array(Type.Tuple([Type.String(), Type.Unknown()])),
  drop: Type.Array(Type.String()),
});

/** The change without its number, as it is written. */
export function bodyOf({ at, kind, put, drop }: JournalChange): string {
  const puts = put.map(([key, text]) => `[${JSON.stringify(key)},${text}]`).join(',');
  return `"at":${at},"kind":${JSON.stringify(kind)},"put":[${puts}],"drop":${JSON.stringify(drop)}`;
}

/** The line of a body, with its end. */
export function lineOf(seq: number, body: string): Buffer {
  const head = Buffer.from(`{"seq":${seq},${body}`);
  return Buffer.concat([head, Buffer.from(`${MARK}${sumOf(head)}"}\n`)]);
}

/** Reads a line without its end; undefined where it is not what `lineOf` wrote. Never throws. */
export function readLine(line: Buffer): JournalEntry | undefined {
  const end = line.length - TRAILER;
  if (end <= 0) return undefined;
  const head = line.subarray(0, end);
  if (line.toString('latin1', end) !== `${MARK}${sumOf(head)}"}`) return undefined;
  try {
    const content: unknown = JSON.parse(`${head.toString()}}`);
    return Check(LINE, content) ? entryOf(content) : undefined;
  } catch {
    return undefined;
  }
}

function entryOf({ put, ...rest }: Static<typeof LINE>): JournalEntry {
  return { ...rest, put: put.map(([key, value]) => [key, JSON.stringify(value)] as const) };
}

function sumOf(octets: Buffer): string {
  return createHash('sha256').update(octets).digest('hex').slice(0, SUM_CHARACTERS);
}
