import { withoutSecrets } from './secrets.ts';

/** Most characters of foreign text shown in one message. */
const MAX_QUOTED = 80;
/** How much of it is looked through for secrets, in characters; the rest is cut off before. */
const MAX_SOUGHT_QUOTE = 1_000;

/**
 * Foreign text for a message: in double quotes, shortened, with everything outside printable ASCII escaped, so that a
 * manifest cannot write control sequences to a terminal or forge a log line. What looks like a secret is left out: findings
 * and complaints are read by many.
 */
export function quote(text: string): string {
  const told = withoutSecrets(text.slice(0, MAX_SOUGHT_QUOTE));
  const shown = told.length > MAX_QUOTED || text.length > MAX_SOUGHT_QUOTE ? `${told.slice(0, MAX_QUOTED)}…` : told;
  const escaped = JSON.stringify(shown).replace(/[^\x20-\x7e…]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return escaped;
}
