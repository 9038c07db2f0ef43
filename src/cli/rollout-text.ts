import { paintState } from './colour.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';

/** A rollout of `/v1/status` in one line: how far it is, and what it waits for. */
export function rolloutLine(rollout: unknown): string {
  const of = recordOf(rollout);
  const steps = listOf(of.get('steps')).length;
  const to = listOf(of.get('to')).map(textOf).join(', ');
  const next = textOf(of.get('nextAt'));
  const notes = [
    steps > 0 ? `step ${numberOf(of.get('step'))} of ${steps}` : '',
    next === '' ? '' : `next ${next}`,
    textOf(of.get('trouble')),
  ];
  const head = `rollout ${textOf(of.get('name'))}  ${paintState(textOf(of.get('state')))}  ${numberOf(of.get('percent'))} % to ${to}`;
  return [head, ...notes].filter((part) => part !== '').join('  ');
}
