import { readFileSync } from 'node:fs';

/** The version of this checkout, from package.json. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const holds = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return holds ? String(parsed.version) : 'unknown';
}
