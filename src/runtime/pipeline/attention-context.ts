/** The sources that cross-attentions attend to, as inputs of the UNet's and the control models' graphs. */

import { framesIn, type Window } from "../../core/animation/windows.ts";
import { floats, type HostTensor } from "../engine/backend.ts";
import type { TextEmbedding, TextEmbeddings } from "./text.ts";

/** Keys and values of every cross-attention by graph input name (`PATH.k`, `PATH.v`), [1 or frames, tokens, C] each. */
export type KeysAndValues = Readonly<Record<string, HostTensor>>;

export interface ContextSource {
  readonly keysAndValues: KeysAndValues;
  /** Factor of the source's attention: 1 for the prompt; one for each frame of the clip where it changes over time. */
  readonly scale: number | Float32Array;
}

/** The prompt comes first, then the pictures of an IP-Adapter with their scale (likeness.ts). */
export type AttentionContext = readonly ContextSource[];

/** What both guidance calls attend to while a stage of the prompts holds. */
export interface StageContext {
  readonly cond: AttentionContext;
  /** null: no guidance. */
  readonly uncond: AttentionContext | null;
}

/** The contexts of all stages. @param contextOf computes keys and values of a text */
export async function stageContexts(
  { stages }: TextEmbeddings,
  contextOf: (text: TextEmbedding) => Promise<AttentionContext>,
): Promise<StageContext[]> {
  const contexts: StageContext[] = [];
  for (const { cond, uncond } of stages)
    contexts.push({ cond: await contextOf(cond), uncond: uncond === null ? null : await contextOf(uncond) });
  return contexts;
}

export function promptContext(keysAndValues: KeysAndValues): AttentionContext {
  return [{ keysAndValues, scale: 1 }];
}

/**
 * Graph inputs for a window's frames. Inputs of the second source are called `PATH.k.1` and so on. Attention is linear
 * in its values, so a scale goes into these and needs no input of the graph.
 */
export function contextInputs(context: AttentionContext, window: Window): Readonly<Record<string, HostTensor>> {
  const inputs: Record<string, HostTensor> = {};
  for (const [i, { keysAndValues, scale }] of context.entries()) {
    for (const [name, tensor] of Object.entries(keysAndValues)) {
      const isValue = name.endsWith(".v");
      const input = i === 0 ? name : `${name}.${i}`;
      if (typeof scale !== "number") inputs[input] = everyFrame(tensor, framesIn(window, scale, 1), isValue);
      else inputs[input] = scale === 1 || !isValue ? framesOf(tensor, window) : scaled(framesOf(tensor, window), scale);
    }
  }
  return inputs;
}

/** A tensor with one entry per frame is cut to the frames; one that holds for the whole clip stays. */
export function framesOf(tensor: HostTensor, window: Window): HostTensor {
  const [batch, ...rest] = tensor.shape as [number, ...number[]];
  if (batch === 1 || tensor.type !== "float32") return tensor;
  const each = rest.reduce((a, b) => a * b, 1);
  return floats(framesIn(window, tensor.data, each), [window.end - window.start, ...rest]);
}

/** A tensor of the whole clip, [1, …], repeated for frames; values are multiplied by each frame's scale. */
function everyFrame(tensor: HostTensor, scales: Float32Array, isValue: boolean): HostTensor {
  if (tensor.type !== "float32") return tensor;
  const each = tensor.data.length;
  const data = new Float32Array(scales.length * each);
  for (const [frame, scale] of scales.entries())
    data.set(isValue ? tensor.data.map((x) => scale * x) : tensor.data, frame * each);
  return floats(data, [scales.length, ...tensor.shape.slice(1)]);
}

function scaled(tensor: HostTensor, factor: number): HostTensor {
  return tensor.type === "float32"
    ? floats(
        tensor.data.map((x) => factor * x),
        tensor.shape,
      )
    : tensor;
}
