import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../../core/desired/finding.ts';
import { asText, at } from '../../core/desired/gateway-api/untrusted.ts';
import type { SeenStatus } from '../../core/ports.ts';
import { createNames, type Names } from './names.ts';
import { type Item, NO_FINDINGS } from './translate.ts';

/** How many objects of one cluster may still be kept, over all its shelves. */
export type Room = { left: number };

/** What is known of one kind in one scope, translated; the raw objects are not kept. */
export type Shelf = {
  /** Whether anything that matters to us changed. */
  put(value: unknown): boolean;
  remove(value: unknown): boolean;
  /** Begins to gather a whole list, which replaces all when it is `done`. Objects that are alike stay the same. */
  gather(): { add(value: unknown): void; done(): boolean };
  items(): Iterable<Item['kept']>;
  findings(): Iterable<Finding>;
  /** What directors wrote on an object; changes of it do not matter to us. */
  seenStatus(namespace: string, name: string): SeenStatus;
  /** Objects on which directors wrote. */
  statuses(): Iterable<Noted>;
  size(): number;
  /** `full`: objects were left out since the last list. */
  state(): 'open' | 'full';
};

/** What directors wrote on an object. */
type Noted = { readonly namespace: string; readonly name: string; readonly status: string };

type Content = {
  readonly kept: Names<Item['kept']>;
  readonly findings: Names<readonly Finding[]>;
  readonly statuses: Names<Noted>;
};

const emptyContent = (): Content => ({ kept: createNames(), findings: createNames(), statuses: createNames() });

/** An empty shelf. `translate` makes an item of a raw object. */
export function createShelf(translate: (value: unknown) => Item, room: Room): Shelf {
  let content = emptyContent();
  let state: 'open' | 'full' = 'open';

  /** Puts a raw object into `to`; whether that is something new as seen from `content`. */
  function place(to: Content, value: unknown): boolean {
    const [namespace, name] = keyOf(value);
    if (name === undefined) return false;
    const { kept, findings, status } = translate(value);
    const last = content.kept.get(namespace, name);
    const isAlike = last !== undefined && isDeepStrictEqual(last, kept);
    to.kept.set(namespace, name, isAlike ? last : kept);
    const lastFindings = content.findings.get(namespace, name) ?? NO_FINDINGS;
    const sameFindings = isDeepStrictEqual(lastFindings, findings);
    if (findings.length > 0) to.findings.set(namespace, name, sameFindings ? lastFindings : findings);
    else to.findings.delete(namespace, name);
    if (status !== undefined) to.statuses.set(namespace, name, { namespace, name, status });
    else to.statuses.delete(namespace, name);
    return !isAlike || !sameFindings;
  }

  /** Whether an object may come in, given how many more may. */
  function admits(to: Content, value: unknown, left: number): boolean {
    const [namespace, name = ''] = keyOf(value);
    if (left > 0 || to.kept.get(namespace, name) !== undefined) return true;
    state = 'full';
    return false;
  }

  return {
    put(value) {
      const before = content.kept.size();
      const changed = admits(content, value, room.left) && place(content, value);
      room.left += before - content.kept.size();
      return changed;
    },
    remove(value) {
      const [namespace, name = ''] = keyOf(value);
      content.findings.delete(namespace, name);
      content.statuses.delete(namespace, name);
      if (!content.kept.delete(namespace, name)) return false;
      room.left += 1;
      return true;
    },
    gather() {
      const next = emptyContent();
      const wasFull = state === 'full';
      let changed = false;
      state = 'open';
      return {
        add(value) {
          const left = room.left + content.kept.size() - next.kept.size();
          if (admits(next, value, left) && place(next, value)) changed = true;
        },
        done() {
          const before = content.kept.size();
          // As many as before and none of them new: then none is gone.
          changed ||= before !== next.kept.size() || wasFull !== (state === 'full');
          room.left += before - next.kept.size();
          content = next;
          return changed;
        },
      };
    },
    items: () => content.kept.values(),
    *findings() {
      for (const found of content.findings.values()) yield* found;
    },
    seenStatus(namespace, name) {
      if (content.kept.get(namespace, name) === undefined) return { state: 'unseen' };
      return { state: 'seen', status: content.statuses.get(namespace, name)?.status };
    },
    statuses: () => content.statuses.values(),
    size: () => content.kept.size(),
    state: () => state,
  };
}

function keyOf(value: unknown): readonly [namespace: string, name: string | undefined] {
  return [asText(at(value, 'metadata', 'namespace')) ?? '', asText(at(value, 'metadata', 'name'))];
}
