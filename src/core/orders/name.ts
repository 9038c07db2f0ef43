/** What names of orders, drills and rollouts look like, in words. */
export const NAME_RULE = 'A name has lower case letters, digits and hyphens, 63 at most.';

/** Whether a person may call something so: as a label of a domain name (RFC 1123 §2.1), in lower case. */
export function isName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}
