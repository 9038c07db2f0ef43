import { resolve } from 'node:path';
import { parseRules } from '../core/desired/maps/parse.ts';
import { quote } from '../core/desired/quote.ts';
import { nearest } from '../core/desired/suggest.ts';
import type { Assembly } from './assembly.ts';
import type { ConfiguredMap } from './config.ts';
import type { Complain, Path } from './problem.ts';
import { ClientMapEntry } from './schema-maps.ts';
import { fitting } from './sections.ts';
import { isMapping } from './shape.ts';

/** Makes the custom maps of the entries; `clusters` is undefined where others may come. Complains of all that cannot be. */
export function buildMaps(
  value: unknown,
  clusters: readonly string[] | undefined,
  { complain, directory, originOf }: Assembly,
): readonly ConfiguredMap[] {
  const names = new Set<string>();
  return (Array.isArray(value) ? value : []).flatMap((item: unknown, index): ConfiguredMap[] => {
    const path = ['maps', index];
    const entry = fitting(ClientMapEntry, item);
    if (entry === undefined) return [];
    const { name, file, rules } = entry;
    if (names.has(name))
      complain([...path, 'name'], { expected: 'a map that is listed once', found: `${quote(name)} again` });
    names.add(name);
    if ((file === undefined) === (rules === undefined)) {
      complain(path, { expected: 'either file or rules', found: file === undefined ? 'neither' : 'both' });
      return [];
    }
    const origin = originOf(path);
    if (file !== undefined) return [{ kind: 'file', name, origin, file: resolve(directory, file) }];
    const ofRules: Complain = (at, complaint) => complain([...path, 'rules', ...at], complaint);
    return [{ kind: 'rules', name, origin, rules: parseRules(rules, { clusters, complain: ofRules }) }];
  });
}

/** Complains of zones whose map there is not. */
export function checkZoneMaps(zones: unknown, maps: readonly ConfiguredMap[], complain: Complain): void {
  const names = maps.map(({ name }) => name);
  for (const [index, zone] of (Array.isArray(zones) ? zones : []).entries()) {
    const map: unknown = isMapping(zone) ? zone['map'] : undefined;
    if (typeof map !== 'string' || names.includes(map)) continue;
    const near = nearest(map, names);
    const suggestion = near === undefined ? {} : { suggestion: `did you mean ${quote(near)}?` };
    const path: Path = ['zones', index, 'map'];
    complain(path, { expected: 'the name of one of the maps', found: quote(map), ...suggestion });
  }
}
