/** Lays the tree of names down as the flat NAMES part of the answer table (see `layout.ts`). */
import { isWithin, nameToWire, parentOf } from '../desired/domain-name.ts';
import type { Model } from '../desired/model.ts';
import { type NamesPart, sharedOctets, sharedWords } from './answer-table.ts';
import { createGrowingOctets, type GrowingOctets } from './growing-octets.ts';
import {
  FLAG_APEX,
  FLAG_CUT,
  LINK_WORDS,
  NODE_LENGTH,
  NODE_NAME,
  NODE_WORDS,
  NONE,
  RECORD_HEAD,
  SET_ALIAS,
  SET_LINK_COUNT,
  SET_LINKS,
  SET_WORDS,
  SLOT_WORDS,
} from './layout.ts';
import { firstSlot, hashName, labelsOf, locateWire, type NameIndex, OUTSIDE } from './locate.ts';
import { type NameNode, type NameTree, nameTree } from './name-tree.ts';
import { encodeRecord } from './rdata.ts';
import { RR_TYPE } from './rr-type.ts';
import type { RrSet, RrSets } from './static-sets.ts';

/** What is laid down so far. */
type Draft = {
  readonly tree: NameTree;
  readonly octets: GrowingOctets;
  readonly nodes: number[];
  /** Most labels of a name so far. */
  deepest: number;
  readonly sets: number[];
  readonly links: number[];
  readonly ids: ReadonlyMap<string, number>;
  /** Name → the node of the wildcard one label below. */
  readonly wildcards: ReadonlyMap<string, number>;
  /** Sets whose rdata name other names, to be linked when all sets have their index. */
  readonly named: { readonly set: number; readonly of: RrSet; readonly cut: string | undefined }[];
  /** Index in `sets` of each set laid down. */
  readonly indexOf: Map<RrSet, number>;
};

/** The NAMES part of a model. The serial is left out of the SOAs. */
export function namesPart(model: Model): NamesPart {
  const tree = nameTree(model);
  const ids = new Map<string, number>();
  for (const name of tree.nodes.keys()) ids.set(name, ids.size);
  const octets = createGrowingOctets();
  const wildcards = wildcardsOf(tree, ids);
  const draft: Draft = {
    tree,
    octets,
    nodes: [],
    deepest: 0,
    sets: [],
    links: [],
    ids,
    wildcards,
    named: [],
    indexOf: new Map(),
  };
  for (const node of tree.nodes.values()) addNode(draft, node);
  for (const sets of tree.glue.values()) for (const set of sets.values()) addStaticSet(draft, set, undefined);
  for (const { set, of, cut } of draft.named) addLinks(draft, set, of, cut);
  const zones = zoneWords(draft, model);
  const slots = slotWords(draft);
  const all = sharedOctets(octets.written());
  const index = {
    slots: sharedWords(slots),
    nodes: sharedWords(draft.nodes),
    octets: all,
    words: new Int32Array(all.buffer),
    deepest: draft.deepest,
  };
  for (const { set, of } of draft.named) aimAlias(draft, index, set, of);
  return Object.freeze({
    ...index,
    sets: sharedWords(draft.sets),
    links: sharedWords(draft.links),
    zones: sharedWords(zones),
  });
}

function addNode(draft: Draft, node: NameNode): void {
  const wire = wireOf(node.name);
  draft.deepest = Math.max(draft.deepest, labelsOf(wire));
  const name = draft.octets.appendWords(wire);
  const first = draft.sets.length / SET_WORDS;
  for (const set of node.sets.values()) addStaticSet(draft, set, node.kind === 'cut' ? node.name : undefined);
  const count = draft.sets.length / SET_WORDS - first;
  const flags = node.kind === 'cut' ? FLAG_CUT : node.kind === 'apex' ? FLAG_APEX : 0;
  draft.nodes.push(
    name,
    wire.length,
    node.zone,
    flags,
    draft.wildcards.get(node.name) ?? NONE,
    first,
    count,
    node.hostname,
  );
}

/** A wildcard that is the apex of another zone is no source of synthesis for the names around it. */
function wildcardsOf({ nodes }: NameTree, ids: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const wildcards = new Map<string, number>();
  for (const { name, zone } of nodes.values()) {
    if (name !== '*' && !name.startsWith('*.')) continue;
    const above = parentOf(name);
    if (nodes.get(above)?.zone === zone) wildcards.set(above, ids.get(name) ?? NONE);
  }
  return wildcards;
}

function addStaticSet(draft: Draft, set: RrSet, cut: string | undefined): void {
  const index = draft.sets.length / SET_WORDS;
  const at = draft.octets.length();
  for (const rdata of set.rdata) draft.octets.append(encodeRecord(set.type, set.ttl, rdata.octets));
  const size = draft.octets.length() - at;
  draft.sets.push(set.type, OUTSIDE, at, size, set.rdata.length, 0, 0, 0);
  draft.indexOf.set(set, index);
  if (set.rdata.some((rdata) => rdata.target !== undefined)) draft.named.push({ set: index, of: set, cut });
}

/** What a client asks next: the addresses of the names in the set. Only a zone cut hands out glue. */
function addLinks(draft: Draft, index: number, set: RrSet, cut: string | undefined): void {
  if (set.type === RR_TYPE.CNAME) return;
  const first = draft.links.length / LINK_WORDS;
  const seen = new Set<string>();
  let at = 0;
  for (const [record, { octets, target }] of set.rdata.entries()) {
    if (target !== undefined && !seen.has(target.name)) {
      seen.add(target.name);
      const offset = at + RECORD_HEAD + target.at;
      const needed = cut !== undefined && isWithin(target.name, cut) ? 1 : 0;
      for (const added of addressesOf(draft, target.name, cut !== undefined)) {
        draft.links.push(record, offset, added, needed);
      }
    }
    at += RECORD_HEAD + octets.length;
  }
  draft.sets[index * SET_WORDS + SET_LINKS] = first;
  draft.sets[index * SET_WORDS + SET_LINK_COUNT] = draft.links.length / LINK_WORDS - first;
}

function addressesOf({ tree, indexOf }: Draft, name: string, withGlue: boolean): number[] {
  const own: RrSets | undefined = tree.nodes.get(name)?.sets;
  const glue = withGlue ? tree.glue.get(name) : undefined;
  return [RR_TYPE.A, RR_TYPE.AAAA].flatMap((type) => {
    const set = own?.get(type) ?? glue?.get(type);
    const index = set === undefined ? undefined : indexOf.get(set);
    return index === undefined ? [] : [index];
  });
}

/** An alias knows where it leads before anybody asks. */
function aimAlias(draft: Draft, index: NameIndex, set: number, of: RrSet): void {
  const target = of.rdata[0];
  if (of.type !== RR_TYPE.CNAME || target === undefined) return;
  draft.sets[set * SET_WORDS + SET_ALIAS] = locateWire(index, target.octets);
}

/** The SOA of negative answers has the lower of its TTL and its minimum as TTL (RFC 2308 §5, RFC 9077 §3). */
function zoneWords(draft: Draft, model: Model): number[] {
  return model.zones.flatMap(({ apex, soa }, zone) => {
    const rdata = draft.tree.nodes.get(apex)?.sets.get(RR_TYPE.SOA)?.rdata[0];
    const record = encodeRecord(RR_TYPE.SOA, Math.min(soa.ttl, soa.minimum), rdata?.octets ?? new Uint8Array(0));
    const at = draft.octets.append(record);
    const cut = draft.tree.cutOver[zone];
    const cutNode = cut === undefined ? NONE : (draft.ids.get(cut) ?? NONE);
    return [at, record.length, wireOf(apex).length, draft.tree.zones.parents[zone] ?? NONE, cutNode, 0];
  });
}

function slotWords({ nodes, octets }: Draft): Int32Array {
  const count = nodes.length / NODE_WORDS;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)));
  const slots = new Int32Array(size * SLOT_WORDS);
  const all = octets.written();
  for (let node = 0; node < count; node++) {
    const at = nodes[node * NODE_WORDS + NODE_NAME] ?? 0;
    const wire = all.subarray(at, at + (nodes[node * NODE_WORDS + NODE_LENGTH] ?? 0));
    const hash = hashName(wire);
    let slot = firstSlot(hash, size - 1);
    while (slots[slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & (size - 1);
    slots[slot * SLOT_WORDS] = hash;
    slots[slot * SLOT_WORDS + 1] = node + 1;
  }
  return slots;
}

/** Names in a model are valid; one that is not would stand for the root and be found by nobody else. */
function wireOf(name: string): Uint8Array {
  return nameToWire(name) ?? Uint8Array.of(0);
}
