/** Things in an order in which members come first, or names that are members of each other in a circle. */
export type MemberOrder<T> =
  | { readonly kind: 'ordered'; readonly items: readonly T[] }
  | { readonly kind: 'circle'; readonly names: readonly string[] };

/** Orders things by name so that members come first, else as they are given. Members that are not there are passed over. */
export function inMemberOrder<T>(
  things: ReadonlyMap<string, T>,
  membersOf: (thing: T) => readonly string[],
): MemberOrder<T> {
  const items: T[] = [];
  const done = new Set<string>();
  // Depth first without recursion: a chain may be as long as the list.
  for (const start of things.keys()) {
    const way: { readonly name: string; readonly rest: string[] }[] = [];
    const enter = (name: string): void => {
      const thing = things.get(name);
      if (thing !== undefined && !done.has(name)) way.push({ name, rest: [...membersOf(thing)] });
    };
    enter(start);
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const next = last.rest.shift();
      if (next !== undefined) {
        const met = way.findIndex(({ name }) => name === next);
        if (met >= 0) return { kind: 'circle', names: way.slice(met).map(({ name }) => name) };
        enter(next);
        continue;
      }
      way.pop();
      done.add(last.name);
      const thing = things.get(last.name);
      if (thing !== undefined) items.push(thing);
    }
  }
  return { kind: 'ordered', items };
}
