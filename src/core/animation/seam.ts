/** Measures a loop's seam: the step from the last picture to the first, against the steps between neighbours. */

/**
 * 1: the seam is a step like any other; 3: it jumps three times as far.
 * @param pictures at least three, all of one size
 * @returns the distance of last and first over the median distance of neighbours; root mean squares over all numbers
 */
export function seamRatio(pictures: readonly Float32Array[]): number {
  const steps = pictures.slice(1).map((picture, i) => distance(pictures[i]!, picture));
  return distance(pictures.at(-1)!, pictures[0]!) / median(steps);
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
