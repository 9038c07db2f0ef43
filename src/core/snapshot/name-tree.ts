/**
 * All names that exist in the zones, and their RRsets: what RFC 1034 §4.3.2 calls the tree, as a map from names. Names at
 * and below a zone cut are left out (somebody else has the say there) but for their addresses, which are glue.
 */
import { parentOf } from '../desired/domain-name.ts';
import type { Hostname, Model } from '../desired/model.ts';
import { NONE } from './layout.ts';
import { RR_TYPE } from './rr-type.ts';
import { type RrSets, type StaticOwners, staticOwners } from './static-sets.ts';
import { type ZoneMap, zoneMap } from './zone-map.ts';

/** One existing name. Without sets and hostname it is an empty non-terminal. */
export type NameNode = {
  readonly name: string;
  /** Index in `model.zones`. */
  readonly zone: number;
  readonly kind: 'apex' | 'cut' | 'plain';
  readonly sets: RrSets;
  /** Index in `model.hostnames` of what is steered here, or NONE. */
  readonly hostname: number;
};

/** The names, and per zone the delegation over its apex where the parent zone has one above it. */
export type NameTree = {
  readonly nodes: ReadonlyMap<string, NameNode>;
  /** Addresses at or below zone cuts. */
  readonly glue: ReadonlyMap<string, RrSets>;
  readonly zones: ZoneMap;
  readonly cutOver: readonly (string | undefined)[];
};

const EMPTY: RrSets = new Map();
const ADDRESS_TYPES: readonly number[] = [RR_TYPE.A, RR_TYPE.AAAA];
const CUT_TYPES: readonly number[] = [RR_TYPE.NS, RR_TYPE.DS];

/** Builds the tree of all zones of the model. */
export function nameTree(model: Model): NameTree {
  const zones = zoneMap(model.zones.map((zone) => zone.apex));
  const owners = staticOwners(model.zones, zones);
  const nodes = new Map<string, NameNode>();
  const glue = new Map<string, RrSets>();
  for (const [zone, { apex }] of model.zones.entries()) {
    if (zones.zoneOf(apex) !== zone) continue;
    addNode(nodes, {
      name: apex,
      zone,
      kind: 'apex',
      sets: without(owners.get(apex), [RR_TYPE.CNAME]),
      hostname: NONE,
    });
  }
  const cutOver = model.zones.map(({ apex }, zone) => zones.cutAbove(apex, zones.parents[zone] ?? NONE, owners));
  for (const [name, sets] of owners) addOwner(nodes, glue, name, sets, zones, owners);
  for (const [index, hostname] of model.hostnames.entries()) addHostname(nodes, hostname, index, zones, owners);
  addEmptyNonTerminals(nodes, zones, cutOver);
  return { nodes, glue, zones, cutOver };
}

function addNode(nodes: Map<string, NameNode>, node: NameNode): void {
  nodes.set(node.name, Object.freeze(node));
}

function addOwner(
  nodes: Map<string, NameNode>,
  glue: Map<string, RrSets>,
  name: string,
  sets: RrSets,
  zones: ZoneMap,
  owners: StaticOwners,
): void {
  const zone = zones.zoneOf(name);
  if (nodes.has(name) || zone === NONE) return;
  if (zones.cutAbove(name, zone, owners) !== undefined) {
    glue.set(name, only(sets, ADDRESS_TYPES));
  } else if (sets.has(RR_TYPE.NS)) {
    glue.set(name, only(sets, ADDRESS_TYPES));
    addNode(nodes, { name, zone, kind: 'cut', sets: only(sets, CUT_TYPES), hostname: NONE });
  } else {
    // Beside a CNAME nothing else may stand (RFC 1034 §3.6.2).
    const kept = sets.has(RR_TYPE.CNAME) ? only(sets, [RR_TYPE.CNAME]) : sets;
    addNode(nodes, { name, zone, kind: 'plain', sets: kept, hostname: NONE });
  }
}

/** Static addresses and aliases of the same owner win over steering: they are written by hand. */
function addHostname(
  nodes: Map<string, NameNode>,
  { name }: Hostname,
  index: number,
  zones: ZoneMap,
  owners: StaticOwners,
): void {
  const zone = zones.zoneOf(name);
  if (zone === NONE || zones.cutAbove(name, zone, owners) !== undefined) return;
  const node = nodes.get(name) ?? { name, zone, kind: 'plain', sets: EMPTY, hostname: NONE };
  const excluded = [RR_TYPE.CNAME, ...ADDRESS_TYPES].some((type) => node.sets.has(type));
  if (node.kind !== 'cut' && !excluded) addNode(nodes, { ...node, hostname: index });
}

/** Names above existing names exist too, up to the apex; those above a child zone belong to its parent (RFC 8020 §2). */
function addEmptyNonTerminals(
  nodes: Map<string, NameNode>,
  zones: ZoneMap,
  cutOver: readonly (string | undefined)[],
): void {
  for (const { name, zone, kind } of nodes.values()) {
    const parent = kind === 'apex' ? (zones.parents[zone] ?? NONE) : zone;
    if (parent === NONE || (kind === 'apex' && cutOver[zone] !== undefined)) continue;
    for (let above = parentOf(name); !nodes.has(above); above = parentOf(above)) {
      addNode(nodes, { name: above, zone: parent, kind: 'plain', sets: EMPTY, hostname: NONE });
    }
  }
}

function only(sets: RrSets, types: readonly number[]): RrSets {
  return new Map([...sets].filter(([type]) => types.includes(type)));
}

function without(sets: RrSets | undefined, types: readonly number[]): RrSets {
  return new Map([...(sets ?? EMPTY)].filter(([type]) => !types.includes(type)));
}
