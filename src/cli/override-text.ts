import { paintState } from './colour.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';

/** What is ordered: `down`, `drain 50 %`, `weight 10`. */
export function actionText(of: ReadonlyMap<string, unknown>): string {
  const action = textOf(of.get('action'));
  const percent = of.get('percent') === undefined ? '' : ` ${numberOf(of.get('percent'))} %`;
  if (action === 'pin') return `pin to ${textOf(of.get('cluster'))}`;
  return action === 'weight' ? `weight ${numberOf(of.get('weight'))}${percent}` : action + percent;
}

/** When it is in force, where that is bounded. */
export function timeText(of: ReadonlyMap<string, unknown>): string {
  return ['from', 'until']
    .filter((word) => textOf(of.get(word)) !== '')
    .map((word) => `${word} ${textOf(of.get(word))}`)
    .join(' ');
}

/** What it is about: `clusters eu-* but hostnames a.example`. */
export function scopeText(scope: unknown): string {
  const except = selectionText(recordOf(scope).get('except'));
  return selectionText(scope) + (except === '' ? '' : ` but ${except}`);
}

function selectionText(selection: unknown): string {
  const of = recordOf(selection);
  const lists = ['clusters', 'gateways', 'hostnames', 'teams'].map((key) => [key, listOf(of.get(key))] as const);
  return lists
    .filter(([, patterns]) => patterns.length > 0)
    .map(([key, patterns]) => `${key} ${patterns.map(textOf).join(', ')}`)
    .join('; ');
}

/** The overrides of `/v1/status`, a line each; of many the newest. */
export function overrideLines(overrides: unknown): readonly string[] {
  const of = recordOf(overrides);
  const newest = listOf(of.get('newest'));
  const more = numberOf(of.get('total')) - newest.length;
  return [...newest.map(overrideLine), ...(more > 0 ? [`and ${more} more overrides`] : [])];
}

/** An override in one line. */
export function overrideLine(override: unknown): string {
  const of = recordOf(override);
  const planned = of.get('state') === 'planned' ? ` ${paintState('planned')}` : '';
  const time = timeText(of);
  const head = `override ${textOf(of.get('name'))}  ${paintState(actionText(of))}${planned}`;
  const tail = `by ${textOf(of.get('by'))}: ${textOf(of.get('reason'))}`;
  return [head, time, tail].filter((part) => part !== '').join('  ');
}
