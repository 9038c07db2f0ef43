/** A plan as a person reads it: who would be sent where, and what is wrong with that. */
import { bold, dim, paintState } from './colour.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { type Row, textTable } from './text-table.ts';

type Fields = ReadonlyMap<string, unknown>;

/** What a trouble is called, and how bad it is. */
const TROUBLES: Readonly<Record<string, readonly [severity: 'error' | 'warning' | 'info', text: string]>> = {
  'residency-breach': ['error', 'clients sent out of their residency area (a fault of Azimuth: please report it)'],
  'not-served': ['error', 'no longer served'],
  'no-cluster': ['error', 'left without a usable cluster'],
  'residents-without-answer': ['error', 'clients inside the residency area get no answer'],
  'clients-without-answer': ['error', 'some clients get no answer'],
  'last-resort': ['warning', 'the last resort speaks'],
  'one-cluster': ['warning', 'left with one usable cluster'],
};

/** The plan of a director or of configurations, as JSON has it, in lines. */
export function planText(plan: unknown): string {
  const of = recordOf(plan);
  return [
    ...headLines(of),
    '',
    clusterTable(of),
    '',
    summaryLine(of),
    ...listOf(of.get('affected')).map(troubleLine),
    ...listOf(of.get('clusters')).flatMap(overrunLine),
    ...worstLines(listOf(of.get('worst'))),
    '',
    verdictLine(of),
    '',
  ].join('\n');
}

function headLines(of: Fields): readonly string[] {
  const basis = recordOf(of.get('basis'));
  const changes = [
    ...listOf(of.get('lose')).map((cluster) => `without ${textOf(cluster)}`),
    ...listOf(of.get('set')).map((set) => `with ${textOf(set)}`),
  ];
  const what = changes.length === 0 ? '' : ` ${changes.join(', ')}`;
  const counted = [
    dim(
      'Clients are counted by the IPv4 addresses of the location data, each hostname alike; what they ask is not known.',
    ),
    dim(textOf(recordOf(of.get('clients')).get('source'))),
  ];
  if (textOf(basis.get('kind')) === 'director') {
    return [`${bold(`Plan${what}`)}, by the running director and the health that it measures.`, ...counted];
  }
  const [before, after] = [textOf(basis.get('before')), textOf(basis.get('after'))];
  const files = before === after ? before : `${after} in the place of ${before}`;
  return [
    `${bold(`Plan${what}`)}, offline from ${files}: everything is taken as healthy, nobody measured it.`,
    ...missingLine(textOf(of.get('noDirectorAt'))),
    ...errorLines(recordOf(basis.get('errors')), [before, after]),
    ...counted,
  ];
}

function missingLine(base: string): readonly string[] {
  return base === '' ? [] : [`${paintState('info')} no director answers at ${base}`];
}

function errorLines(errors: Fields, [before, after]: readonly [string, string]): readonly string[] {
  const files = new Map([
    [before, numberOf(errors.get('before'))],
    [after, numberOf(errors.get('after'))],
  ]);
  return [...files].flatMap(([file, count]) =>
    count === 0
      ? []
      : [`${paintState('warning')} ${file} has ${count} errors: azimuth check --config ${file} lists them`],
  );
}

function clusterTable(of: Fields): string {
  const clusters = listOf(of.get('clusters')).map(recordOf);
  const columns = [
    ...(clusters.some((one) => one.has('capacity')) ? (['capacity', 'full at'] as const) : []),
    ...(clusters.some((one) => one.has('load')) ? (['load'] as const) : []),
  ];
  const cells = { capacity: capacityCell, 'full at': fullCell, load: loadCell };
  const rows = clusters.map(
    (one): Row => [textOf(one.get('cluster')), ...shareCells(one), ...columns.map((column) => cells[column](one))],
  );
  const others = [
    ['nobody', recordOf(of.get('nobody'))],
    ["last resort's own addresses", recordOf(of.get('lastResortAddresses'))],
  ] as const;
  const named = others.filter(([, shift]) => numberOf(shift.get('before')) + numberOf(shift.get('after')) > 0);
  const head = ['cluster', 'before', 'after', 'change', ...columns].map((word) => bold(word));
  return textTable([head, ...rows, ...named.map(([name, shift]): Row => [dim(name), ...shareCells(shift)])]);
}

function shareCells(shift: Fields): readonly string[] {
  const [before, after] = [numberOf(shift.get('before')), numberOf(shift.get('after'))];
  return [percent(before), percent(after), changeText(after - before)];
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

function changeText(change: number): string {
  const points = (change * 100).toFixed(1);
  if (Number(points) === 0) return dim('-');
  return change > 0 ? `+${points}` : points;
}

function capacityCell(one: Fields): string {
  return one.has('capacity') ? rate(numberOf(one.get('capacity'))) : dim('-');
}

function fullCell(one: Fields): string {
  const after = recordOf(one.get('fullAt')).get('after');
  return typeof after === 'number' ? rate(after) : dim('-');
}

function loadCell(one: Fields): string {
  return rate(numberOf(recordOf(one.get('load')).get('after')));
}

function overrunLine(cluster: unknown): readonly string[] {
  const of = recordOf(cluster);
  if (textOf(recordOf(of.get('load')).get('verdict')) !== 'over') return [];
  return [
    `${paintState('error')} too little room: ${textOf(of.get('cluster'))} would get ${loadCell(of)} of ${capacityCell(of)}`,
  ];
}

function rate(requests: number): string {
  return `${Math.round(requests)}/s`;
}

function summaryLine(of: Fields): string {
  const hostnames = recordOf(of.get('hostnames'));
  const changed = numberOf(hostnames.get('changed'));
  if (changed === 0) return `No answer of ${hostnamesText(numberOf(hostnames.get('after')))} changes.`;
  const moved = percent(numberOf(of.get('moved')));
  const cached = numberOf(of.get('cachedSeconds'));
  return `The answers of ${hostnamesText(changed)} change: ${moved} of the clients are sent elsewhere; cached answers are gone after ${cached} s.`;
}

function troubleLine(affected: unknown): string {
  const of = recordOf(affected);
  const code = textOf(of.get('trouble'));
  const [severity, text] = TROUBLES[code] ?? ['warning', code];
  const [count, already] = [numberOf(of.get('count')), numberOf(of.get('already'))];
  if (count === 0) return `${paintState('info')} ${text}: ${hostnamesText(already)}, as now`;
  const first = listOf(of.get('first')).map(textOf);
  const more = count > first.length ? ` and ${count - first.length} more` : '';
  const names = first.length === 0 ? '' : `: ${first.join(', ')}${more}`;
  return `${paintState(severity)} ${text}: ${hostnamesText(count)}${names}${already === 0 ? '' : ` (and ${already} as now)`}`;
}

function hostnamesText(count: number): string {
  return count === 1 ? '1 hostname' : `${count} hostnames`;
}

function worstLines(worst: readonly unknown[]): readonly string[] {
  if (worst.length === 0) return [];
  const head = ['hostname', 'moved', 'clusters', 'shares'].map((word) => bold(word));
  return ['', textTable([head, ...worst.map((one) => hostnameRow(recordOf(one)))])];
}

function hostnameRow(of: Fields): Row {
  const usable = recordOf(of.get('usable'));
  const shares = [
    ...listOf(of.get('clusters')).map((one) => shareText(textOf(recordOf(one).get('cluster')), recordOf(one))),
    shareText('nobody', recordOf(of.get('nobody'))),
    shareText("last resort's own", recordOf(of.get('lastResortAddresses'))),
  ];
  return [
    textOf(of.get('name')),
    percent(numberOf(of.get('moved'))),
    `${numberOf(usable.get('before'))} → ${numberOf(usable.get('after'))}`,
    shares.filter((text) => text !== '').join(', '),
  ];
}

/** Only what changes by a tenth of a percent is worth a word. */
function shareText(name: string, shift: Fields): string {
  const [before, after] = [percent(numberOf(shift.get('before'))), percent(numberOf(shift.get('after')))];
  return before === after ? '' : `${name} ${before} → ${after}`;
}

function verdictLine(of: Fields): string {
  return textOf(of.get('verdict')) === 'fine'
    ? `${paintState('kept')}: nobody would be left without a cluster`
    : `${paintState('error')}: this would do harm`;
}
