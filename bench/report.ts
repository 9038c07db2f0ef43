/** Samples become tables. Pure functions. */
import type { Contestant, Sample, Workload } from './measure.ts';

/** A server as the tables name it. */
export type Named = Pick<Contestant, 'id' | 'title' | 'version' | 'steers'>;

/** The median of some numbers; NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** CPU of one query, user and system. */
export function totalUs({ userUs, systemUs }: Sample): number {
  return userUs + systemUs;
}

/** The median over the rounds of a figure of one server divided by that of another in the same round. */
export function pairedRatio(
  samples: readonly Sample[],
  peer: string,
  to: string,
  figure: (sample: Sample) => number,
): number {
  const useful = samples.filter(hasAnswers);
  const base = new Map(useful.filter((sample) => sample.peer === to).map((sample) => [sample.round, figure(sample)]));
  const ratios = useful
    .filter((sample) => sample.peer === peer && (base.get(sample.round) ?? 0) > 0)
    .map((sample) => figure(sample) / base.get(sample.round)!);
  return median(ratios);
}

/** The three tables, one per workload, each server where it was found in the list. */
export function tables(peers: readonly Named[], samples: readonly Sample[]): string {
  return [
    '## Saturated, a random /24 in ECS',
    '',
    saturated(peers, of(samples, 'subnets'), true),
    '',
    '## Saturated, without ECS',
    '',
    saturated(peers, of(samples, 'plain'), false),
    '',
    '## 20,000 queries a second, a random /24 in ECS',
    '',
    paced(peers, of(samples, 'paced')),
  ].join('\n');
}

function of(samples: readonly Sample[], workload: Workload['id']): readonly Sample[] {
  return samples.filter((sample) => sample.workload === workload);
}

function saturated(peers: readonly Named[], samples: readonly Sample[], withMemory: boolean): string {
  const head = ['server', 'steers', 'user µs', 'system µs', 'CPU µs', '× gdnsd', '× C echo', 'qps', 'lost', 'wrong'];
  const rows = measured(peers, samples).map(({ id, title, steers, own }) => [
    title,
    steers,
    middle(own, ({ userUs }) => userUs, 2),
    middle(own, ({ systemUs }) => systemUs, 2),
    middle(own, totalUs, 2),
    digits(pairedRatio(samples, id, 'gdnsd', totalUs), 2),
    digits(pairedRatio(samples, id, 'echo', totalUs), 2),
    middle(own, ({ qps }) => qps, 0),
    ...failures(own),
    ...(withMemory ? [middle(own, ({ memory }) => memory / 1e6, 0)] : []),
  ]);
  return markdownTable(withMemory ? [...head, 'RSS MB'] : head, rows);
}

function paced(peers: readonly Named[], samples: readonly Sample[]): string {
  const head = ['server', 'CPU µs', '× gdnsd', 'p50 µs', 'p99 µs', 'p99 × gdnsd', 'qps', 'lost', 'wrong'];
  const p99 = ({ p99Us }: Sample): number => p99Us;
  const rows = measured(peers, samples).map(({ id, title, own }) => [
    title,
    middle(own, totalUs, 1),
    digits(pairedRatio(samples, id, 'gdnsd', totalUs), 2),
    middle(own, ({ p50Us }) => p50Us, 0),
    middle(own, p99, 0),
    digits(pairedRatio(samples, id, 'gdnsd', p99), 2),
    middle(own, ({ qps }) => qps, 0),
    ...failures(own),
  ]);
  return markdownTable(head, rows);
}

function measured(peers: readonly Named[], samples: readonly Sample[]) {
  return peers
    .map((peer) => ({ ...peer, own: samples.filter((sample) => sample.peer === peer.id) }))
    .filter(({ own }) => own.length > 0);
}

/** Without a single answer there is no cost of one; the loss is told in its own column. */
function hasAnswers({ qps }: Sample): boolean {
  return qps > 0;
}

function middle(own: readonly Sample[], figure: (sample: Sample) => number, decimals: number): string {
  return digits(median(own.filter(hasAnswers).map(figure)), decimals);
}

/** Lost and wrong answers of all rounds together. */
function failures(own: readonly Sample[]): readonly string[] {
  const lost = own.reduce((all, sample) => all + sample.lost, 0);
  const wrong = own.reduce((all, sample) => all + sample.wrong, 0);
  return [digits(lost, 0), digits(wrong, 0)];
}

/** A number with so many decimals and commas between the thousands; a dash where there is none. */
export function digits(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Columns of words; all others are figures and stand to the right. */
const WORDS = ['server', 'steers', 'what'];

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((title) => (WORDS.includes(title) ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
