/** Things ordered by when they are due, the earliest on top: a binary heap. */
export type DueHeap<T> = {
  peek(): T | undefined;
  /** Adds in O(log n). */
  push(item: T): void;
  /** Takes the earliest in O(log n). */
  pop(): T | undefined;
};

/** Makes a heap. `due` of an item must not change while the item is in it. */
export function createDueHeap<T extends { readonly due: number }>(items: Iterable<T>): DueHeap<T> {
  const heap = [...items].toSorted((a, b) => a.due - b.due);

  return {
    peek: () => heap[0],
    push(item) {
      let at = heap.length;
      heap.push(item);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        const above = heap[parent];
        if (above === undefined || above.due <= item.due) break;
        heap[at] = above;
        at = parent;
      }
      heap[at] = item;
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) sink(heap, last);
      return top;
    },
  };
}

/** Puts an item on top and lets it down to its place. */
function sink<T extends { readonly due: number }>(heap: T[], item: T): void {
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const rightIsFirst = left !== undefined && right !== undefined && right.due < left.due;
    const child = rightIsFirst ? right : left;
    if (child === undefined || child.due >= item.due) break;
    heap[at] = child;
    at = 2 * at + (rightIsFirst ? 2 : 1);
  }
  heap[at] = item;
}
