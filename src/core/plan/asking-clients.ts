import type { ClientGroup } from './clients.ts';
import type { QueryMix } from './query-mix.ts';

/**
 * The same groups, each with its share of the questions in the place of its share of the addresses. `mix` is of the places
 * before. Where the places are others after, what was asked from one place is divided by addresses; so is what was asked
 * from places that are not counted each. Groups that nobody asked from are kept, with a share of 0.
 */
export function askingClients(groups: readonly ClientGroup[], mix: QueryMix): readonly ClientGroup[] {
  const sources = new Map<number, { asked: number; addresses: number; groups: number }>();
  for (const { before, share } of groups) {
    const source = sources.get(sourceOf(before, mix)) ?? { asked: askedFrom(before, mix), addresses: 0, groups: 0 };
    source.addresses += share;
    source.groups += 1;
    sources.set(sourceOf(before, mix), source);
  }
  const all = [...sources.values()].reduce((sum, { asked }) => sum + asked, 0);
  // Asked from places without any group: the addresses are all that is known.
  if (all === 0) return groups;
  return groups.map((group) => {
    const { asked, addresses, groups: count } = sources.get(sourceOf(group.before, mix))!;
    const part = addresses > 0 ? group.share / addresses : 1 / count;
    return { ...group, share: (asked / all) * part };
  });
}

/** Places that are not counted each are one source. */
function sourceOf(place: number, { counted }: QueryMix): number {
  return Math.min(place, counted);
}

function askedFrom(place: number, { places, others, counted }: QueryMix): number {
  return place < counted ? (places.get(place) ?? 0) : others;
}
