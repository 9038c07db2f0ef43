import { HERE } from './board.ts';

/** A counter per second, summed up. `by` are labels; `of` more of what is selected. */
export function perSecond(metric: string, by: readonly string[] = [], of = ''): string {
  return `sum by (${by.join(', ')}) (rate(${metric}{${selector(of)}}[$__rate_interval]))`;
}

/** So much of a histogram is below this. */
export function quantile(part: number, metric: string, by: readonly string[] = [], of = ''): string {
  const labels = ['le', ...by].join(', ');
  return `histogram_quantile(${part}, sum by (${labels}) (rate(${metric}_bucket{${selector(of)}}[$__rate_interval])))`;
}

/** A gauge, summed up. */
export function total(metric: string, by: readonly string[] = [], of = ''): string {
  return `sum by (${by.join(', ')}) (${metric}{${selector(of)}})`;
}

/** The largest of a gauge. */
export function largest(metric: string, by: readonly string[] = [], of = ''): string {
  return `max by (${by.join(', ')}) (${metric}{${selector(of)}})`;
}

/**
 * What is counted by a breakdown (codes, clusters, protocols): summed up for each director, and that of the director that counts
 * most. The largest of the parts would be too little, and the sum over directors too much: they count the same.
 */
export function counted(metric: string, by: readonly string[] = [], of = ''): string {
  return `max by (${by.join(', ')}) (${total(metric, ['job', 'instance', ...by], of)})`;
}

/**
 * How much a counter that all directors have of the same grew within a window, by the one that saw most. Prometheus extrapolates: rounded
 * it is exact while it is a few.
 */
export function grown(metric: string, window: string, by: readonly string[] = [], of = ''): string {
  const increases = `sum by (${['job', 'instance', ...by].join(', ')}) (increase(${metric}{${selector(of)}}[${window}]))`;
  return `max by (${by.join(', ')}) (round(${increases}))`;
}

/**
 * The worst state of which there is one, by the director that sees it worst: 0 up, 1 degraded, 2 unseen, 3 down. The metric is 0/1 or
 * a count by state.
 */
export function worstState(metric: string, by: readonly string[], of = ''): string {
  const seen = ['up', 'degraded', 'unseen', 'down'].map(
    (state, index) => `(${metric}{${selector(of, `state="${state}"`)}} > bool 0) * ${index}`,
  );
  return `max by (${by.join(', ')}) (${seen.join(' or ')})`;
}

/** Nothing is 0: for what has no series while there is none of it. Where there is something, nothing is added to it. */
export function orZero(expr: string): string {
  return `${expr} or on () vector(0)`;
}

function selector(...more: readonly string[]): string {
  return [HERE, ...more].filter((each) => each !== '').join(', ');
}
