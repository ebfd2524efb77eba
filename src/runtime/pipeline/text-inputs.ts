/** Keys and values that cross-attentions attend to, as inputs of the UNet's and the control models' graphs. */

import { floats, type HostTensor } from "../engine/backend.ts";

/** Keys and values of every cross-attention, by graph input name; [1 or frames, tokens, C] each. */
export type TextInputs = Readonly<Record<string, HostTensor>>;

/** Texts of single frames are cut to the window; a text for the whole clip stays. */
export function textOfFrames(text: TextInputs, start: number, end: number): TextInputs {
  return Object.fromEntries(
    Object.entries(text).map(([name, tensor]) => {
      const [batch, ...rest] = tensor.shape as [number, ...number[]];
      if (batch === 1 || tensor.type !== "float32") return [name, tensor];
      const each = rest.reduce((a, b) => a * b, 1);
      return [name, floats(tensor.data.subarray(start * each, end * each), [end - start, ...rest])];
    }),
  );
}
