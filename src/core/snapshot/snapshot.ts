import type { Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import type { AnswerTable } from './answer-table.ts';
import type { PlaceTable } from './place-table.ts';

/** All that goes into an answer table: a pure function of this and nothing else. */
export type SnapshotInput = {
  readonly model: Model;
  /**
   * May be one map that lives through many snapshots: its owner writes what steering reads only right before it makes
   * the next one. So it is what the newest snapshot was made of, not what an older one was.
   */
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  readonly places: PlaceTable;
  /** SOA serial of all zones; raised by the director when the model changes (RFC 1982). */
  readonly serial: number;
  /** Ms since the epoch: decides which timed drains hold. */
  readonly now: number;
};

/** What Azimuth says now, and what it was made of. Frozen; replaced whole. */
export type Snapshot = SnapshotInput & {
  readonly table: AnswerTable;
  /** Counts up with each new snapshot of a process. */
  readonly version: number;
  /** When timed drains change the answers or their TTLs next, in ms since the epoch; Infinity for never. */
  readonly changesAt: number;
};
