/** What a metric counts in, by the base units of Prometheus. */
type MetricUnit = 'value' | 'seconds' | 'timestamp' | 'bytes' | 'count' | 'version' | 'ratio' | 'bool';

/** One metric: what it is, its labels, its unit and what it tells. */
export type MetricSpec = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly unit: MetricUnit;
  readonly help: string;
};

/** Metrics by name. */
export type MetricTable = Readonly<Record<`azimuth_${string}`, MetricSpec>>;
