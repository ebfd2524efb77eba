/** What training changes: named tensors in fp32, each in the shape that its file gives it. */

export interface Parameter {
  readonly shape: readonly number[];
  /** Training writes into it. */
  readonly data: Float32Array;
}

export type Parameters = ReadonlyMap<string, Parameter>;

/** One gradient for each parameter, by the same names. */
export type Gradients = ReadonlyMap<string, Float32Array>;

/** Adds in place. */
export function addGradients(sum: Gradients, added: Gradients): void {
  for (const [name, gradient] of sum) {
    const other = added.get(name)!;
    for (let i = 0; i < gradient.length; i++) gradient[i]! += other[i]!;
  }
}
