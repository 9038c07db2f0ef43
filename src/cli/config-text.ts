import { type ConfigProblem, formatProblem } from '../config/load.ts';

/** All problems of a configuration for a person, one a line. */
export function configText(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `the configuration has ${count}:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`;
}
