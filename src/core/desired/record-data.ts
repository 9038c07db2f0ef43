import { parseAddress } from './address.ts';
import { quote } from './quote.ts';
import type { RecordData, RecordType } from './records.ts';
import { absoluteName, characterString, type ZoneToken } from './zone-line-tokens.ts';

/** The types a static record may have, as messages list them. */
export const RECORD_TYPES = [
  'A',
  'AAAA',
  'CNAME',
  'TXT',
  'MX',
  'CAA',
  'SRV',
  'NS',
  'DS',
] as const satisfies RecordType[];

/** Most octets of one character string (RFC 1035 §3.3). */
const MAX_CHARACTER_STRING = 255;

/** Octets of a DS digest by its type: SHA-1, SHA-256, GOST, SHA-384 (IANA, RFC 4034 §5.1.3, 4509, 5933, 6605). */
const DIGEST_OCTETS: Readonly<Record<number, number>> = { 1: 20, 2: 32, 3: 32, 4: 48 };

/** Most octets of a DS digest of a type that is not in the table. */
const MAX_DIGEST = 64;

/** A phrase that says what is wrong with the data of a record. */
export type DataError = { readonly error: string };

type DataReader = (words: readonly ZoneToken[], apex: string) => RecordData | DataError;

const READERS: Readonly<Record<RecordType, DataReader>> = {
  A: (words) => addressData('A', words),
  AAAA: (words) => addressData('AAAA', words),
  CNAME: (words, apex) => targetData('CNAME', words, apex),
  NS: (words, apex) => targetData('NS', words, apex),
  MX: (words, apex) =>
    withFields('MX', words, ['preference', 'mail server'], (read) => ({
      type: 'MX',
      preference: read.number('preference', 0xffff),
      target: read.nameOrRoot('mail server', apex),
    })),
  SRV: (words, apex) =>
    withFields('SRV', words, ['priority', 'weight', 'port', 'target'], (read) => ({
      type: 'SRV',
      priority: read.number('priority', 0xffff),
      weight: read.number('weight', 0xffff),
      port: read.number('port', 0xffff),
      target: read.nameOrRoot('target', apex),
    })),
  TXT: (words) => textData(words),
  CAA: (words) => caaData(words),
  DS: (words) => dsData(words),
};

/** Reads the words behind the type of a record; relative names belong to `apex`. */
export function parseRecordData(type: RecordType, words: readonly ZoneToken[], apex: string): RecordData | DataError {
  return READERS[type](words, apex);
}

function targetData(type: 'CNAME' | 'NS', words: readonly ZoneToken[], apex: string): RecordData | DataError {
  return withFields(type, words, ['target'], (read) => ({ type, target: read.name('target', apex) }));
}

function addressData(type: 'A' | 'AAAA', words: readonly ZoneToken[]): RecordData | DataError {
  return withFields(type, words, ['address'], (read) => {
    const text = read.word();
    const address = parseAddress(text);
    if (address?.family === (type === 'A' ? 4 : 6)) return { type, address: address.text };
    return { error: `${quote(text)} is not an ${type === 'A' ? 'IPv4' : 'IPv6'} address` };
  });
}

/** Reads words in their order; the first problem is kept, and what is read after it does not matter. */
type FieldReader = {
  word(): string;
  octets(field: string): Uint8Array;
  number(field: string, max: number): number;
  name(field: string, apex: string): string;
  /** Like `name`, but `.` says that there is none (RFC 7505, RFC 2782). */
  nameOrRoot(field: string, apex: string): string;
};

function withFields(
  type: RecordType,
  words: readonly ZoneToken[],
  fields: readonly string[],
  build: (read: FieldReader) => RecordData | DataError,
): RecordData | DataError {
  if (words.length !== fields.length) return { error: `${type} takes ${fields.join(', ')}: ${countOf(words)} given` };
  const problems: string[] = [];
  const data = build(fieldReader(words, problems));
  const [problem] = problems;
  return problem === undefined ? data : { error: problem };
}

function countOf(words: readonly ZoneToken[]): string {
  return words.length === 1 ? '1 word was' : `${words.length} words were`;
}

function fieldReader(words: readonly ZoneToken[], problems: string[]): FieldReader {
  let next = 0;
  const take = (): ZoneToken => words[next++] ?? { text: '', quoted: false };
  const name = (field: string, apex: string): string => {
    const { text, quoted } = take();
    const absolute = quoted ? undefined : absoluteName(text, apex);
    if (absolute === undefined) problems.push(`the ${field} ${quote(text)} is not a valid name`);
    // A bare address parses as a relative name, which nobody means.
    else if (parseAddress(text) !== undefined) problems.push(`the ${field} ${quote(text)} is an address, not a name`);
    return absolute ?? '';
  };
  return {
    word: () => take().text,
    octets: (field) => {
      const { text } = take();
      const octets = characterString(text);
      if (octets === undefined) problems.push(`the ${field} ${quote(text)} holds a bad \\DDD escape`);
      return octets ?? new Uint8Array();
    },
    number: (field, max) => {
      const { text } = take();
      const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
      if (value > max) problems.push(`the ${field} ${quote(text)} is not a number from 0 to ${max}`);
      return value;
    },
    name: (field, apex) => {
      const target = name(field, apex);
      if (target === '' && problems.length === 0) problems.push(`the ${field} cannot be the root`);
      return target;
    },
    nameOrRoot: name,
  };
}

function textData(words: readonly ZoneToken[]): RecordData | DataError {
  if (words.length === 0) return { error: 'TXT takes at least one string' };
  const strings: Uint8Array[] = [];
  for (const { text } of words) {
    const octets = characterString(text);
    if (octets === undefined) return { error: `the string ${quote(text)} holds a bad \\DDD escape` };
    if (octets.length > MAX_CHARACTER_STRING) {
      return { error: `a string has ${octets.length} octets, over ${MAX_CHARACTER_STRING}: split it in two` };
    }
    strings.push(octets);
  }
  return { type: 'TXT', strings };
}

/** RFC 8659 §4.1; unknown tags are kept. */
function caaData(words: readonly ZoneToken[]): RecordData | DataError {
  return withFields('CAA', words, ['flags', 'tag', 'value'], (read) => {
    const flags = read.number('flags', 0xff);
    const tag = read.word();
    const value = read.octets('value');
    if (!/^[a-z0-9]{1,255}$/i.test(tag)) return { error: `the tag ${quote(tag)} is not letters and digits` };
    return { type: 'CAA', flags, tag, value };
  });
}

/** RFC 4034 §5.3: the digest may be written in several words. */
function dsData(words: readonly ZoneToken[]): RecordData | DataError {
  const digestText = words.slice(3).map(({ text }) => text);
  const joined = [
    ...words.slice(0, 3),
    ...(digestText.length > 0 ? [{ text: digestText.join(''), quoted: false }] : []),
  ];
  return withFields('DS', joined, ['key tag', 'algorithm', 'digest type', 'digest'], (read) => {
    const keyTag = read.number('key tag', 0xffff);
    const algorithm = read.number('algorithm', 0xff);
    const digestType = read.number('digest type', 0xff);
    const hex = read.word();
    const octets = hex.length / 2;
    const expected = DIGEST_OCTETS[digestType];
    if (!/^([0-9a-f]{2})+$/i.test(hex)) return { error: `the digest ${quote(hex)} is not pairs of hexadecimal digits` };
    if (octets !== (expected ?? octets) || octets > MAX_DIGEST) {
      return {
        error: `a digest of type ${digestType} has ${expected ?? `at most ${MAX_DIGEST}`} octets, not ${octets}`,
      };
    }
    return { type: 'DS', keyTag, algorithm, digestType, digest: hexOctets(hex) };
  });
}

function hexOctets(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}
