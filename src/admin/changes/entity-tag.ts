import { createHash } from 'node:crypto';
import { MAX_ENTITY_TAGS } from '../limits.ts';
import { problem } from '../problems.ts';

/** Octets of the hash that stand in a tag: 128 bits. */
const TAG_OCTETS = 16;

/** `etagc` (RFC 9110 §8.8.3) without `obs-text`. */
const TAG = /^(?:W\/)?"[\x21\x23-\x7e]*"$/;

/** The entity tag of a state: equal states have equal tags. */
export function entityTag(state: object): string {
  const hash = createHash('sha256').update(JSON.stringify(state)).digest();
  return `"${hash.subarray(0, TAG_OCTETS).toString('base64url')}"`;
}

/** What the two headers say, as they came. */
export type Preconditions = { readonly 'if-match'?: string | undefined; readonly 'if-none-match'?: string | undefined };

/**
 * Whether a change may be made of what has this tag (RFC 9110 §13.1.1, §13.1.2); undefined: there is nothing yet. Throws a
 * problem where it may not, or where a header holds no tags.
 */
export function checkPreconditions(given: Preconditions, tag: string | undefined): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = given;
  if (match !== undefined && !isAmong(tag, readTags(match))) {
    const now = tag === undefined ? 'There is none now.' : `Its ETag is ${tag} now.`;
    throw problem('precondition-failed', `The object is not what If-Match says. ${now}`, tagHeader(tag));
  }
  if (noneMatch !== undefined && isAmong(tag, readTags(noneMatch).map(withoutWeakness))) {
    throw problem('precondition-failed', 'The object is what If-None-Match excludes.', tagHeader(tag));
  }
}

/** Whether a reader has what has this tag already (RFC 9110 §13.1.2: here weak tags count). */
export function isUnchanged(noneMatch: string | undefined, tag: string): boolean {
  return noneMatch !== undefined && isAmong(tag, readTags(noneMatch).map(withoutWeakness));
}

function tagHeader(tag: string | undefined): Readonly<Record<string, string>> {
  return tag === undefined ? {} : { etag: tag };
}

function isAmong(tag: string | undefined, tags: readonly string[]): boolean {
  return tag !== undefined && (tags.includes('*') || tags.includes(tag));
}

function withoutWeakness(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

/** Our tags hold no comma, so that one inside of a foreign tag does no harm: it makes two tags that are nobody's. */
function readTags(header: string): readonly string[] {
  const tags = header.split(',', MAX_ENTITY_TAGS + 1).map((each) => each.trim());
  const isWhole = tags.length === 1 && tags[0] === '*';
  if (isWhole || (tags.length <= MAX_ENTITY_TAGS && tags.every((each) => TAG.test(each)))) return tags;
  throw problem('entity-tag-invalid', `Expected "*", or at most ${MAX_ENTITY_TAGS} entity tags in quotes.`);
}
