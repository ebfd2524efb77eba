/**
 * The optional features of a graphics card with which onnxruntime takes faster kernels. A device is made with all that its adapter offers;
 * if results are wrong with them, with fewer, so that a faulty feature switches itself off on the card where it is faulty.
 */

import type { SelfTest } from "../../engine/self-test.ts";

/** In the order in which they are given up, last first: onnxruntime's matrix kernels need subgroups as well. */
const FASTER = ["subgroups", "subgroup-size-control", "chromium-experimental-subgroup-matrix"] as const;

export type FasterFeature = (typeof FASTER)[number];

/** @param offered the adapter's features @returns sets of features to try in this order; the last is empty */
export function featureSets(offered: ReadonlySet<string>): readonly (readonly FasterFeature[])[] {
  const all = FASTER.filter((feature) => offered.has(feature));
  const withoutMatrices = all.filter((feature) => feature !== "chromium-experimental-subgroup-matrix");
  return [all, withoutMatrices, []].filter((set, i, sets) => i === 0 || set.length < sets[i - 1]!.length);
}

/** A device that was tried, with what its test found. */
export interface Trial {
  readonly features: readonly FasterFeature[];
  readonly test: SelfTest;
}

/** Whether nothing that the device claims to have was wrong. */
export function allRight({ attention, fp16 }: Pick<SelfTest, "attention" | "fp16">, claimsFp16: boolean): boolean {
  return attention === "fused" && fp16 === claimsFp16;
}

/** The trial in which most is right; of equal ones the first, which has more features. */
export function best<T extends Trial>(trials: readonly T[]): T {
  const worth = ({ test }: T) => (test.attention === null ? 0 : 1) + (test.attention === "fused" ? 1 : 0) + (test.fp16 ? 1 : 0);
  return trials.reduce((a, b) => (worth(b) > worth(a) ? b : a));
}

/** The features that were given up, and the operation that was most wrong with them. */
export function givenUp(
  trials: readonly Trial[],
  chosen: Trial,
): readonly { readonly feature: FasterFeature; readonly because: string }[] {
  return FASTER.flatMap((feature) => {
    if (chosen.features.includes(feature)) return [];
    const last = trials.findLast(({ features }) => features.includes(feature));
    return last === undefined ? [] : [{ feature, because: worst(last.test) }];
  });
}

function worst({ results }: SelfTest): string {
  const error = ({ maxError }: SelfTest["results"][number]) => (Number.isNaN(maxError) ? Number.POSITIVE_INFINITY : maxError);
  return results.filter(({ used }) => !used).reduce((a, b) => (error(b) > error(a) ? b : a)).op;
}
