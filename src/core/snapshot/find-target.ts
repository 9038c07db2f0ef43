import { nameFromWire, nameToWire } from '../desired/domain-name.ts';
import type { AnswerTable } from './answer-table.ts';
import { NODE_NAME, NODE_TARGET, NODE_WORDS } from './layout.ts';
import { BELOW, locateWire, meetingOf, nodeOf, OUTSIDE } from './locate.ts';

/** The existing name that speaks for a name: itself or a wildcard; and the steered hostname there, or NONE. */
export type Found = { readonly owner: string; readonly target: number };

/** Who speaks for a name, by the table; undefined where the name does not exist. */
export function findTarget({ names }: AnswerTable, name: string): Found | undefined {
  const wire = nameToWire(name);
  const spot = wire === undefined ? OUTSIDE : locateWire(names, wire);
  if (spot === OUTSIDE || meetingOf(spot) === BELOW) return undefined;
  const base = nodeOf(spot) * NODE_WORDS;
  return { owner: nameFromWire(names.octets, names.nodes[base + NODE_NAME]), target: names.nodes[base + NODE_TARGET]! };
}
