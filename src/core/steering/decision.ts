import type { Place } from '../desired/area.ts';
import type { Endpoint, Policy } from '../desired/model.ts';
import type { MonitorState } from '../health/monitor-health.ts';

/**
 * What is known of an endpoint when steering asks. `unchecked`: no monitor by order of its owner, taken as up. `degraded`:
 * up, while nobody better is there. `held`: good again, and not to be answered yet, as if it was down. `unseen`: not probed
 * yet; used only where nobody is up.
 */
export type EndpointState = MonitorState | 'unchecked';

/** Whether it is taken as up. */
export function isUp(state: EndpointState): boolean {
  return state === 'up' || state === 'degraded' || state === 'unchecked';
}

/** Who drained an endpoint, if anybody. */
export type DrainState = 'none' | 'annotation' | 'override';

/** An endpoint with what is believed of it. */
export type Candidate = {
  readonly endpoint: Endpoint;
  readonly state: EndpointState;
  readonly drain: DrainState;
  /** When its state began, in ms since the epoch: tells who went down last. */
  readonly since: number;
  /** How many of its clients it takes, 1 to `ALL_BUCKETS`: less while it starts slowly or its cluster is over capacity. */
  readonly admits: number;
  /** Seconds until its state may change at the earliest; Infinity where no change is under way. */
  readonly secondsToChange: number;
  /** The level, 0–7, of how long it has stood still; 0 as well where nobody asks for it. */
  readonly stillness: number;
};

/** One step of the chain, by name, in the order of the presets; `map` is a fence and a preference. */
export type FilterName =
  | 'residency'
  | 'serves'
  | 'map'
  | 'health'
  | 'drain'
  | 'last-resort'
  | 'rollout'
  | 'pin'
  | 'tier'
  | 'standby'
  | 'degraded'
  | 'nearest'
  | 'weight'
  | 'equal'
  | 'overflow'
  | 'sticky'
  | 'answers';

/** Why one filter kept or dropped one candidate. `candidate` is its index in the input. */
export type TraceStep = {
  readonly filter: FilterName;
  readonly candidate: number;
  readonly verdict: 'kept' | 'dropped';
  readonly reason: string;
};

/** Collects why; leave it out where nobody asks. */
export type Trace = (step: TraceStep) => void;

/**
 * How an answer came about; the answer table has the index. `last-resort`: nobody was eligible and the policy's last resort
 * speaks. `residency`: nobody is named because of the fences: they keep the client from all endpoints, or from those that
 * would be eligible. `nobody`: nobody is named, and without the fences nobody would be eligible, either.
 */
export const DECISION_REASONS = ['steered', 'last-resort', 'residency', 'nobody'] as const;

/** One of them. */
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** What is not the ordinary case. */
export type ExceptionalReason = Exclude<DecisionReason, 'steered'>;

/** One cluster that may start the answer. `candidates` are indexes in the input, in order of preference. */
export type Choice = {
  readonly cluster: string;
  /** Share of the answers that start here; 0 follows others but never starts. */
  readonly weight: number;
  readonly candidates: readonly number[];
};

/** The clients whom a rollout sends to its group `to`, while others go to `from`: a decision of their own. */
export type Aside = {
  /** Of the clients, 1 to 99. */
  readonly percent: number;
  /** What says who they are: the dice of a question, or the client's subnet. */
  readonly by: 'dice' | 'subnet';
  readonly choices: readonly Choice[];
  readonly buckets: readonly number[];
};

/**
 * What is left of the candidates for clients of one place. An answer starts at a choice drawn by weight and takes the
 * following choices in a ring until one address family has `answers` addresses; so A and AAAA name the same clusters.
 * Where distances order the choices the ring is of those that may start, which come first; the others follow behind.
 * No choices: NODATA. `addresses` replace them where the last resort is a list of addresses.
 */
export type Decision = {
  readonly reason: DecisionReason;
  readonly ttl: number;
  readonly answers: number;
  readonly choices: readonly Choice[];
  /**
   * Bucket of client subnets → index of the choice that starts there; empty where the weights are drawn by chance, or where
   * distances order the choices: there a sticky subnet is kept by its lot (`keeperOf`).
   */
  readonly buckets: readonly number[];
  /** Absent: the choices are for all clients. */
  readonly aside?: Aside;
  readonly addresses: readonly string[];
};

/** What steering reads. A pure function of this: same input, same decision. */
export type SteerInput = {
  readonly policy: Policy;
  readonly candidates: readonly Candidate[];
  readonly client: Place;
};
