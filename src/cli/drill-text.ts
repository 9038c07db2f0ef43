/** Drills as a person reads them. */

import { bold, dim, paintState } from './colour.ts';
import { countText } from './count-text.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { scopeText } from './override-text.ts';
import { textTable } from './text-table.ts';

type Fields = ReadonlyMap<string, unknown>;

/** Latest samples of the shares that are shown. */
const SAMPLES_SHOWN = 12;

/** All drills in a table. */
export function drillTable(drills: readonly unknown[]): string {
  if (drills.length === 0) return 'There is no drill.';
  const rows = drills.map((drill) => {
    const of = recordOf(drill);
    const end = recordOf(of.get('end'));
    const why = end.size === 0 ? textOf(of.get('reason')) : endText(end);
    const when = textOf(of.get('state')) === 'planned' ? of.get('startAt') : of.get('endsAt');
    return [
      textOf(of.get('name')),
      doneText(of),
      paintState(textOf(of.get('state'))),
      `${numberOf(of.get('percent'))} %`,
      textOf(when),
      scopeText(of.get('scope')),
      why,
    ];
  });
  return textTable([['NAME', 'ACTION', 'STATE', 'DONE', 'NEXT', 'SCOPE', 'WHY'].map((word) => bold(word)), ...rows]);
}

/** How much of a drill is shown. */
export type DrillForm = {
  /** Most samples of the shares, of which the latest are shown. */
  readonly samples: number;
  readonly plan: 'shown' | 'left-out';
};

/** One drill with all that is known of it. */
export function drillText(drill: unknown, form: DrillForm = { samples: SAMPLES_SHOWN, plan: 'shown' }): string {
  const of = recordOf(drill);
  const plan = recordOf(of.get('plan'));
  return [
    ...headLines(of),
    ...(plan.size === 0 || form.plan === 'left-out' ? [] : ['', ...planLines(plan)]),
    '',
    bold('Timeline'),
    ...timelineLines(of),
    ...sharesLines(recordOf(of.get('shares')), form.samples),
  ].join('\n');
}

function headLines(of: Fields): readonly string[] {
  const end = recordOf(of.get('end'));
  const state = paintState(textOf(of.get('state')));
  const step = [`${numberOf(of.get('percent'))} %`, stepText(of)].filter((part) => part !== '').join('  ');
  const next = nextText(of);
  return [
    `${bold(`drill ${textOf(of.get('name'))}`)}  ${doneText(of)}  ${state}  ${step}`,
    scopeText(of.get('scope')),
    dim(`by ${textOf(of.get('by'))}: ${textOf(of.get('reason'))}${next === '' ? '' : `; ${next}`}`),
    ...(end.size === 0 ? [] : [`ended: ${endText(end)}`]),
  ];
}

/** The drills of `/v1/status`, a line each; of many those under way, and those that begin next. */
export function drillLines(drills: unknown): readonly string[] {
  const of = recordOf(drills);
  const first = listOf(of.get('first'));
  const more = numberOf(of.get('total')) - first.length;
  return [...first.map(drillLine), ...(more > 0 ? [`and ${countText(more, 'more drill')}`] : [])];
}

function drillLine(drill: unknown): string {
  const of = recordOf(drill);
  const state = textOf(of.get('state'));
  const parts = [
    `drill ${textOf(of.get('name'))}`,
    doneText(of),
    paintState(state),
    state === 'running' ? `${numberOf(of.get('percent'))} %` : '',
    state === 'running' ? stepText(of) : '',
    scopeText(of.get('scope')),
    nextText(of),
    `by ${textOf(of.get('by'))}: ${textOf(of.get('reason'))}`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** The drills under way that are about a cluster: `fail 50 % (without-eu)`. */
export function clusterDrillText(drills: unknown): string {
  const texts = listOf(drills).map((drill) => {
    const of = recordOf(drill);
    const isRunning = textOf(of.get('state')) === 'running';
    const part = isRunning ? `${numberOf(of.get('percent'))} %` : paintState(textOf(of.get('state')));
    return `${doneText(of)} ${part} (${textOf(of.get('name'))})`;
  });
  return texts.join(', ');
}

/** `step 1 of 3`, where there are several. */
function stepText(of: Fields): string {
  const steps = listOf(recordOf(of.get('ramp')).get('steps')).length;
  return steps > 1 ? `step ${numberOf(of.get('step'))} of ${steps}` : '';
}

/** When it begins, when it ends, or since when it is being rolled back. */
function nextText(of: Fields): string {
  const state = textOf(of.get('state'));
  const [word, key] =
    state === 'planned' ? ['begins', 'startAt'] : state === 'running' ? ['ends', 'endsAt'] : ['since', 'since'];
  const at = textOf(of.get(key));
  return state === 'over' || at === '' ? '' : `${word} ${at}`;
}

/** What it does: `drain`, or `weight 10`. */
function doneText(of: Fields): string {
  const action = textOf(of.get('action'));
  return action === 'weight' ? `weight ${numberOf(of.get('weight'))}` : action;
}

function endText(end: Fields): string {
  return `${textOf(end.get('kind'))}: ${textOf(end.get('why'))}`;
}

/** What was foreseen, or would come of it. */
export function planLines(plan: Fields): readonly string[] {
  const nobody = numberOf(recordOf(plan.get('nobody')).get('after'));
  const clusters = listOf(plan.get('clusters')).map((cluster) => {
    const of = recordOf(cluster);
    return [textOf(of.get('cluster')), percent(of.get('before')), percent(of.get('after'))];
  });
  const left = listOf(plan.get('left')).map(recordOf);
  const few = left.filter(
    (of) => numberOf(of.get('after')) <= 1 && numberOf(of.get('after')) < numberOf(of.get('before')),
  );
  const broken = listOf(plan.get('broken')).map(textOf);
  return [
    `${bold('Plan')}  ${textOf(plan.get('verdict'))}: the answers of ${countText(numberOf(plan.get('changed')), 'hostname')} change, ${percent(plan.get('moved'))} of the clients move, caches keep the old for up to ${numberOf(plan.get('cachedSeconds'))} s`,
    ...(nobody > 0 ? [`${percent(nobody)} of the clients would get no answer`] : []),
    textTable([['cluster', 'before', 'after'], ...clusters]),
    ...few.map(
      (of) =>
        `${textOf(of.get('name'))} is left with ${numberOf(of.get('after'))} of ${numberOf(of.get('before'))} clusters`,
    ),
    ...(broken.length === 0 ? [] : [`breaks rules of safety: ${broken.join(', ')}`]),
  ];
}

/** The entries of the timeline, a line each. */
function timelineLines(of: Fields): readonly string[] {
  return listOf(of.get('timeline')).map(momentLine);
}

/** One entry of a timeline. */
export function momentLine(moment: unknown): string {
  const of = recordOf(moment);
  const at = textOf(of.get('at')).replace('T', ' ');
  return `${dim(at)}  ${textOf(of.get('kind')).padEnd(16)}  ${textOf(of.get('detail'))}`;
}

function sharesLines(shares: Fields, most: number): readonly string[] {
  const clusters = listOf(shares.get('clusters')).map(textOf);
  const samples = most === 0 ? [] : listOf(shares.get('samples')).slice(-most).map(recordOf);
  if (samples.length === 0) return [];
  const rows = samples.map((sample) => {
    const [planned, answered] = [listOf(sample.get('planned')), listOf(sample.get('answered')).map(numberOf)];
    const total = answered.reduce((sum, count) => sum + count, 0);
    const cells = clusters.map((_, index) => {
      const share = total === 0 ? '-' : percent((answered[index] ?? 0) / total);
      return `${percent(planned[index])} / ${share}`;
    });
    return [textOf(sample.get('at')).slice(11, 19), ...cells];
  });
  return ['', `${bold('Shares')}  ${dim('planned / answered')}`, textTable([['UTC', ...clusters], ...rows])];
}

function percent(fraction: unknown): string {
  return `${(numberOf(fraction) * 100).toFixed(1)} %`;
}
