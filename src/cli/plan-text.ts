/** A plan as a person reads it: who would be sent where, and what is wrong with that. */

import { spanText } from './age-text.ts';
import { bold, dim, paintState } from './colour.ts';
import { countText } from './count-text.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { clusterTable, percent, roomLines } from './plan-clusters.ts';
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
    ...roomLines(of),
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
  const isLive = textOf(basis.get('kind')) === 'director';
  const counted = countedLines(recordOf(of.get('clients')), isLive).map((line) => dim(line));
  if (isLive) {
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

/** By what clients are counted, and whose location data that are. */
function countedLines(clients: Fields, isLive: boolean): readonly string[] {
  const source = textOf(clients.get('source'));
  if (textOf(clients.get('counted')) !== 'queries') {
    const asked = isLive ? 'what they ask counts with --by queries.' : 'what they ask is not known.';
    return [`Clients are counted by the IPv4 addresses of the location data, each hostname alike; ${asked}`, source];
  }
  const observed = recordOf(clients.get('observed'));
  const [questions, perSecond] = [numberOf(observed.get('questions')), numberOf(observed.get('perSecond'))];
  const unplaced = numberOf(observed.get('unplaced'));
  const life = spanText(numberOf(observed.get('halfLifeSeconds')));
  return [
    `Clients are counted by what they ask: ${questions} questions in ${spanText(numberOf(observed.get('seconds')))}, ${perSecond.toFixed(1)}/s; after ${life} a question counts half.`,
    'Hostnames count by theirs and places by theirs: who asks for which is not known.',
    ...(unplaced > 0
      ? [`${percent(unplaced)} came from places beyond the counted ones, and are divided among those by addresses.`]
      : []),
    source,
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

function summaryLine(of: Fields): string {
  const hostnames = recordOf(of.get('hostnames'));
  const changed = numberOf(hostnames.get('changed'));
  if (changed === 0) return `No answer of ${countText(numberOf(hostnames.get('after')), 'hostname')} changes.`;
  const moved = percent(numberOf(of.get('moved')));
  const cached = numberOf(of.get('cachedSeconds'));
  return `The answers of ${countText(changed, 'hostname')} change: ${moved} of the clients are sent elsewhere; cached answers are gone after ${cached} s.`;
}

function troubleLine(affected: unknown): string {
  const of = recordOf(affected);
  const code = textOf(of.get('trouble'));
  const [severity, text] = TROUBLES[code] ?? ['warning', code];
  const [count, already] = [numberOf(of.get('count')), numberOf(of.get('already'))];
  if (count === 0) return `${paintState('info')} ${text}: ${countText(already, 'hostname')}, as now`;
  const first = listOf(of.get('first')).map(textOf);
  const more = count > first.length ? ` and ${count - first.length} more` : '';
  const names = first.length === 0 ? '' : `: ${first.join(', ')}${more}`;
  return `${paintState(severity)} ${text}: ${countText(count, 'hostname')}${names}${already === 0 ? '' : ` (and ${already} as now)`}`;
}

function worstLines(worst: readonly unknown[]): readonly string[] {
  if (worst.length === 0) return [];
  const rows = worst.map(recordOf);
  const isAsked = rows.some((of) => of.has('asked'));
  const head = ['hostname', ...(isAsked ? ['asked'] : []), 'moved', 'clusters', 'shares'].map((word) => bold(word));
  return ['', textTable([head, ...rows.map((of) => hostnameRow(of, isAsked))])];
}

function hostnameRow(of: Fields, isAsked: boolean): Row {
  const usable = recordOf(of.get('usable'));
  const shares = [
    ...listOf(of.get('clusters')).map((one) => shareText(textOf(recordOf(one).get('cluster')), recordOf(one))),
    shareText('nobody', recordOf(of.get('nobody'))),
    shareText("last resort's own", recordOf(of.get('lastResortAddresses'))),
  ];
  return [
    textOf(of.get('name')),
    ...(isAsked ? [percent(numberOf(of.get('asked')))] : []),
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
