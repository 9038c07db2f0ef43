import type { PrefixTree } from '../core/snapshot/place-trie.ts';

/** Depths of a tree over IPv6 addresses, the root's included. */
const DEPTHS = 129;

/**
 * One tree of several over the same addresses: a leaf is where all of them have one, and `placeOf` gives its place from
 * theirs, which it must not keep. A record is its depth: walk the tree depth first, as `buildTrie` does, and ask of a record
 * only while it is on the way. So a walk needs no memory but one path.
 */
export function productTree(trees: readonly PrefixTree[], placeOf: (places: Int32Array) => number): PrefixTree {
  const width = trees.length;
  const path = new Float64Array(DEPTHS * width);
  const places = new Int32Array(width);
  for (const [index, tree] of trees.entries()) path[index] = tree.root;
  return {
    root: 0,
    child(depth, bit) {
      for (let index = 0; index < width; index++) {
        const record = path[depth * width + index]!;
        const tree = trees[index]!;
        path[(depth + 1) * width + index] = tree.place(record) < 0 ? tree.child(record, bit) : record;
      }
      return depth + 1;
    },
    place(depth) {
      for (let index = 0; index < width; index++) {
        const place = trees[index]!.place(path[depth * width + index]!);
        if (place < 0) return -1;
        places[index] = place;
      }
      return placeOf(places);
    },
  };
}
