import { normalizeName } from './domain-name.ts';

/** The types that a DNS probe can ask for. */
const QUESTION_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;

/** One type that a DNS probe can ask for. */
type QuestionType = (typeof QUESTION_TYPES)[number];

/** What a DNS probe asks: a normalized name ('' for the root), or that of the hostname which is probed. */
export type ProbeQuestion = {
  readonly subject: { readonly kind: 'hostname' } | { readonly kind: 'name'; readonly name: string };
  readonly type: QuestionType;
};

/**
 * Reads `NAME?type=A`: without a type A is meant, without a name the hostname; `.` is the root. Undefined where the name is
 * no domain name, has octets that would have to be escaped, or the type is none that a probe can ask for.
 */
export function parseQuestion(text: string): ProbeQuestion | undefined {
  const match = /^([^?\\]*)(?:\?type=([A-Za-z]+))?$/.exec(text);
  const [, name = '', word = 'A'] = match ?? [];
  const type = QUESTION_TYPES.find((one) => one === word.toUpperCase());
  if (match === null || type === undefined) return undefined;
  if (name === '') return { subject: { kind: 'hostname' }, type };
  const normal = normalizeName(name);
  return normal === undefined ? undefined : { subject: { kind: 'name', name: normal }, type };
}

/** The one text of a question: equal questions have equal texts. */
export function questionText({ subject, type }: ProbeQuestion): string {
  const name = subject.kind === 'hostname' ? '' : subject.name || '.';
  return `${name}?type=${type}`;
}
