/** Smooths a loss, which jumps with every step's noise and timesteps. */

/** Share of the newest value in a mean. */
const newest = 0.06;

/** For each value the mean of it and those before, of which older ones count less. The first means weigh their few values equally. */
export function runningMeans(values: readonly number[]): number[] {
  const means: number[] = [];
  for (const [i, value] of values.entries()) {
    const share = Math.max(newest, 1 / (i + 1));
    means.push((1 - share) * (means[i - 1] ?? 0) + share * value);
  }
  return means;
}
