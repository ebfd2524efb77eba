/** What the device panel says about a graphics card's optional features and about the kernels that the engine chose there. */

import type { CardReport } from "../../protocol/engine.ts";

/** The features in use, and those that were switched off because results were wrong with them; "" without any. */
export function fasterKernels({ features, givenUp }: CardReport): string {
  const off = givenUp.map(({ feature, because }) => `${feature} is switched off, because it computes wrong results (${because})`);
  return [...(features.length === 0 ? [] : [`use ${features.join(", ")}`]), ...off].join("; ");
}

/** The fastest kind of product that was measured at each width; "" if nothing was measured. */
export function fastestProducts({ kernels }: Pick<CardReport, "kernels">): string {
  const widths = [...new Set(kernels.map(({ width }) => width))];
  const fastest = widths.map((width) => {
    const { family, ms } = kernels.filter((each) => each.width === width).reduce((a, b) => (b.ms < a.ms ? b : a));
    return `${family} (${width} wide, ${ms.toFixed(1)} ms)`;
  });
  return fastest.join("; ");
}
