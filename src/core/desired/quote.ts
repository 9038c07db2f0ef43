/** Most characters of foreign text shown in one message. */
const MAX_QUOTED = 80;

/**
 * Foreign text for a message: in double quotes, shortened, with everything outside printable ASCII escaped, so that a
 * manifest cannot write control sequences to a terminal or forge a log line.
 */
export function quote(text: string): string {
  const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  const escaped = JSON.stringify(shown).replace(/[^\x20-\x7e…]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return escaped;
}
