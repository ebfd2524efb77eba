/** Gradient clipping by the norm of all gradients together, as torch.nn.utils.clip_grad_norm_ does it. */

import type { Gradients } from "./parameters.ts";

/** The Euclidean norm of all gradients as one vector. */
export function totalNorm(gradients: Gradients): number {
  let squares = 0;
  for (const gradient of gradients.values()) for (const g of gradient) squares += g * g;
  return Math.sqrt(squares);
}

/** The gradients, shortened together where their norm is above `most`. */
export function clipped(gradients: Gradients, norm: number, most: number): Gradients {
  const factor = most / (norm + 1e-6);
  if (factor >= 1) return gradients;
  return new Map([...gradients].map(([name, gradient]) => [name, gradient.map((g) => factor * g)]));
}
