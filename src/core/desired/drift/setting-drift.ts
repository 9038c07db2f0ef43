import { DEFAULTS } from '../annotations/defaults.ts';
import type { SettingKey } from '../annotations/setting.ts';
import { isEqual } from '../equal.ts';
import { choose, type Say, SILENT, type Voice } from '../precedence.ts';
import { clustersText } from './odd-ones.ts';

/** What all clusters of a hostname say, or none. Drains, tiers and the like are meant for single clusters. */
const UNIFORM: readonly SettingKey[] = [
  'steering',
  'nearest-band',
  'map',
  'failover',
  'sticky',
  'residency',
  'answers',
  'ttl',
  'stable-ttl',
  'min-healthy',
  'last-resort',
  'weight',
];

/**
 * Says which settings most clusters of a hostname make and some do not. Values that differ are no matter of it: those of the
 * hostname are a conflict, which is said elsewhere, and weights are there to differ.
 */
export function sayMissingSettings(voices: readonly Voice[], say: Say): void {
  if (voices.length < 3) return;
  for (const key of UNIFORM) {
    const setters = voices.filter(({ sources }) => sources.some(({ settings }) => settings[key] !== undefined));
    if (setters.length === voices.length || setters.length * 2 <= voices.length) continue;
    const [first, ...rest] = setters.flatMap(({ sources }) => choose(key, sources, SILENT) ?? []);
    if (first === undefined || (key !== 'weight' && rest.some(({ value }) => !isEqual(value, first.value)))) continue;
    const others = voices.filter((voice) => !setters.includes(voice));
    const effect = key === 'weight' ? `, where the default ${DEFAULTS.weight} counts` : '';
    const message = `${key} is set in ${clusterNames(setters)} and not in ${clusterNames(others)}${effect}`;
    say('drift-setting', first.by.origin, message, 'set it in all clusters of the hostname, or in none');
  }
}

function clusterNames(voices: readonly Voice[]): string {
  return clustersText(voices.map(({ cluster }) => ({ cluster: cluster.name })));
}
