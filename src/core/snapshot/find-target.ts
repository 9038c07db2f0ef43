import { nameFromWire, nameToWire } from '../desired/domain-name.ts';
import type { AnswerTable, NamesPart } from './answer-table.ts';
import {
  KIND_STEERED,
  NODE_NAME,
  NODE_SET_COUNT,
  NODE_SETS,
  NODE_WORDS,
  NONE,
  SET_KIND,
  SET_TARGET,
  SET_WORDS,
} from './layout.ts';
import { BELOW, locate, meetingOf, nodeOf, OUTSIDE } from './locate.ts';

/** The existing name that speaks for a name: itself or a wildcard; and the steered hostname there, or NONE. */
export type Found = { readonly owner: string; readonly target: number };

/** Who speaks for a name, by the table; undefined where the name does not exist. */
export function findTarget({ names }: AnswerTable, name: string): Found | undefined {
  const wire = nameToWire(name);
  const spot = wire === undefined ? OUTSIDE : locate(names, wire, wire.length);
  if (spot === OUTSIDE || meetingOf(spot) === BELOW) return undefined;
  const base = nodeOf(spot) * NODE_WORDS;
  return { owner: nameFromWire(names.octets, names.nodes[base + NODE_NAME]), target: targetAt(names, base) };
}

function targetAt(names: NamesPart, base: number): number {
  const first = names.nodes[base + NODE_SETS]!;
  const last = first + names.nodes[base + NODE_SET_COUNT]!;
  for (let set = first; set < last; set++) {
    if (names.sets[set * SET_WORDS + SET_KIND] === KIND_STEERED) return names.sets[set * SET_WORDS + SET_TARGET]!;
  }
  return NONE;
}
