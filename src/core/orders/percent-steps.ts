/** What is wrong with the steps of something that goes from 0 to 100 %, in words; undefined where nothing is. */
export function mistakeInSteps(steps: readonly number[], most: number): string | undefined {
  const isRising = steps.every((step, index) => Number.isInteger(step) && step > (steps[index - 1] ?? 0));
  const isWhole = isRising && steps.at(-1) === 100 && steps.length <= most;
  return isWhole ? undefined : `Steps are whole percents that rise to 100, at most ${most} of them.`;
}
