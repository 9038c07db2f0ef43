import { collector } from './collector.ts';
import type { TableNews } from './orders.ts';

/** Shared memory that was replaced and may wait for an idle moment before it is given back, in octets. */
const MAX_RETIRED_OCTETS = 64 * 1024 * 1024;

/** Gives replaced tables back. */
export type Reclaim = {
  /** Parts as large as these were replaced. */
  readonly retired: (news: TableNews) => void;
  /** Nothing is to be done at this moment. */
  readonly idle: () => void;
};

/**
 * A worker that allocates nothing never collects garbage of its own accord, and V8 does not count shared memory as a
 * reason to: without this, each replaced table would stay for ever.
 */
export function createReclaim(): Reclaim {
  const collect = collector();
  let waiting = 0;
  const now = (): void => {
    waiting = 0;
    collect();
  };
  return {
    retired(news) {
      waiting += octetsOf(news);
      if (waiting > MAX_RETIRED_OCTETS) now();
    },
    idle() {
      if (waiting > 0) now();
    },
  };
}

/** Octets of the new parts; those that they replace are about as large. */
function octetsOf(news: TableNews): number {
  const arrays = Object.values(news).flatMap((part) => Object.values(part));
  return arrays.reduce<number>((sum, each) => sum + (ArrayBuffer.isView(each) ? each.byteLength : 0), 0);
}
