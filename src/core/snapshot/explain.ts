/** Why one client gets one answer: the same lookup on the same table as the DNS, and the steering chain beside it. */
import { parseAddress } from '../desired/address.ts';
import { distanceKm, type Place, UNKNOWN_PLACE } from '../desired/area.ts';
import { nameToWire } from '../desired/domain-name.ts';
import type { Hostname } from '../desired/model.ts';
import { chainText } from '../desired/steering-chain.ts';
import { causeOf } from '../health/calculated-cause.ts';
import { UNSEEN } from '../health/judge.ts';
import type { StateReason } from '../health/monitor-health.ts';
import { shedding } from '../health/shedding.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import { measuredState } from '../steering/candidate.ts';
import type {
  Candidate,
  Decision,
  DecisionReason,
  DrainState,
  EndpointState,
  TraceStep,
} from '../steering/decision.ts';
import { steer } from '../steering/steer.ts';
import { candidatesOf } from './candidates.ts';
import { findTarget } from './find-target.ts';
import { type Kept, keptBy } from './kept.ts';
import { NONE, QUESTION_AT } from './layout.ts';
import { type Answer, createAnswer, createQuestion, lookup, type Outcome, setName } from './lookup.ts';
import { createMessageBuffer } from './message-buffer.ts';
import { orderOf } from './order.ts';
import { type AnsweredRecord, readRecords } from './record-text.ts';
import { RR_TYPE, typeName } from './rr-type.ts';
import { readSaid, said } from './said.ts';
import type { Snapshot } from './snapshot.ts';
import { NO_SUBNET, type Subnet } from './subnet.ts';

export { shares } from './shares.ts';

/** One question of one client. */
export type Ask = {
  /** Text form; a name that is none is outside all zones. */
  readonly name: string;
  readonly type: number;
  /** Index in the place table, and the length of the prefix that it holds for. */
  readonly place: number;
  readonly prefix: number;
  /** The client's subnet; left out for no client at all. */
  readonly subnet?: Subnet;
  /** 32 bits, unsigned. */
  readonly dice: number;
};

/** One endpoint of the hostname, and what became of it. */
type ExplainedCandidate = {
  readonly cluster: string;
  readonly gateway: string;
  readonly address: string;
  readonly monitor: string;
  /** What steering goes by. */
  readonly state: EndpointState;
  /** What is measured, whatever was ordered. */
  readonly measured: EndpointState;
  /** The orders that are about it by name, the newest first; not all of them need be in force. */
  readonly orders: readonly string[];
  /** What the objects say, where the weight is that of an order. */
  readonly writtenWeight: number | undefined;
  /** The fraction (0–1) of its clients that it keeps by order; undefined: all. */
  readonly orderAdmits: number | undefined;
  /** Why it is held or degraded, or still up. */
  readonly stateReason: StateReason | undefined;
  /** `stale`: the state is what was believed several intervals ago; no result came since. */
  readonly freshness: 'fresh' | 'stale';
  /** `idle`: it is probed less often, as nobody asks. */
  readonly pace: 'own' | 'idle';
  readonly drain: DrainState;
  /** How many of its clients it sheds because its cluster is over capacity, and why; undefined where it sheds none. */
  readonly sheds: string | undefined;
  /** Why it is not ready, where a required condition is not met. */
  readonly unready: string | undefined;
  readonly weight: number;
  readonly tier: number;
  /** From the client's place, without bias; undefined where that is unknown. */
  readonly distanceKm: number | undefined;
  readonly steps: readonly Omit<TraceStep, 'candidate'>[];
  /** `eligible`: another roll of the dice, another subnet where that decides, or the other address family, would answer it. */
  readonly chosen: 'answered' | 'eligible' | 'dropped';
};

/** The existing name that spoke; `static`: nothing is steered there. */
type Matched = { readonly kind: 'hostname' | 'wildcard' | 'static'; readonly owner: string };

/** Everything about one answer. */
export type Explanation = {
  readonly name: string;
  readonly type: string;
  readonly zone: string | undefined;
  readonly outcome: Outcome;
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  /** Who spoke for the name, or for the last one of its aliases. */
  readonly matched: Matched | undefined;
  /** Shortest TTL of the records answered, else of the SOA; undefined without either. */
  readonly ttl: number | undefined;
  readonly records: readonly AnsweredRecord[];
  readonly addresses: readonly string[];
  /** Length of the client's prefix that the answer holds for; 0: for everybody. */
  readonly scope: number;
  readonly place: Place;
  /** The chain as one writes it in `steering`: a preset, or a list; undefined where nothing is steered. */
  readonly steering: string | undefined;
  readonly reason: DecisionReason | undefined;
  /** Where the client's subnet decided; undefined where distance, weights or nobody did. */
  readonly sticky: Kept | undefined;
  readonly candidates: readonly ExplainedCandidate[];
  /** `differs`: the table does not say what steering decides: a fault of Azimuth. */
  readonly agreement: 'same' | 'differs';
};

/** Room for any answer (RFC 1035 §4.2.2). */
const MAX_MESSAGE = 65_535;

/** Asks the snapshot and tells why it answers so. */
export function explain(snapshot: Snapshot, ask: Ask): Explanation {
  const { answer, records } = answerTo(snapshot, ask);
  const place = snapshot.places.places[ask.place] ?? UNKNOWN_PLACE;
  const answered = records.filter(({ section }) => section === 'answer');
  const addresses = answered.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ data }) => data);
  const ttls = (answered.length > 0 ? answered : records).map(({ ttl }) => ttl);
  const isAlias = ask.type !== RR_TYPE.CNAME && ask.type !== RR_TYPE.ANY;
  const aliases = answered.filter(({ type }) => isAlias && type === 'CNAME');
  const found = findTarget(snapshot.table, aliases.at(-1)?.data ?? ask.name);
  const target = found?.target ?? NONE;
  const hostname = snapshot.model.hostnames[target];
  const kind: Matched['kind'] =
    hostname === undefined ? 'static' : hostname.name.startsWith('*.') ? 'wildcard' : 'hostname';
  return Object.freeze({
    name: ask.name,
    type: typeName(ask.type),
    zone: snapshot.model.zones[answer.zone]?.apex,
    outcome: answer.outcome,
    rcode: answer.rcode,
    authoritative: answer.authoritative,
    truncated: answer.truncated,
    matched: found === undefined ? undefined : { kind, owner: found.owner },
    ttl: ttls.length === 0 ? undefined : Math.min(...ttls),
    records,
    addresses,
    scope: Math.max(answer.placed ? ask.prefix : 0, answer.sticky ? subnetOf(ask).prefix : 0),
    place,
    ...(hostname === undefined ? UNSTEERED : steered(snapshot, { ask, target, hostname, place, addresses })),
  });
}

const UNSTEERED = {
  steering: undefined,
  reason: undefined,
  sticky: undefined,
  candidates: [],
  agreement: 'same',
} as const;

type Steered = {
  readonly ask: Ask;
  readonly target: number;
  readonly hostname: Hostname;
  readonly place: Place;
  readonly addresses: readonly string[];
};

function steered(
  snapshot: Snapshot,
  { ask, target, hostname, place, addresses }: Steered,
): Pick<Explanation, 'steering' | 'reason' | 'sticky' | 'candidates' | 'agreement'> {
  const candidates = candidatesOf(snapshot, target);
  const steps: TraceStep[] = [];
  const input = { policy: hostname.policy, candidates, client: place };
  const decision = steer(input, (step) => steps.push(step));
  const table = readSaid(snapshot.table, target, orderOf(snapshot.table, target, ask.place));
  const decided = said(decision, hostname);
  return {
    steering: chainText(hostname.policy),
    reason: decision.reason,
    sticky: keptBy(snapshot.table, target, input, decision, subnetOf(ask).hash),
    candidates: candidates.map((candidate, index) => ({
      ...describe(candidate, place, snapshot),
      steps: steps.flatMap(({ candidate: of, ...step }) => (of === index ? [step] : [])),
      chosen: chosenAs(candidate, index, decision, addresses),
    })),
    agreement: JSON.stringify(table) === JSON.stringify(decided) ? 'same' : 'differs',
  };
}

function subnetOf({ subnet }: Ask): Subnet {
  return subnet ?? NO_SUBNET;
}

function describe(
  { endpoint, state, drain }: Candidate,
  place: Place,
  { health, model }: Pick<Snapshot, 'health' | 'model'>,
): Omit<ExplainedCandidate, 'steps' | 'chosen'> {
  const { cluster, gateway, address, monitor, weight, tier, location } = endpoint;
  const believed = health.get(monitor) ?? UNSEEN;
  const measured = health.get(causeOf(monitor, health, model.calculated)) ?? UNSEEN;
  const [stateReason, freshness] = [believed.reason, measured.freshness ?? ('fresh' as const)];
  const pace = measured.pace ?? ('own' as const);
  const unready = endpoint.unready?.reason;
  const km = place.kind === 'known' ? Math.round(distanceKm(place, location)) : undefined;
  const sheds = shedding(endpoint, health);
  const { by: orders = [], writtenWeight, admits } = endpoint.order ?? {};
  const orderAdmits = admits === undefined ? undefined : admits / ALL_BUCKETS;
  const ordered = { measured: measuredState(endpoint, health), orders, writtenWeight, orderAdmits };
  const known = { cluster, gateway, address, monitor, state, stateReason, freshness, pace, drain, sheds, unready };
  return { ...known, ...ordered, weight, tier, distanceKm: km };
}

function chosenAs(
  { endpoint }: Candidate,
  index: number,
  { choices, aside }: Decision,
  addresses: readonly string[],
): ExplainedCandidate['chosen'] {
  const all = [...choices, ...(aside?.choices ?? [])];
  if (!all.some(({ candidates }) => candidates.includes(index))) return 'dropped';
  const address = parseAddress(endpoint.address)?.text;
  return address !== undefined && addresses.includes(address) ? 'answered' : 'eligible';
}

function answerTo(snapshot: Snapshot, ask: Ask): { answer: Answer; records: readonly AnsweredRecord[] } {
  const answer = createAnswer();
  const question = createQuestion();
  const name = nameToWire(ask.name);
  const message = createMessageBuffer(MAX_MESSAGE);
  if (name === undefined) return { answer, records: [] };
  setName(question, name);
  question.type = ask.type;
  question.place = ask.place;
  question.subnet = subnetOf(ask).hash;
  question.dice = ask.dice >>> 0;
  message.octets.set(name, QUESTION_AT);
  const start = QUESTION_AT + name.length + 4;
  lookup(snapshot.table, question, message, start, message.octets.length, answer);
  return { answer, records: readRecords(message.octets, start, answer) };
}
