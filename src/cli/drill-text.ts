/** Drills as a person reads them. */
import { bold, dim, paintState } from './colour.ts';
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

/** One drill with all that is known of it. */
export function drillText(drill: unknown): string {
  const of = recordOf(drill);
  const plan = recordOf(of.get('plan'));
  return [
    ...headLines(of),
    ...(plan.size === 0 ? [] : ['', ...planLines(plan)]),
    '',
    bold('Timeline'),
    ...timelineLines(of),
    ...sharesLines(recordOf(of.get('shares'))),
  ].join('\n');
}

/** A drill in one line: what it does, and how it stands. */
function headLines(of: Fields): readonly string[] {
  const end = recordOf(of.get('end'));
  const state = paintState(textOf(of.get('state')));
  const steps = listOf(recordOf(of.get('ramp')).get('steps')).length;
  const step = steps > 1 ? `  step ${numberOf(of.get('step'))} of ${steps}` : '';
  const ends = textOf(of.get('endsAt'));
  return [
    `${bold(`drill ${textOf(of.get('name'))}`)}  ${doneText(of)}  ${state}  ${numberOf(of.get('percent'))} %${step}`,
    scopeText(of.get('scope')),
    dim(`by ${textOf(of.get('by'))}: ${textOf(of.get('reason'))}${ends === '' ? '' : `; ends ${ends}`}`),
    ...(end.size === 0 ? [] : [`ended: ${endText(end)}`]),
  ];
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
    `${bold('Plan')}  ${textOf(plan.get('verdict'))}: ${countText(numberOf(plan.get('changed')))} change, ${percent(plan.get('moved'))} of the clients move, caches keep the old for up to ${numberOf(plan.get('cachedSeconds'))} s`,
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
  const at = textOf(of.get('at')).replace('T', ' ').replace('Z', '');
  return `${dim(at)}  ${textOf(of.get('kind')).padEnd(15)}  ${textOf(of.get('detail'))}`;
}

function sharesLines(shares: Fields): readonly string[] {
  const clusters = listOf(shares.get('clusters')).map(textOf);
  const samples = listOf(shares.get('samples')).slice(-SAMPLES_SHOWN).map(recordOf);
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
  return ['', `${bold('Shares')}  ${dim('planned / answered')}`, textTable([['', ...clusters], ...rows])];
}

function countText(hostnames: number): string {
  return hostnames === 1 ? 'the answers of 1 hostname' : `the answers of ${hostnames} hostnames`;
}

function percent(fraction: unknown): string {
  return `${(numberOf(fraction) * 100).toFixed(1)} %`;
}
