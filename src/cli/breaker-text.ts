import { paintState } from './colour.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';

/** Lines on the breaker as the admin API shows it; none where all is well. */
export function breakerText(breaker: unknown): readonly string[] {
  const of = recordOf(breaker);
  const bad = listOf(of.get('controls'))
    .map(recordOf)
    .filter((each) => textOf(each.get('state')) === 'failing');
  const failing = bad.map((each) => `${textOf(each.get('target'))} ${textOf(each.get('failure'))}`);
  const withheld = numberOf(of.get('withheld'));
  if (textOf(of.get('state')) === 'blind') {
    const why = textOf(of.get('cause')) === 'controls' ? 'the control targets fail' : 'most of all fell at once';
    return [
      `${paintState('blind')} since ${textOf(of.get('since'))}: ${why}; until ${textOf(of.get('until'))} at the latest no measurement takes an endpoint away (${withheld} would be down)`,
      ...failing.map((each) => `  ${each}`),
      '  If the outage is real: azimuth breaker close',
    ];
  }
  const lines = failing.map((each) => `${paintState('warning')} control target ${each}`);
  if (withheld > 0) lines.push(`${withheld} monitors are measured down from before the prober could see again`);
  return lines;
}
