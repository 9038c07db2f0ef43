import type { Config } from '../config/config.ts';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { ControlView } from '../core/health/breaker-controls.ts';
import type { BreakerTurn } from '../core/health/breaker-terms.ts';
import type { DirectorOptions } from '../director.ts';
import type { Observer } from './observer.ts';

/** Most control targets that a finding names. */
const MAX_NAMED = 5;

/** When the director doubts its own prober, by the configuration. Turns are logged and are the findings of the breaker. */
export function breakerOf(
  { prober, file }: Config,
  observer: Pick<Observer, 'log' | 'onBreaker'>,
  onFindings: (findings: readonly Finding[]) => void,
): NonNullable<DirectorOptions['breaker']> {
  return {
    ...prober.breaker,
    controls: prober.controls.map(({ id }) => id),
    onTurn(turn) {
      const message = turnText(turn);
      const { log } = observer;
      if (turn.state === 'blind') log('breaker-opened', { cause: turn.cause, text: message });
      else log('breaker-closed', { relief: turn.relief, text: message, withheld: turn.withheld });
      observer.onBreaker?.(turn, message);
      onFindings(turn.state === 'blind' ? [finding('prober-blind', { file }, message, ADVICE)] : []);
    },
  };
}

const ADVICE = 'Look at the network of this director; if the outage is real, run "azimuth breaker close".';

const RELIEFS = {
  controls: 'the control targets are good',
  calm: 'it is no mass any more',
  operator: 'by order of an operator',
  longest: 'it took too long to go on waiting',
} as const;

function turnText(turn: BreakerTurn): string {
  if (turn.state === 'trusting') return `The prober is believed again: ${RELIEFS[turn.relief]}.`;
  const what = turn.cause === 'controls' ? failingText(turn.controls) : 'Most monitors of most clusters fell at once';
  return `${what}: that is taken for a fault of the prober, and no measurement takes an endpoint out of the answers.`;
}

function failingText(controls: readonly ControlView[]): string {
  const failing = controls.filter(({ state }) => state === 'failing');
  const named = failing.slice(0, MAX_NAMED).map(({ target, last }) => {
    const why = last?.outcome.kind === 'failure' ? last.outcome.failure : 'failed';
    return `${target} (${why})`;
  });
  return `${failing.length} of ${controls.length} control targets fail, ${named.join(', ')}`;
}
