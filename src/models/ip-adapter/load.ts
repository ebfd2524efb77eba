/**
 * Loads IP-Adapters for SD 1.x, plain and Plus. Source: tencent-ailab/IP-Adapter `ip_adapter.py` and `resampler.py`. Canonical are the
 * names of the author's files: `image_proj.…`, and `ip_adapter.N.to_k_ip.weight` with one N for each cross-attention of the UNet.
 */

import { ZoetropeError } from "../../core/errors.ts";
import { type ModelFile, modelName } from "../files.ts";
import { weightFiles } from "../folder.ts";
import { linearPlaces, normPlaces } from "../sd/unet-layout.ts";
import { openTensors, shapeOf, type TensorRef, type TensorTable } from "../tensors.ts";
import type { Component } from "../types.ts";
import { fileWeights, firstStranger, missingWeight, type Place, takePlaces } from "../weights.ts";

export interface IpAdapterConfig {
  /** "plain": tokens from the picture's one embedding; "plus": a resampler picks them out of the encoder's hidden state. */
  readonly kind: "plain" | "plus";
  /** Tokens that one picture gives: 4 (plain), 16 (Plus). */
  readonly tokens: number;
  /** Width of a token, which is that of the text. */
  readonly tokenWidth: number;
  /** Width of what the image encoder must give: its embedding's (plain) or its hidden state's (Plus). */
  readonly imageWidth: number;
  /** The numbers N in ascending order: the UNet's cross-attentions on the way down, then up, then in the middle. */
  readonly attentions: readonly number[];
}

export interface IpAdapter extends Component<IpAdapterConfig> {
  readonly name: string;
}

/** Channels of a head of the resampler's attention. */
export const RESAMPLER_HEAD = 64;

const TRAINING_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^image_proj_model\./, "image_proj."],
  [/^adapter_modules\./, "ip_adapter."],
];

const CHOOSE = "Choose ip-adapter_sd15 or ip-adapter-plus_sd15, or ip-adapter-plus-face_sd15 for faces.";

/** True for every file that `loadIpAdapter` loads or refuses. */
export function isIpAdapter(table: TensorTable): boolean {
  for (const key of table.keys())
    if (/^(image_proj|image_proj_model)\./.test(key) || /^(ip_adapter|adapter_modules)\.\d+\./.test(key)) return true;
  return false;
}

/** @throws ZoetropeError `ip-adapter/…`, `weights/…` */
export async function loadIpAdapter(files: readonly ModelFile[]): Promise<IpAdapter> {
  const parts = await weightFiles(files);
  const fileName = parts[0]!.source.name;
  const named = canonical((await openTensors(parts)).table);
  if (!isIpAdapter(named)) {
    throw new ZoetropeError("ip-adapter/not-one", { message: `${fileName} is not an IP-Adapter.`, hint: CHOOSE });
  }
  refuseVariants(named, fileName);
  const config = configFrom(named, fileName);
  const taken = takePlaces(named, places(named, config), fileName);
  const stranger = firstStranger(named, taken, /^(image_proj|ip_adapter)\./);
  if (stranger !== null) {
    throw new ZoetropeError("ip-adapter/unknown-layer", {
      message: `${fileName} has a layer that neither a plain IP-Adapter nor IP-Adapter Plus has: "${stranger.info.name}".`,
      hint: CHOOSE,
    });
  }
  return { name: modelName(files), config, weights: fileWeights(taken, fileName) };
}

function canonical(table: TensorTable): Map<string, TensorRef> {
  return new Map([...table].map(([key, ref]) => [TRAINING_NAMES.reduce((name, [from, to]) => name.replace(from, to), key), ref]));
}

/** Relatives that need more than CLIP's image encoder, or that belong to another family. */
function refuseVariants(named: TensorTable, fileName: string): void {
  const keys = [...named.keys()];
  const has = (pattern: RegExp) => keys.some((key) => pattern.test(key));
  const refuse = (variant: string, why: string): never => {
    throw new ZoetropeError("ip-adapter/variant", { message: `${fileName} is ${variant}, ${why}.`, hint: CHOOSE });
  };
  if (has(/^image_proj\.perceiver_resampler\./)) refuse("IP-Adapter FaceID Plus", "which needs a face recogniser");
  if (has(/_lora\./) || (has(/^image_proj\.proj\.0\./) && has(/^image_proj\.norm\./)))
    refuse("IP-Adapter FaceID", "which needs a face recogniser");
  if (has(/^image_proj\.proj\.0\./)) refuse("IP-Adapter Full Face", "which Zoetrope does not read");
  const width = shapeOf(named, keys.find((key) => key.endsWith(".to_k_ip.weight")) ?? "")?.[1];
  if (width === 2048) refuse("an IP-Adapter for SDXL", "and Zoetrope animates Stable Diffusion 1.x models");
}

function configFrom(named: TensorTable, fileName: string): IpAdapterConfig {
  const size = (key: string, dimension: number) => shapeOf(named, key)?.[dimension] ?? missingWeight(fileName, key);
  const numbers = [...named.keys()].flatMap((key) => /^ip_adapter\.(\d+)\.to_k_ip\.weight$/.exec(key)?.[1] ?? []);
  const attentions = numbers.map(Number).sort((a, b) => a - b);
  if (named.has("image_proj.latents")) {
    return {
      kind: "plus",
      tokens: size("image_proj.latents", 1),
      tokenWidth: size("image_proj.proj_out.weight", 0),
      imageWidth: size("image_proj.proj_in.weight", 1),
      attentions,
    };
  }
  const tokenWidth = size("image_proj.norm.weight", 0);
  const tokens = size("image_proj.proj.weight", 0) / tokenWidth;
  return { kind: "plain", tokens, tokenWidth, imageWidth: size("image_proj.proj.weight", 1), attentions };
}

function* places(named: TensorTable, { kind, tokens, tokenWidth, imageWidth, attentions }: IpAdapterConfig): Iterable<Place> {
  for (const n of attentions) {
    const width = shapeOf(named, `ip_adapter.${n}.to_k_ip.weight`)![0]!;
    for (const name of ["to_k_ip", "to_v_ip"]) yield [`ip_adapter.${n}.${name}.weight`, [width, tokenWidth]];
  }
  if (kind === "plain") {
    yield* linearPlaces("image_proj.proj", tokens * tokenWidth, imageWidth);
    yield* normPlaces("image_proj.norm", tokenWidth);
    return;
  }
  const width = shapeOf(named, "image_proj.latents")![2]!;
  yield ["image_proj.latents", [1, tokens, width]];
  yield* linearPlaces("image_proj.proj_in", width, imageWidth);
  yield* linearPlaces("image_proj.proj_out", tokenWidth, width);
  yield* normPlaces("image_proj.norm_out", tokenWidth);
  for (let i = 0; named.has(`image_proj.layers.${i}.0.to_q.weight`); i++) yield* resamplerPlaces(named, i, width);
}

function* resamplerPlaces(named: TensorTable, index: number, width: number): Iterable<Place> {
  const layer = `image_proj.layers.${index}`;
  const inner = shapeOf(named, `${layer}.0.to_q.weight`)![0]!;
  const hidden = shapeOf(named, `${layer}.1.1.weight`)?.[0] ?? 4 * width;
  for (const norm of ["0.norm1", "0.norm2", "1.0"]) yield* normPlaces(`${layer}.${norm}`, width);
  yield [`${layer}.0.to_q.weight`, [inner, width]];
  yield [`${layer}.0.to_kv.weight`, [2 * inner, width]];
  yield [`${layer}.0.to_out.weight`, [width, inner]];
  yield [`${layer}.1.1.weight`, [hidden, width]];
  yield [`${layer}.1.3.weight`, [width, hidden]];
}
