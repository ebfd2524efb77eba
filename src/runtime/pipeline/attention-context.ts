/** The sources that cross-attentions attend to, as inputs of the UNet's and the control models' graphs. */

import { floats, type HostTensor } from "../engine/backend.ts";

/** Keys and values of every cross-attention by graph input name (`PATH.k`, `PATH.v`), [1 or frames, tokens, C] each. */
export type KeysAndValues = Readonly<Record<string, HostTensor>>;

export interface ContextSource {
  readonly keysAndValues: KeysAndValues;
  /** Factor of the source's attention: 1 for the prompt. */
  readonly scale: number;
}

/** The prompt comes first, then the pictures of an IP-Adapter with their scale (likeness.ts). */
export type AttentionContext = readonly ContextSource[];

export function promptContext(keysAndValues: KeysAndValues): AttentionContext {
  return [{ keysAndValues, scale: 1 }];
}

/**
 * Graph inputs for frames `start` to `end` (exclusive). Inputs of the second source are called `PATH.k.1` and so on. Attention is linear
 * in its values, so a scale goes into these and needs no input of the graph.
 */
export function contextInputs(context: AttentionContext, start: number, end: number): Readonly<Record<string, HostTensor>> {
  const inputs: Record<string, HostTensor> = {};
  for (const [i, { keysAndValues, scale }] of context.entries()) {
    for (const [name, tensor] of Object.entries(keysAndValues)) {
      const seen = framesOf(tensor, start, end);
      inputs[i === 0 ? name : `${name}.${i}`] = scale === 1 || !name.endsWith(".v") ? seen : scaled(seen, scale);
    }
  }
  return inputs;
}

/** A tensor with one entry per frame is cut to the frames; one that holds for the whole clip stays. */
function framesOf(tensor: HostTensor, start: number, end: number): HostTensor {
  const [batch, ...rest] = tensor.shape as [number, ...number[]];
  if (batch === 1 || tensor.type !== "float32") return tensor;
  const each = rest.reduce((a, b) => a * b, 1);
  return floats(tensor.data.subarray(start * each, end * each), [end - start, ...rest]);
}

function scaled(tensor: HostTensor, factor: number): HostTensor {
  return tensor.type === "float32"
    ? floats(
        tensor.data.map((x) => factor * x),
        tensor.shape,
      )
    : tensor;
}
