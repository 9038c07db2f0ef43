/**
 * What a person ordered, laid over what was measured and never into it. A drained cluster gets no new answers.
 * Times are ms since the epoch; `from`: when it begins, absent where it is in force at once.
 */
export type DrainOverride = {
  readonly cluster: string;
  readonly at: number;
  readonly from?: number;
  readonly by: string;
  readonly reason: string;
};

/** All overrides in force, by cluster name. */
export type Overrides = ReadonlyMap<string, DrainOverride>;
