/** Which hostnames of a list some patterns stand for: a bit each, found once for a list and carried over to the next one. */
import type { Hostname } from '../desired/model.ts';
import { asName, type TextTest } from './glob.ts';

/** The names of a list of hostnames. `within`: they are some of another list, the ones at these places. */
export type NameList = {
  readonly names: readonly string[];
  readonly within?: { readonly list: NameList; readonly places: Uint32Array };
};

/** A bit for each place of a list, the lowest of the first word for the first one. */
export type NameBits = Uint32Array;

type Answer = { readonly list: NameList; readonly bits: NameBits };
type Answers = { readonly byList: WeakMap<NameList, NameBits>; last?: Answer };

/** Bits in a word. */
const WORD = 32;

const lists = new WeakMap<readonly Hostname[], NameList>();
const answers = new WeakMap<TextTest, Answers>();
/** Where names of a list were in the one before; -1: nowhere. */
const moves = new WeakMap<NameList, { readonly to: NameList; readonly places: Int32Array }>();

/** The names of these hostnames; `before`, where those are the same. */
export function nameListOf(hostnames: readonly Hostname[], before?: NameList): NameList {
  const known = lists.get(hostnames);
  if (known !== undefined) return known;
  const isSame =
    before?.names.length === hostnames.length && before.names.every((one, at) => one === nameAt(hostnames, at));
  const list = isSame ? before : { names: hostnames.map(({ name }) => asName(name)) };
  lists.set(hostnames, list);
  return list;
}

/** The hostnames whose bit is set. What is known of the names of all of them is known of theirs. */
export function hostnamesAt(hostnames: readonly Hostname[], bits: NameBits): readonly Hostname[] {
  const places = Uint32Array.from(hostnames.keys().filter((place) => hasBit(bits, place)));
  if (places.length === hostnames.length) return hostnames;
  const some = Array.from(places, (place) => hostnames[place]!);
  const within = { list: nameListOf(hostnames), places };
  lists.set(some, { names: some.map(({ name }) => asName(name)), within });
  return some;
}

/** Whether the bit of a place is set. */
export function hasBit(bits: NameBits, place: number): boolean {
  return ((bits[place >>> 5]! >>> (place & 31)) & 1) === 1;
}

/** A bit for each place where this holds. */
export function bitsWhere(length: number, isSet: (place: number) => boolean): NameBits {
  const bits = new Uint32Array(Math.ceil(length / WORD));
  for (let place = 0; place < length; place += 1) if (isSet(place)) bits[place >>> 5]! |= 1 << (place & 31);
  return bits;
}

/** Which names of a list stand a test. A name of the list that was asked about last is not asked about again. */
export function bitsOf(test: TextTest, list: NameList): NameBits {
  const known = answers.get(test) ?? { byList: new WeakMap<NameList, NameBits>() };
  answers.set(test, known);
  const before = known.byList.get(list);
  if (before !== undefined) return before;
  const bits = list.within === undefined ? asked(test, list, known.last) : picked(test, list.within);
  known.byList.set(list, bits);
  if (list.within === undefined) known.last = { list, bits };
  return bits;
}

function picked(test: TextTest, { list, places }: NonNullable<NameList['within']>): NameBits {
  const all = bitsOf(test, list);
  return bitsWhere(places.length, (place) => hasBit(all, places[place]!));
}

function asked(test: TextTest, list: NameList, last: Answer | undefined): NameBits {
  const { names } = list;
  if (last === undefined) return bitsWhere(names.length, (place) => test(names[place]!));
  const places = moved(last.list, list);
  return bitsWhere(names.length, (place) => {
    const old = places[place]!;
    return old < 0 ? test(names[place]!) : hasBit(last.bits, old);
  });
}

/** By one walk over both, for models are sorted by name. Where they are not, fewer names are found again, never wrong ones. */
function moved(from: NameList, to: NameList): Int32Array {
  const known = moves.get(from);
  if (known?.to === to) return known.places;
  let old = 0;
  const places = Int32Array.from(to.names, (name) => {
    while (old < from.names.length && from.names[old]! < name) old += 1;
    return from.names[old] === name ? old : -1;
  });
  moves.set(from, { to, places });
  return places;
}

function nameAt(hostnames: readonly Hostname[], place: number): string {
  return asName(hostnames[place]!.name);
}
