import type { Origin } from '../core/desired/finding.ts';
import type { Overrides } from './environment.ts';
import type { Complain, Path } from './problem.ts';

/** Where the values come from and where problems go. */
export type Assembly = {
  readonly file: string;
  /** Absolute; paths of the file count from here. */
  readonly directory: string;
  readonly overrides: Overrides;
  readonly complain: Complain;
  readonly originOf: (path: Path) => Origin;
};
