/** The forms of the UNet's graph that benches compare, by short names that can be joined by "+". */

import type { GraphForms } from "../src/graph/style.ts";
import type { StyleTuning } from "../src/runtime/engine/backend.ts";

const forms: Readonly<Record<string, GraphForms>> = {
  bias: { biasInProduct: true },
  qkv: { jointQkv: true },
  geglu: { biasSplitGelu: true },
  rows: { alignedRows: 128 },
  "im2col-wide": { im2col: "wide" },
  im2col: { im2col: "all" },
};

const others: Readonly<Record<string, StyleTuning>> = {
  /** Pieces of 128 Mi values in place of 32 Mi. */
  pieces: { maxHidden: 128 * 2 ** 20 },
  /** Activations are not rounded to 8 bits. */
  exact: { accuracy: () => 0 },
  "no-if": { chunking: "inline" },
};

/** @throws RangeError for a name that is none */
export function tuningOf(names: string): StyleTuning {
  let [tuning, form]: [StyleTuning, GraphForms] = [{}, {}];
  for (const name of names.split("+")) {
    if (name in others) tuning = { ...tuning, ...others[name] };
    else if (name in forms) form = { ...form, ...forms[name] };
    else throw new RangeError(`${name} is no form; there are ${[...Object.keys(forms), ...Object.keys(others)].join(", ")}`);
  }
  return { ...tuning, forms: form };
}
