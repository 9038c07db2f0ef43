import type { Remark } from '../remarks.ts';
import { type Camp, campsOf, campsText, clustersText, type Saying } from './odd-ones.ts';
import type { Comparable } from './sibling-index.ts';

/** An object of a cluster, beside its siblings in others. */
export type Member<T extends Comparable = Comparable> = {
  readonly rank: number;
  readonly cluster: string;
  readonly object: T;
};

/** Something that some siblings have and some lack; both lists are ordered by cluster and not empty. */
export type Presence<M> = { readonly what: string; readonly has: readonly M[]; readonly lacks: readonly M[] };

/**
 * What only some of the members have, ordered by name. Where each member has something that no other has, such things are
 * meant to be different, like names of one cluster: they are left out.
 */
export function presencesOf<M extends Member>(
  members: readonly M[],
  namesOf: (member: M) => readonly string[],
): readonly Presence<M>[] {
  const holders = new Map<string, M[]>();
  for (const member of members) {
    for (const name of new Set(namesOf(member))) {
      const known = holders.get(name);
      if (known === undefined) holders.set(name, [member]);
      else known.push(member);
    }
  }
  const partly = [...holders].filter(([, has]) => has.length < members.length);
  const loners = new Set(partly.filter(([, has]) => has.length === 1).map(([, has]) => has[0]));
  const isByDesign = loners.size === members.length;
  return partly
    .filter(([, has]) => has.length > 1 || !isByDesign)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, has]) => ({ what, has, lacks: members.filter((member) => !has.includes(member)) }));
}

/** What is to be said of a presence: the odd ones are named first, and the finding points at the first of them. */
export function presenceSaid<M extends Member>({
  has,
  lacks,
}: Presence<M>): { readonly at: M; readonly message: string } {
  const [first, other] = [lacks[0], has[0]];
  if (first === undefined || other === undefined) throw new TypeError('a presence has two sides');
  if (has.length < lacks.length) {
    return { at: other, message: `only in ${clustersText(has)}; missing in ${clustersText(lacks)}` };
  }
  return { at: first, message: `missing in ${clustersText(lacks)}; there in ${clustersText(has)}` };
}

/** What is to be said of members that say different things of one subject; undefined where they do not. */
export function sayingsRemark<M>(
  code: Remark['code'],
  subject: string,
  sayings: readonly Saying<M>[],
  originOf: (member: M) => Remark['origin'],
): Remark | undefined {
  const found = campsOf(sayings);
  const odd = found?.camps[0]?.sayings[0];
  if (found === undefined || odd === undefined) return undefined;
  const oddOnes = found.camps.slice(0, -1).flatMap(({ sayings: own }: Camp<M>) => own);
  const suggestion =
    found.outcome === 'majority' ? `see ${clustersText(oddOnes)}: most agree` : 'make it the same everywhere';
  return { code, origin: originOf(odd.by), message: `${subject}: ${campsText(found.camps)}`, suggestion };
}
