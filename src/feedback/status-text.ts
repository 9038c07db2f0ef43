import type { ObjectVerdict } from '../core/desired/object-verdicts.ts';
import { MAX_STATUS_HOSTNAMES, MAX_STATUS_LENGTH } from './limits.ts';

/**
 * A verdict as the status annotation says it: JSON of one line, `{"state":…,"hostnames":[…],"more":…,"findings":[…]}`, with
 * the codes of the findings, ordered. Nobody's name and no time is in it: directors that agree write the same.
 */
export function statusText({ state, hostnames, findings }: ObjectVerdict): string {
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted();
  for (let named = Math.min(hostnames.length, MAX_STATUS_HOSTNAMES); ; named--) {
    const text = JSON.stringify({
      state,
      hostnames: hostnames.slice(0, named),
      ...(named < hostnames.length ? { more: hostnames.length - named } : {}),
      ...(codes.length > 0 ? { findings: codes } : {}),
    });
    if (text.length <= MAX_STATUS_LENGTH || named <= 0) return text;
  }
}

/** Whether a status that stands speaks of nothing but hostnames of these zones, so that one may take it away. */
export function speaksOf(status: string, apexes: readonly string[]): boolean {
  const hostnames = hostnamesIn(status);
  return hostnames?.every((name) => apexes.some((apex) => isWithin(name, apex))) ?? false;
}

function isWithin(name: string, apex: string): boolean {
  return apex === '' || name === apex || name.endsWith(`.${apex}`);
}

/** The hostnames that a status names; undefined where it is none of a director, or names none. */
function hostnamesIn(status: string): readonly string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(status);
  } catch {
    return undefined;
  }
  const names = typeof value === 'object' && value !== null && 'hostnames' in value ? value.hostnames : undefined;
  if (!Array.isArray(names) || names.length === 0) return undefined;
  const texts = names.filter((name) => typeof name === 'string');
  return texts.length === names.length ? texts : undefined;
}
