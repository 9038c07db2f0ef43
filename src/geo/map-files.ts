import { open, stat } from 'node:fs/promises';
import { type Finding, finding, type Origin } from '../core/desired/finding.ts';
import type { ClientMap, MapRule } from '../core/desired/maps/client-map.ts';
import { messageOf } from '../core/error-message.ts';

/** The largest map file, in octets: 4 MiB. */
const MAX_MAP_OCTETS = 4 * 2 ** 20;

/** Most problems of one map file that are told. */
const MAX_TOLD = 20;

/** A custom map: its rules, or the file that holds them. `origin` is where the configuration has it. */
export type MapSource = { readonly name: string; readonly origin: Origin } & (
  | { readonly kind: 'rules'; readonly rules: readonly MapRule[] }
  | { readonly kind: 'file'; readonly file: string }
);

/** Something that keeps a map file from being used; lines count from 1. */
type MapProblem = { readonly line?: number; readonly message: string; readonly suggestion?: string };

/** What the text of a map file says. */
export type ReadMap = (text: string) => {
  readonly rules: readonly MapRule[];
  readonly problems: readonly MapProblem[];
};

/** The maps as they are now, the very same list while nothing changed, and what is wrong with their files. */
export type ReadMaps = { readonly maps: readonly ClientMap[]; readonly findings: readonly Finding[] };

/** Reads the maps, again with each call. A file that is no good leaves its last good rules; before those it has none. */
export function createMapReader(sources: readonly MapSource[], readMap: ReadMap): () => Promise<ReadMaps> {
  const good = new Map<string, { readonly text: string; readonly rules: readonly MapRule[] }>();
  let maps: readonly ClientMap[] = [];
  const rulesOf = async (source: MapSource, findings: Finding[]): Promise<readonly MapRule[]> => {
    if (source.kind === 'rules') return source.rules;
    const { name, file } = source;
    const last = good.get(name);
    const text = await textOf(file);
    if (typeof text === 'string' && text === last?.text) return last.rules;
    const { rules, problems } = typeof text === 'string' ? readMap(text) : { rules: [], problems: [text] };
    if (typeof text === 'string' && problems.length === 0) good.set(name, { text, rules });
    else findings.push(...problems.slice(0, MAX_TOLD).map((problem) => invalid(source, problem, last !== undefined)));
    return good.get(name)?.rules ?? [];
  };
  return async () => {
    const findings: Finding[] = [];
    const next: ClientMap[] = [];
    for (const source of sources) next.push({ name: source.name, rules: await rulesOf(source, findings) });
    const isSame = maps.length === next.length && maps.every(({ rules }, index) => rules === next[index]?.rules);
    if (!isSame) maps = next;
    return { maps, findings };
  };
}

function invalid({ name, ...source }: MapSource, { line, message, suggestion }: MapProblem, isKept: boolean): Finding {
  const file = source.kind === 'file' ? source.file : source.origin.file;
  const effect = isKept ? 'its last good rules stay in use' : 'it has no rules';
  const origin = line === undefined ? { file } : { file, line };
  return finding('map-invalid', origin, `The map ${name} is not read: ${message}; ${effect}.`, suggestion);
}

async function textOf(file: string): Promise<string | MapProblem> {
  try {
    // Opening a pipe would wait for somebody who writes.
    if (!(await stat(file)).isFile()) return { message: 'it is not a file' };
    await using handle = await open(file);
    const { size } = await handle.stat();
    if (size > MAX_MAP_OCTETS) return { message: `it has ${size} octets, more than ${MAX_MAP_OCTETS}` };
    return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    return { message: messageOf(error) };
  }
}
