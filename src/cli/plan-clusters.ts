/** The clusters of a plan as a person reads them: their shares, and whether they have the room. */
import { bold, dim, paintState } from './colour.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { type Row, textTable } from './text-table.ts';

type Fields = ReadonlyMap<string, unknown>;

/** Most clusters that one line names. */
const MAX_NAMED = 8;

/** Why it is not known whether there is room. */
const UNKNOWN_ROOM: Readonly<Record<string, string>> = {
  'no-capacity': 'no capacity is set',
  'no-load': 'no monitor tells the load, and there is no --load',
  'no-share': 'too few clients now to tell from their load',
};

/** Who has which share, and what is known of capacities and loads. */
export function clusterTable(of: Fields): string {
  const clusters = listOf(of.get('clusters')).map(recordOf);
  const columns = [
    ...(clusters.some((one) => one.has('capacity')) ? (['capacity', 'full at'] as const) : []),
    ...(clusters.some((one) => recordOf(one.get('load')).has('before')) ? (['load now', 'load then'] as const) : []),
  ];
  const cells = { capacity: capacityCell, 'full at': fullCell, 'load now': loadNowCell, 'load then': loadThenCell };
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

/** Who has too little room, and of whom that is not known. */
export function roomLines(of: Fields): readonly string[] {
  const clusters = listOf(of.get('clusters')).map(recordOf);
  const unknown = Object.entries(UNKNOWN_ROOM).flatMap(([reason, text]) => {
    const names = clusters
      .filter((one) => textOf(recordOf(one.get('load')).get('reason')) === reason)
      .map((one) => textOf(one.get('cluster')));
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
    const named = names.slice(0, MAX_NAMED).join(', ');
    return names.length === 0 ? [] : [`${paintState('info')} room not known: ${named}${more} (${text})`];
  });
  return [...clusters.flatMap(overrunLine), ...unknown];
}

function overrunLine(of: Fields): readonly string[] {
  const verdict = textOf(recordOf(of.get('load')).get('verdict'));
  const what = `${loadThenCell(of)} of ${capacityCell(of)}`;
  const name = textOf(of.get('cluster'));
  if (verdict === 'over') return [`${paintState('error')} too little room: ${name} would get ${what}`];
  return verdict === 'over-already'
    ? [`${paintState('info')} too little room: ${name} would have ${what}, as now`]
    : [];
}

function shareCells(shift: Fields): readonly string[] {
  const [before, after] = [numberOf(shift.get('before')), numberOf(shift.get('after'))];
  return [percent(before), percent(after), changeText(after - before)];
}

/** A fraction, `12.5 %`. */
export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

function changeText(change: number): string {
  const points = (change * 100).toFixed(1);
  if (Number(points) === 0) return dim('-');
  return change > 0 ? `+${points}` : points;
}

function capacityCell(of: Fields): string {
  return rate(of.get('capacity'));
}

function fullCell(of: Fields): string {
  return rate(recordOf(of.get('fullAt')).get('after'));
}

function loadNowCell(of: Fields): string {
  return rate(recordOf(of.get('load')).get('before'));
}

function loadThenCell(of: Fields): string {
  return rate(recordOf(of.get('load')).get('after'));
}

function rate(requests: unknown): string {
  return typeof requests === 'number' ? `${Math.round(requests)}/s` : dim('-');
}
