/** A number that is worth a look above `warning`, and worth waking somebody above `critical`. */
export type Threshold = {
  /** In the operators' guide. */
  readonly what: string;
  /** What is compared, by job and instance; a ratio or seconds. */
  readonly expr: string;
  readonly unit: 'percent of what it may use' | 'seconds' | 'percent of the answers';
  readonly warning: number;
  readonly critical: number;
};

/** The bounds that boards and alerts share. */
export const THRESHOLDS = {
  cpu: {
    what: 'processor time',
    expr: 'azimuth:processor:ratio_rate5m',
    unit: 'percent of what it may use',
    warning: 0.7,
    critical: 0.9,
  },
  memory: {
    what: 'resident memory',
    expr: 'azimuth:memory:ratio',
    unit: 'percent of what it may use',
    warning: 0.8,
    critical: 0.9,
  },
  latency: {
    what: 'answer to our own question (95 of 100)',
    expr: 'azimuth:self_check_seconds:p95_10m',
    unit: 'seconds',
    warning: 0.025,
    critical: 0.1,
  },
  errors: {
    what: 'questions not answered, or with SERVFAIL',
    expr: 'azimuth:answer_errors:ratio_rate5m',
    unit: 'percent of the answers',
    warning: 0.001,
    critical: 0.01,
  },
} as const satisfies Readonly<Record<string, Threshold>>;

/** Days before its end at which a certificate is worth a warning, and is urgent. */
export const CERTIFICATE_DAYS = { warning: 14, critical: 3 } as const;

/** The objective: of all questions, so few at most are not answered or answered with SERVFAIL, over 30 days. */
export const ANSWER_ERROR_BUDGET = 0.0001;

/** The objective for a change to be in the answers after it was decided, in seconds; one bucket of the histogram. */
export const DECISION_SECONDS = 1;
/** The fraction of the changes that may take longer. */
export const SLOW_DECISION_BUDGET = 0.01;
/** So few slow changes within an hour are no news, whatever fraction they are. */
export const FEW_SLOW_DECISIONS = 3;

/** So few questions that fail within the longer window are no news: a director that nobody asks would page for one of them. */
export const FEW_FAILURES = 10;

/** The fraction of the questions that the system may drop because a listener's receive queue was full. */
export const QUEUE_DROPS = 0.001;
/** So few of them within ten minutes are no news. */
export const FEW_QUEUE_DROPS = 10;

/** The fraction of the probes that may be left out because the process stood still or was too busy. */
export const MISSED_SLOTS = 0.01;

/** So many requests with a wrong token or certificate within a quarter of an hour are no slip of somebody's. */
export const MANY_STRANGERS = 20;

/** How far, as a fraction of all answers, a cluster may be from its expected share. */
export const SHARE_TOLERANCE = 0.15;

/** The fraction of the steered answers that may be refusals by residency and other fences. */
export const RESIDENCY_REFUSALS = 0.01;
/** So few refusals within ten minutes are no news, whatever fraction they are. */
export const FEW_REFUSALS = 10;

/** The table for `docs/operations.md`. */
export function thresholdsMarkdown(): string {
  const rows = Object.values<Threshold>(THRESHOLDS).map(({ what, expr, unit, warning, critical }) => {
    return `| ${what} | \`${expr}\` | ${numberIn(warning, unit)} | ${numberIn(critical, unit)} |`;
  });
  return ['| what | series | warning above | critical above |', '|---|---|---|---|', ...rows].join('\n');
}

function numberIn(value: number, unit: Threshold['unit']): string {
  if (unit === 'seconds') return `${value * 1000} ms`;
  return `${Number((value * 100).toPrecision(6))} ${unit}`;
}
