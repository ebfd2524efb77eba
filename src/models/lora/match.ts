/** Finds the weights that a LoRA changes in the given models, and reports layers that cannot be used. */

import { ZoetropeError } from "../../core/errors.ts";
import { readFinite } from "../weights.ts";
import type { Lora, ScaledLayer } from "./load.ts";
import { addressOf, type LoraComponent, type LoraTargets, layerNames } from "./places.ts";

/** The change of one weight: W += weight × scale × up · down. */
export interface LoraDelta {
  readonly component: LoraComponent;
  /** Canonical key of the weight. */
  readonly key: string;
  readonly rank: number;
  /** alpha / rank */
  readonly scale: number;
  readonly outSize: number;
  /** Product of the weight's other dimensions: inputs, times the kernel's places for a convolution. */
  readonly inSize: number;
  /** up [outSize, rank], down [rank, inSize] as fp32. */
  read(): Promise<{ up: Float32Array<ArrayBuffer>; down: Float32Array<ArrayBuffer> }>;
}

export interface MatchedLora {
  readonly lora: Lora;
  readonly deltas: readonly LoraDelta[];
  readonly used: number;
  readonly total: number;
  /** "264 of 264 layers used", or "192 of 264 layers used; 72 belong to the text encoder, which …". */
  readonly report: string;
  readonly rejected: readonly { readonly layer: string; readonly reason: string }[];
}

const COMPONENT_NAMES: Readonly<Record<LoraComponent, string>> = {
  unet: "the UNet",
  textEncoder: "the text encoder",
  motion: "the motion module",
};

/** @throws `lora/wrong-width` or `lora/matches-nothing` when no layer can be used, or few and by chance */
export function matchLora(lora: Lora, targets: LoraTargets): MatchedLora {
  const names = new Map<LoraComponent, Map<string, string>>();
  for (const component of ["unet", "textEncoder", "motion"] as const) {
    const weights = targets[component];
    if (weights != null) names.set(component, layerNames(component, weights));
  }
  const deltas: LoraDelta[] = [];
  const rejected: { layer: string; reason: string }[] = [];
  const misfits: string[] = [];
  for (const layer of lora.layers) {
    const { component, path } = addressOf(layer.name);
    const key = names.get(component)?.get(path);
    if (key === undefined) {
      const missing = names.has(component)
        ? "have no place in this model"
        : `belong to ${COMPONENT_NAMES[component]}, which is not loaded`;
      rejected.push({ layer: layer.name, reason: missing });
      continue;
    }
    const delta = deltaOf(layer, component, key, targets[component]!.shape(key));
    if (typeof delta === "string") {
      misfits.push(delta);
      rejected.push({ layer: layer.name, reason: "have other widths than this model" });
    } else {
      deltas.push(delta);
    }
  }
  // Small models share widths here and there: a LoRA of another model may fit in a few places by chance.
  if (deltas.length <= misfits.length) refuseUseless(lora, misfits[0] ?? null, rejected);
  return { lora, deltas, used: deltas.length, total: lora.layers.length, report: reportOf(deltas.length, rejected), rejected };
}

/** The delta, or why it does not fit. */
function deltaOf(layer: ScaledLayer, component: LoraComponent, key: string, shape: readonly number[]): LoraDelta | string {
  const [out, ...rest] = shape as [number, ...number[]];
  const { down, mid, up } = layer;
  const inputs = down.info.shape.slice(1).reduce(product, 1) * (mid?.info.shape.slice(2).reduce(product, 1) ?? 1);
  const inSize = rest.reduce(product, 1);
  if (inputs !== inSize) return `a layer of it takes ${down.info.shape[1]} inputs where the model has ${rest[0]}`;
  if (up.info.shape[0] !== out) return `a layer of it gives ${up.info.shape[0]} outputs where the model has ${out}`;
  const read = async () => {
    const [upValues, downValues] = await Promise.all([readFinite(up), readFinite(down)]);
    return {
      up: upValues,
      down: mid === null ? downValues : expandTucker(await readFinite(mid), downValues, mid.info.shape, rest[0]!),
    };
  };
  const rank = mid?.info.shape[0] ?? layer.rank;
  return { component, key, rank, scale: layer.scale, outSize: out, inSize, read };
}

function product(a: number, b: number): number {
  return a * b;
}

/** mid [p, q, kh, kw], down [q, in] -> [p, in, kh, kw]: folds the middle convolution into the first one. */
function expandTucker(
  mid: Float32Array,
  down: Float32Array,
  shape: readonly number[],
  inputs: number,
): Float32Array<ArrayBuffer> {
  const [p, q, kh, kw] = shape as [number, number, number, number];
  const places = kh * kw;
  const out = new Float32Array(p * inputs * places);
  for (let a = 0; a < p; a++) {
    for (let b = 0; b < q; b++) {
      for (let i = 0; i < inputs; i++) {
        const value = down[b * inputs + i]!;
        const from = (a * q + b) * places;
        const to = (a * inputs + i) * places;
        for (let k = 0; k < places; k++) out[to + k]! += value * mid[from + k]!;
      }
    }
  }
  return out;
}

function reportOf(used: number, rejected: readonly { reason: string }[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of rejected) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [`${used} of ${used + rejected.length} layers used`];
  for (const [reason, n] of counts) parts.push(n === 1 ? `1 ${singular(reason)}` : `${n} ${reason}`);
  return parts.join("; ");
}

function singular(reason: string): string {
  return reason.replace(/^have/, "has").replace(/^belong/, "belongs");
}

function refuseUseless(lora: Lora, misfit: string | null, rejected: readonly { layer: string; reason: string }[]): never {
  if (misfit !== null) {
    throw new ZoetropeError("lora/wrong-width", {
      message: `${lora.fileName} was made for a model of other widths: ${misfit}.`,
      hint: "Choose a LoRA trained on the same family as the checkpoint.",
    });
  }
  if (lora.kind === "motion-lora" && rejected.every(({ reason }) => reason.startsWith("belong"))) {
    throw new ZoetropeError("lora/needs-motion", {
      message: `${lora.fileName} is a motion LoRA, and no motion module is loaded.`,
      hint: "Choose a motion module first; camera LoRAs were made for AnimateDiff v2.",
    });
  }
  throw new ZoetropeError("lora/matches-nothing", {
    message: `${lora.fileName} fits nothing here: none of its ${rejected.length} layers has a place in this model (the first is "${rejected[0]?.layer}").`,
    hint: "Choose a LoRA trained on the same family as the checkpoint.",
  });
}
