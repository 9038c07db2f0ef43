import {
  FEW_QUEUE_DROPS,
  FEW_REFUSALS,
  MANY_STRANGERS,
  MISSED_SLOTS,
  QUEUE_DROPS,
  RESIDENCY_REFUSALS,
} from './thresholds.ts';

const DAY = 86_400;

/** Refusals as a part of all answers that name a cluster, or nobody. */
export function residencyRefusals(): string {
  const counted = (of: string, how = 'rate'): string => `sum by (job, instance) (${how}(azimuth_dns_${of}[10m]))`;
  const refused = 'exceptional_answers_total{reason="residency"}';
  const all = `(${counted('cluster_answers_total')} + ${counted('exceptional_answers_total{reason=~"residency|nobody"}')})`;
  return `${counted(refused)} / ${all} > ${RESIDENCY_REFUSALS} and ${counted(refused, 'increase')} > ${FEW_REFUSALS}`;
}

/** Of a gateway, by whoever saw it last: a restart, or a probe that fails, does not begin the wait anew. */
export function certificateEndsWithin(days: number): string {
  const last = 'last_over_time(azimuth_probe_certificate_expiry_seconds[1h])';
  return `min by (job, cluster, gateway) (${last}) < ${days * DAY}`;
}

/** Late ones, and those that were left out because the process stood still: these have no lateness. */
export function probesLate(): string {
  const late =
    'histogram_quantile(0.99, sum by (job, instance, le) (rate(azimuth_probe_lateness_seconds_bucket[10m]))) > 1';
  const [missed, started] = ['azimuth_probe_slots_missed_total', 'azimuth_probe_lateness_seconds_count'].map(
    (name) => `sum by (job, instance) (rate(${name}[10m]))`,
  );
  return `${late} or ${missed} / (${missed} + ${started}) > ${MISSED_SLOTS}`;
}

/** By listener, where they are many and a part of all questions that matters. */
export function receiveQueueDrops(): string {
  const dropped = 'azimuth_dns_receive_queue_drops_total[10m]';
  const lost = `sum by (job, instance) (rate(${dropped}))`;
  const ratio = `${lost} / (${lost} + sum by (job, instance) (rate(azimuth_dns_responses_total[10m])))`;
  return `sum by (job, instance, listener) (increase(${dropped})) > ${FEW_QUEUE_DROPS} and on (job, instance) ${ratio} > ${QUEUE_DROPS}`;
}

/** What is saved behind the answers, and orders that could not be. */
export function stateNotSaved(): string {
  const codes = 'journal-not-written|picture-not-saved|state-reserve-used|state-reserve-gone';
  return `${found(codes)} or ${refusals('not-saved|not-recorded', '15m')} > 0`;
}

/** What should be in the journal or the audit is not there. */
export function stateDamaged(): string {
  return found(DAMAGE);
}

/** What is wrong with the input alone: a prober that is blind and a state that is damaged have alerts of their own. */
export function inputErrors(): string {
  return `sum by (job, instance) (azimuth_findings{severity="error", code!~"prober-blind|${DAMAGE}"}) > 0`;
}

const DAMAGE = 'audit-broken|journal-damaged|journal-missing|journal-taken-away';

function found(codes: string): string {
  return `sum by (job, instance) (azimuth_findings{code=~"${codes}"}) > 0`;
}

/** Requests of callers who are not known. */
export function strangers(): string {
  return `${refusals('token-wrong|certificate-unknown|rate-limited', '15m')} > ${MANY_STRANGERS}`;
}

function refusals(codes: string, window: string): string {
  return `sum by (job, instance) (increase(azimuth_orders_refused_total{code=~"${codes}"}[${window}]))`;
}
