import type { Annotated } from './annotations/setting.ts';
import { isEqual } from './equal.ts';
import { deepFreeze } from './freeze.ts';
import type { Judgement } from './model.ts';
import { choose, type Say } from './precedence.ts';

/** The judgement of a monitor where nothing else is asked: what `rise` and `fall` say holds at once. */
export const AT_ONCE: Judgement = Object.freeze({
  forgive: 1,
  retryMs: 0,
  failoverDelayMs: 0,
  failback: 'auto',
  slowStartMs: 0,
  flapDampingMs: 0,
  degradedLatencyMs: 0,
  degradedCertificateDays: 0,
});

/** What the annotations say on judgement; empty where that is `AT_ONCE`, however it is written. */
export function judgementOf(sources: readonly Annotated[], say: Say): { readonly judgement?: Judgement } {
  const judgement: Judgement = {
    forgive: choose('probe-forgive', sources, say)?.value ?? AT_ONCE.forgive,
    retryMs: msOf(choose('probe-retry', sources, say)?.value),
    failoverDelayMs: choose('failover-delay', sources, say)?.value ?? AT_ONCE.failoverDelayMs,
    failback: atOnce(choose('failback', sources, say)?.value ?? AT_ONCE.failback),
    slowStartMs: choose('slow-start', sources, say)?.value ?? AT_ONCE.slowStartMs,
    flapDampingMs: msOf(choose('flap-damping', sources, say)?.value),
    degradedLatencyMs: msOf(choose('degraded-latency', sources, say)?.value),
    degradedCertificateDays:
      choose('degraded-certificate-days', sources, say)?.value ?? AT_ONCE.degradedCertificateDays,
  };
  return isEqual(judgement, AT_ONCE) ? {} : { judgement: deepFreeze(judgement) };
}

/** A judgement in the identity of its monitor: a word for each setting that is not the default, '' where all are. */
export function judgementText(judgement: Judgement = AT_ONCE): string {
  const words = [
    ['forgive', judgement.forgive, AT_ONCE.forgive],
    ['retry', judgement.retryMs, AT_ONCE.retryMs],
    ['failover-delay', judgement.failoverDelayMs, AT_ONCE.failoverDelayMs],
    ['failback', judgement.failback, AT_ONCE.failback],
    ['slow-start', judgement.slowStartMs, AT_ONCE.slowStartMs],
    ['flap-damping', judgement.flapDampingMs, AT_ONCE.flapDampingMs],
    ['degraded-latency', judgement.degradedLatencyMs, AT_ONCE.degradedLatencyMs],
    ['degraded-certificate-days', judgement.degradedCertificateDays, AT_ONCE.degradedCertificateDays],
  ] as const;
  return words.flatMap(([word, value, usual]) => (value === usual ? [] : [` ${word}=${value}`])).join('');
}

function msOf(value: 'none' | number | undefined): number {
  return value === undefined || value === 'none' ? 0 : value;
}

/** Nothing to wait for is no wait. */
function atOnce(failback: Judgement['failback']): Judgement['failback'] {
  return failback === 0 ? 'auto' : failback;
}
