import type { DrainOverride, Overrides } from '../core/health/override.ts';
import { checksumOf, parseWhole } from './whole-json.ts';

/** The form of the file; a reader refuses every other. */
const VERSION = 1;

/** What the file holds: JSON with the orders and a checksum over them, so that a torn or edited file is noticed. */
export function writeOverrides(overrides: Overrides): string {
  const drains = [...overrides.values()].map(({ cluster, at, from, by, reason }) => {
    return { cluster, at, ...(from === undefined ? {} : { from }), by, reason };
  });
  return `${JSON.stringify({ version: VERSION, checksum: checksumOf(drains), drains }, null, 2)}\n`;
}

/** Reads what `writeOverrides` wrote. Throws an Error that says what is wrong with the text. */
export function readOverrides(text: string): Overrides {
  const content = parseWhole(text);
  if (!isObject(content)) throw new Error('it is not a JSON object');
  if (content['version'] !== VERSION) throw new Error(`its version is not ${VERSION}`);
  const drains = content['drains'];
  if (!Array.isArray(drains) || !drains.every(isDrain)) throw new Error('its drains are not as they were written');
  if (content['checksum'] !== checksumOf(drains)) throw new Error('its checksum does not fit its content');
  return new Map(drains.map((drain) => [drain.cluster, Object.freeze(drain)]));
}

function isDrain(value: unknown): value is DrainOverride {
  return (
    isObject(value) &&
    typeof value['cluster'] === 'string' &&
    typeof value['at'] === 'number' &&
    (value['from'] === undefined || typeof value['from'] === 'number') &&
    typeof value['by'] === 'string' &&
    typeof value['reason'] === 'string'
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
