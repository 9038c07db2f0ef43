/**
 * One line of the audit: a JSON object whose last member is a hash over the hash of the line before and all octets in front of
 * it, so that no line can be changed, taken out or put in without all behind it being written anew.
 *
 *     {"seq":1,"at":1767225600000,"version":1,"previous":"000…","hash":"3f…"}          the first line of each file
 *     {"seq":2,"at":1767225600001,"entry":{"who":"ops",…},"hash":"a1…"}
 *
 * A file that begins behind a break says so in its first line, for good: which line was the last good one, and what was found.
 *
 *     {"seq":9,"at":…,"version":1,"previous":"77…","follows":{"seq":5,"hash":"c0…","found":"cut"},"hash":"e2…"}
 *
 *     hash = SHA-256( hash of the line before, in hex ‖ the line up to `,"hash":"` )
 */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { AuditEntry, AuditRecord } from '../../core/ports.ts';

/** What the first line of all continues. */
export const NO_HASH: string = '0'.repeat(64);
/** Longest line of the audit, in octets. */
export const MAX_AUDIT_LINE_OCTETS = 256 * 2 ** 10;
/** Most octets of `before` and of `after` each; what is larger is told by its size. */
const MAX_VALUE_OCTETS = 64 * 2 ** 10;
/** Most characters of each of the texts of an entry. */
const MAX_TEXT = 1_000;

const MARK = ',"hash":"';
const HASH_CHARACTERS = 64;
const TRAILER = MARK.length + HASH_CHARACTERS + '"}'.length;

/**
 * What was found where the chain broke. `changed`: the last lines were not as they were written. `cut`: lines that the journal
 * knows of were not there. `other`: a line was another one than the journal knows. `gone`: the file was taken away, or made shorter, while we ran.
 */
export type Break = 'changed' | 'cut' | 'other' | 'gone';

/** The last good line in front of a break; number 0: there was none. */
export type Follows = { readonly seq: number; readonly hash: string; readonly found: Break };

const ENTRY = Type.Object({
  who: Type.String(),
  from: Type.String(),
  action: Type.String(),
  target: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
  outcome: Type.String(),
});
const ENTRY_LINE = Type.Object({ seq: Type.Integer({ minimum: 1 }), at: Type.Number(), entry: ENTRY });
const HEAD_LINE = Type.Object({
  seq: Type.Integer({ minimum: 1 }),
  at: Type.Number(),
  version: Type.Integer(),
  previous: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  follows: Type.Optional(
    Type.Object({ seq: Type.Integer(), hash: Type.String(), found: Type.Enum(['changed', 'cut', 'other', 'gone']) }),
  ),
});

/** A line with the hash that stands in it. */
export type AuditLine = { readonly hash: string; readonly seq: number } & (
  | {
      readonly kind: 'head';
      readonly version: number;
      readonly previous: string;
      readonly follows: Follows | undefined;
    }
  | { readonly kind: 'entry'; readonly record: AuditRecord }
);

/** A line with its end, and its hash. */
export type Chained = { readonly octets: Buffer; readonly hash: string };

/** The first line of a file. */
export function headOf(seq: number, at: number, previous: string, follows?: Follows): Chained {
  return chained(previous, JSON.stringify({ seq, at, version: 1, previous, ...(follows && { follows }) }));
}

/** The line of an entry. */
export function lineOf(seq: number, { at, ...entry }: AuditEntry, previous: string): Chained {
  const { who, from, action, target, before, after, outcome } = entry;
  const kept = {
    who: cut(who),
    from: cut(from),
    action: cut(action),
    target: cut(target),
    before: bounded(before),
    after: bounded(after),
    outcome: cut(outcome),
  };
  return chained(previous, JSON.stringify({ seq, at, entry: kept }));
}

/** Reads a line without its end; undefined where it is none. Whether its hash is right is another question. Never throws. */
export function readLine(line: Buffer): AuditLine | undefined {
  const end = line.length - TRAILER;
  if (end <= 0) return undefined;
  const trailer = line.toString('latin1', end);
  const hash = trailer.slice(MARK.length, MARK.length + HASH_CHARACTERS);
  if (trailer !== `${MARK}${hash}"}` || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
  try {
    const content: unknown = JSON.parse(`${line.toString('utf8', 0, end)}}`);
    if (Check(ENTRY_LINE, content)) return { kind: 'entry', hash, seq: content.seq, record: recordOf(content) };
    if (!Check(HEAD_LINE, content)) return undefined;
    const { seq, version, previous, follows } = content;
    return { kind: 'head', hash, seq, version, previous, follows };
  } catch {
    return undefined;
  }
}

/** Whether the hash in a line (without its end) is what follows from the line before. */
export function isChained(line: Buffer, previous: string): boolean {
  const end = line.length - TRAILER;
  return end > 0 && line.toString('latin1', end) === `${MARK}${hashOf(previous, line.subarray(0, end))}"}`;
}

function recordOf({ seq, at, entry }: Static<typeof ENTRY_LINE>): AuditRecord {
  return { seq, at, ...entry };
}

function chained(previous: string, object: string): Chained {
  const head = Buffer.from(object.slice(0, -1));
  const hash = hashOf(previous, head);
  return { octets: Buffer.concat([head, Buffer.from(`${MARK}${hash}"}\n`)]), hash };
}

function hashOf(previous: string, octets: Buffer): string {
  return createHash('sha256').update(previous).update(octets).digest('hex');
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT);
}

function bounded(value: unknown): unknown {
  const octets = Buffer.byteLength(JSON.stringify(value ?? null));
  return octets <= MAX_VALUE_OCTETS ? (value ?? null) : { cut: `${octets} octets` };
}
