/** What passes between the main thread and a worker of the native engine. */
import type { MessagePort } from 'node:worker_threads';
import { type Place, UNKNOWN_PLACE } from '../../core/desired/area.ts';
import type { AnswerTable, Words } from '../../core/snapshot/answer-table.ts';
import type { CountsBlock } from '../counts-block.ts';
import type { SocketErrors } from './socket-errors.ts';

/** What a worker needs of the places: where an address lies, and how many there are. What they are decided the classes. */
type PostedPlaces = { readonly v4: Words; readonly v6: Words; readonly count: number };

/** An answer table on its way into a worker: shared memory by reference, and nothing else. */
export type PostedTable = Omit<AnswerTable, 'places'> & { readonly places: PostedPlaces };

/** The parts of a table that changed. */
export type TableNews = Partial<PostedTable>;

/** What the responder of a worker is made with; as `ResponderOptions`. */
export type WorkerSettings = {
  readonly udpSize: number;
  readonly identity: string;
  readonly cookieSecret: Uint8Array;
  readonly tcpIdleMs: number;
};

/** All that a worker is started with. */
export type WorkerOrders = {
  /** A bound socket. The main thread opened it and will close it, so that it outlives a worker that dies. */
  readonly fd: number;
  readonly family: 4 | 6;
  readonly packetInfo: boolean;
  readonly settings: WorkerSettings;
  /** Where this worker's even spread of weighted answers starts: 32 bits. */
  readonly diceStart: number;
  readonly table: PostedTable;
  /** `TableNews` come here. */
  readonly news: MessagePort;
  /** One word, shared by all: raised whenever news were posted, `STOP` at the end. */
  readonly generation: Int32Array<SharedArrayBuffer>;
  readonly counts: CountsBlock;
  /** Zones that `counts` has room for. */
  readonly zones: number;
  /** Counts which calls failed, and how. */
  readonly errors: SocketErrors;
};

/** What a worker says. `ready`: it is about to answer. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'trouble'; readonly call: string; readonly error: string };

/** The generation that ends all workers; it is never reached by counting. */
export const STOP = -1;

/** The generation after `generation`. */
export function nextGeneration(generation: number): number {
  return (generation + 1) & 0x7fffffff;
}

/** A table made ready to be posted. */
export function postable({ places, ...parts }: AnswerTable): PostedTable {
  const { v4, v6 } = places;
  return { ...parts, places: { v4, v6, count: places.places.length } };
}

/** What of `now` is not in `before`; undefined where all of it is. */
export function newsBetween(before: AnswerTable, now: AnswerTable): TableNews | undefined {
  const { serial, names, targets, classes, decisions, places } = postable(now);
  const news = {
    ...(before.serial === now.serial ? {} : { serial }),
    ...(before.names === now.names ? {} : { names }),
    ...(before.targets === now.targets ? {} : { targets }),
    ...(before.classes === now.classes ? {} : { classes }),
    ...(before.decisions === now.decisions ? {} : { decisions }),
    ...(before.places === now.places ? {} : { places }),
  };
  return Object.keys(news).length === 0 ? undefined : news;
}

/** The table that a worker answers from. `last` is the one before, whose parts stand where nothing new came. */
export function tableOf({ places, ...parts }: PostedTable): AnswerTable {
  return { ...parts, places: placesOf(places) };
}

/** The same with what changed. */
export function renewed(table: AnswerTable, { places, ...parts }: TableNews): AnswerTable {
  return { ...table, ...parts, places: places === undefined ? table.places : placesOf(places) };
}

/** The lookup asks only how many places there are: the list has the right length. */
function placesOf({ v4, v6, count }: PostedPlaces): AnswerTable['places'] {
  return { v4, v6, places: Array<Place>(count).fill(UNKNOWN_PLACE), source: '', builtAt: 0 };
}
