/**
 * Tune-A-Video (Wu et al. 2022, arXiv 2212.11565): a UNet of pictures tuned on one clip. Its file holds what the tuning changed, under
 * the names of the UNet that the paper's authors publish: the queries of both attentions and a temporal attention in every transformer
 * block; and `latents`, the noise [F, 4, h, w] that DDIM inversion found for the clip.
 */

import { ZoetropeError } from "../core/errors.ts";
import { type ModelFile, modelName } from "./files.ts";
import { weightFiles } from "./folder.ts";
import { openTensors, type TensorRef, type TensorTable } from "./tensors.ts";
import type { Component, UnetConfig, WeightSource } from "./types.ts";
import { fileWeights, type NamedTensor, readFinite } from "./weights.ts";

export interface TunedClip {
  readonly name: string;
  readonly weights: WeightSource;
  /** Widths of the UNet's levels, the outermost first; null: not known. */
  readonly levels: readonly number[] | null;
  /** null: the training was interrupted before it looked for them. */
  readonly latents: { readonly shape: readonly number[]; read(): Promise<Float32Array> } | null;
}

export const LATENTS = "latents";
/** Entry of the metadata: widths of the UNet's levels, "64,96,192". */
export const LEVELS = "zoetrope.levels";

/** The layers that the tuning changes, as the paper chooses them. */
const TUNED = /\.(?:attn[12]\.to_q|attn_temp\.(?:to_q|to_k|to_v|to_out\.0))\.(?:weight|bias)$/;
const BLOCK = /^(.+\.transformer_blocks\.\d+)\.attn1\.to_q\.weight$/;

export function isTunedClip(table: TensorTable): boolean {
  return [...table.keys()].some((key) => key.endsWith(".attn_temp.to_q.weight"));
}

/** @returns null where the files are something else. @throws ZoetropeError `tuned-clip/noise` */
export async function loadTunedClip(files: readonly ModelFile[]): Promise<TunedClip | null> {
  const parts = await weightFiles(files);
  const { table, metadata } = await openTensors(parts);
  if (!isTunedClip(table)) return null;
  const tensors = new Map<string, NamedTensor>();
  for (const [key, ref] of table) if (key !== LATENTS) tensors.set(key, { ref, shape: ref.info.shape });
  const weights = fileWeights(tensors, parts[0]!.source.name);
  return {
    name: modelName(files),
    weights,
    levels: levelsOf(metadata, weights),
    latents: latentsOf(table.get(LATENTS), parts[0]!.source.name),
  };
}

function latentsOf(ref: TensorRef | undefined, fileName: string): TunedClip["latents"] {
  if (ref !== undefined && ref.info.shape.length !== 4) {
    throw new ZoetropeError("tuned-clip/noise", {
      message: `${fileName} stores its clip's noise as [${ref.info.shape.join(", ")}], not as [frames, channels, height, width].`,
      hint: "Tune the model on the clip again, or leave the tensor out: animations then begin from the seed's noise.",
    });
  }
  return ref === undefined ? null : { shape: ref.info.shape, read: () => readFinite(ref) };
}

/**
 * The UNet with the weights of the tuning in place of its own.
 * @throws ZoetropeError `tuned-clip/other-checkpoint`
 */
export function tunedUnet(unet: Component<UnetConfig>, { name, weights }: TunedClip): Component<UnetConfig> {
  const fits = tunedKeys(unet.weights).every(([key, shape]) => weights.has(key) && sameShape(weights.shape(key), shape));
  if (!fits) {
    throw new ZoetropeError("tuned-clip/other-checkpoint", {
      message: `${name} was tuned on another kind of checkpoint: its layers do not fit.`,
      hint: "Choose the checkpoint that it was tuned with.",
    });
  }
  return tunedOnClip(unet, weights);
}

/** The UNet before its tuning: the temporal layers change nothing yet. @param randn so many normals */
export function untunedUnet(unet: Component<UnetConfig>, randn: (count: number) => Float32Array): Component<UnetConfig> {
  const fresh = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  for (const [key, shape] of tunedKeys(unet.weights)) {
    if (unet.weights.has(key)) continue;
    const count = shape.reduce((a, b) => a * b, 1);
    // The deviation of torch's own start values.
    const deviation = 1 / Math.sqrt(3 * shape.at(-1)!);
    const data = /\.to_[qkv]\.weight$/.test(key) ? randn(count).map((x) => deviation * x) : new Float32Array(count);
    fresh.set(key, { shape, data: key.endsWith("norm_temp.weight") ? data.fill(1) : data });
  }
  return tunedOnClip(unet, {
    has: (key) => fresh.has(key),
    shape: (key) => fresh.get(key)!.shape,
    keys: () => fresh.keys(),
    read: async (key) => fresh.get(key)!.data.slice(),
  });
}

/** Keys of the weights that the tuning changes. */
export function tunedLayers(weights: WeightSource): string[] {
  return [...weights.keys()].filter((key) => TUNED.test(key));
}

/** All weights that a tuning adds or changes, with their shapes. The norm before the temporal attention stays as it begins. */
function tunedKeys(weights: WeightSource): [key: string, shape: readonly number[]][] {
  return [...weights.keys()].flatMap((key): [string, readonly number[]][] => {
    const block = BLOCK.exec(key)?.[1];
    if (block === undefined) return [];
    const width = weights.shape(key)[1]!;
    const inner = weights.shape(key)[0]!;
    return [
      [key, [inner, width]],
      [`${block}.attn2.to_q.weight`, [inner, width]],
      [`${block}.norm_temp.weight`, [width]],
      [`${block}.norm_temp.bias`, [width]],
      ...["to_q", "to_k", "to_v"].map((name): [string, number[]] => [`${block}.attn_temp.${name}.weight`, [inner, width]]),
      [`${block}.attn_temp.to_out.0.weight`, [width, inner]],
      [`${block}.attn_temp.to_out.0.bias`, [width]],
    ];
  });
}

function tunedOnClip({ config, weights }: Component<UnetConfig>, own: WeightSource): Component<UnetConfig> {
  const of = (key: string) => (own.has(key) ? own : weights);
  const stored = weights.stored !== undefined && own.stored !== undefined;
  return {
    config: { ...config, tunedOnClip: true },
    weights: {
      has: (key) => own.has(key) || weights.has(key),
      shape: (key) => of(key).shape(key),
      keys: () => new Set([...weights.keys(), ...own.keys()]),
      read: (key) => of(key).read(key),
      ...(stored ? { stored: (key: string) => of(key).stored!(key) } : {}),
    },
  };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** What the file says, else what its layers tell: levels without attention have none, and the innermost is as wide as the middle. */
function levelsOf(metadata: Readonly<Record<string, string>>, weights: WeightSource): readonly number[] | null {
  const said = (metadata[LEVELS] ?? "").split(",").map(Number);
  if (said.every((width) => Number.isInteger(width) && width > 0)) return said;
  const widthOf = (place: string) => {
    const key = [...weights.keys()].find((each) => each.startsWith(place) && each.endsWith(".attn_temp.to_q.weight"));
    return key === undefined ? null : weights.shape(key)[1]!;
  };
  const last = Math.max(0, ...[...weights.keys()].map((key) => Number(/^(?:up|down)_blocks\.(\d+)\./.exec(key)?.[1] ?? 0)));
  const levels = Array.from({ length: last + 1 }, (_, i) => {
    const own = widthOf(`down_blocks.${i}.`) ?? widthOf(`up_blocks.${last - i}.`);
    return i === last ? (own ?? widthOf("mid_block.")) : own;
  });
  const known = levels.filter((width) => width !== null);
  return known.length === levels.length ? known : null;
}
