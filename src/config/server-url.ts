/** Longest URL of a server, in characters. */
const MAX_URL = 512;

/**
 * Whether a text is the URL of an HTTP server: no credentials, which would end up in findings, and neither query nor
 * fragment, as a path is put behind it.
 */
export function isServerUrl(text: string): boolean {
  const url = text.length <= MAX_URL && /^https?:\/\/[\x21-\x7e]+$/.test(text) ? URL.parse(text) : null;
  return url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
