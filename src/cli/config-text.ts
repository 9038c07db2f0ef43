import { type ConfigProblem, formatProblem } from '../config/load.ts';
import { countText } from './count-text.ts';

/** All problems of a configuration for a person, one a line. */
export function configText(problems: readonly ConfigProblem[]): string {
  return `the configuration has ${countText(problems.length, 'problem')}:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`;
}
