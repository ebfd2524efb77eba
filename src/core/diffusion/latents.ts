/** Arithmetic on latents, which are flat fp32 arrays; the samplers are written in these terms. */

/** Σ weight · values element by element, in double precision, rounded to fp32 once. All arrays have the same length. */
export function weightedSum(...terms: readonly (readonly [weight: number, values: Float32Array])[]): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(terms[0]?.[1].length ?? 0);
  for (const [weight, values] of terms) {
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * values[i]!;
  }
  return new Float32Array(sum);
}

export function scaled(values: Float32Array, factor: number): Float32Array<ArrayBuffer> {
  return weightedSum([factor, values]);
}
